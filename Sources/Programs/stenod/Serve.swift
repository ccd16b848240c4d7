import API
import Access
import Archive
import ArgumentParser
import Crypto
import Fleet
import Foundation
import Hummingbird
import Identity
import Logging
import ServiceLifecycle
import Synchronization
import SystemCalls
import UnixSignals
import Viewing
import Web
import YAML

/// Runs the centre until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the centre (the default).")

  @OptionGroup var data: DataOption
  @Option(name: .long, help: "HOST:PORT to take connections at; port 0 takes a free one.")
  var listen: String?
  @Option(name: .customLong("config"), help: "Configuration file, YAML.")
  var configurationFile: String?
  @Option(name: .long, help: ArgumentHelp("Read the pages from this folder, to work on them.", visibility: .hidden))
  var assets: String?

  func run() async throws {
    // Whatever is made here is the centre's alone, the socket before it has its group included.
    umask(0o077)
    let settings = try readSettings()
    guard let address = settings.address else { throw ValidationError("--listen is HOST:PORT") }
    let directory = try data.directory()
    // Held until the process ends.
    _ = try directory.lock()
    LoggingSystem.bootstrap(StreamLogHandler.standardError)
    let logger = Logger(label: "stenod")
    let authority = try directory.authority(now: Date())
    let archive = try directory.openArchive(bounds: settings.bounds)
    let projector = Projector(archive: archive)
    let sessions = Sessions(archive: archive, limits: settings.sessionLimits)
    let server = CentreServer(
      routes: Routes(
        archive: archive, fleet: Fleet(archive: archive, authority: authority), sessions: sessions,
        projector: projector, metrics: Metrics(), streamInterval: .seconds(settings.streamSeconds),
        assetFolder: assets, now: { milliseconds(of: Date()) }),
      logger: logger)
    // A service's output goes to a log, whose readers are not to sign in with it; for them there is `stenod link`.
    let link = ServiceManager.isThere ? nil : try archive.makeLink(role: .admin, now: milliseconds(of: Date()))
    let names = serverNames(settings, address.host)
    // Its key is made here, and never lies on disk.
    let identity = try ServerIdentity(
      now: { Date() },
      make: { now in
        let key = P256.Signing.PrivateKey()
        return ServerIdentity.Made(
          certificatePEM: try authority.serverCertificatePEM(
            names: names.names, addresses: names.addresses, key: key, now: now),
          keyPEM: key.pemRepresentation, renewAt: now + Authority.lifetime * 2 / 3)
      })
    let socket = directory.file("stenod.sock").path
    // Left by a process that was killed; the lock says that nobody listens there.
    unlink(socket)
    let listeners = Listeners(awaited: 2) { port in
      let place = "\(settings.publicHost(ProcessInfo.processInfo.hostName)):\(port)"
      // For `stenod link`, which cannot know the port.
      try? directory.write(place, to: "address", mode: 0o600)
      var text = "stenod: listening on \(address.host):\(port)\n"
      if let link { text += "stenod: sign in once: https://\(place)/#link=\(link)\n" }
      // Whoever started the centre may wait for this line; one that nobody reads any more keeps the centre from nothing.
      do throws(OutputError) {
        try SystemCalls.show(Array(text.utf8))
      } catch {
        if !error.isReaderGone { complain("stenod: \(error.sentence)") }
      }
      ServiceManager.tellReady()
    }
    let network = try server.network(
      host: address.host, port: address.port, authorityPEM: try authority.certificatePEM, identity: identity,
      bounds: connectionBounds(settings)
    ) { port in listeners.began(port: port) }
    let local = server.local(path: socket) { listeners.began() }
    let keeper = Keeper(
      archive: archive, projector: projector, sessions: sessions, abandonAfterHours: settings.abandonAfterHours,
      logger: logger)
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: network), .init(service: local), .init(service: keeper)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    do {
      try await group.run()
    } catch {
      // Mostly that the address is taken, or not this machine's.
      throw Failure("\(settings.listen): \(sentence(of: error))")
    }
    ServiceManager.tellStopping()
    try archive.close()
  }

  /// As many as descriptors allow: a server that runs out of them takes no connection any more.
  private func connectionBounds(_ settings: Settings) -> ConnectionBounds {
    var limit = rlimit()
    var bounds = settings.connections
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return bounds }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    bounds.total = min(bounds.total, max(1, Int(clamping: limit.rlim_cur) - ConnectionBounds.descriptorsKept))
    return bounds
  }

  private func readSettings() throws -> Settings {
    var settings = Settings()
    if let configurationFile {
      guard let file = try SmallFile.read(Array(configurationFile.utf8), limit: 1 << 20) else {
        throw Failure("\(configurationFile): not there")
      }
      do {
        settings = try Settings(yaml: file.bytes)
      } catch {
        throw Failure("\(configurationFile): \(error)")
      }
    }
    if let listen { settings.listen = listen }
    return settings
  }

  private func serverNames(_ settings: Settings, _ host: String) -> (names: [String], addresses: [[UInt8]]) {
    var names: [String] = []
    var addresses: [[UInt8]] = []
    for name in ["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName, host] + settings.names {
      if let address = addressBytes(name) {
        if !addresses.contains(address) { addresses.append(address) }
      } else if HostCertificate.isHostName(name), !names.contains(name) {
        names.append(name)
      }
    }
    return (names, addresses)
  }
}

/// The 4 or 16 bytes of an IP address; nil when `text` is none.
private func addressBytes(_ text: String) -> [UInt8]? {
  var four = in_addr()
  if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { [UInt8]($0) } }
  var sixteen = in6_addr()
  if inet_pton(AF_INET6, text, &sixteen) == 1 { return withUnsafeBytes(of: sixteen) { [UInt8]($0) } }
  return nil
}

/// Waits until all listeners take connections.
private final class Listeners: Sendable {
  private let state: Mutex<(awaited: Int, port: Int)>
  private let then: @Sendable (Int) -> Void

  /// - Parameter then: Called once, with the port of the one that has one.
  init(awaited: Int, then: @escaping @Sendable (Int) -> Void) {
    state = Mutex((awaited, 0))
    self.then = then
  }

  func began(port: Int = 0) {
    let (left, port) = state.withLock { state in
      state.awaited -= 1
      state.port += port
      return state
    }
    if left == 0 { then(port) }
  }
}

/// Seals what has ended, calls abandoned what nobody goes on with, and makes keyframes of both.
struct Keeper: Service {
  /// A recording that has ended waits at most so long in rows.
  private static let interval = Duration.seconds(5)

  let archive: Archive
  let projector: Projector
  let sessions: Sessions
  let abandonAfterHours: Int
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await round()
        // Cancelled: the loop ends.
        try? await Task.sleep(for: Self.interval)
      }
    }
  }

  private func round() async {
    do {
      try await archive.abandon(before: milliseconds(of: Date()) - Int64(abandonAfterHours) * 3_600_000)
      for id in try archive.unsealed() where !Task.isCancelled { await seal(id) }
      for id in try await projector.indexer.due() where !Task.isCancelled { await index(id) }
      try await sessions.clean(now: milliseconds(of: Date()))
    } catch {
      logger.error("looking for what is to be done failed", metadata: ["error": "\(sentence(of: error))"])
    }
  }

  /// One that cannot be sealed, say since its rows are damaged, keeps no other from it.
  private func seal(_ id: RecordingID) async {
    do {
      try await archive.seal(id)
    } catch {
      logger.error("sealing failed", metadata: ["recording": "\(id)", "error": "\(sentence(of: error))"])
    }
  }

  private func index(_ id: RecordingID) async {
    do {
      if let row = try await archive.recording(id) { try await projector.indexer.index(row) }
    } catch {
      logger.error("making keyframes failed", metadata: ["recording": "\(id)", "error": "\(sentence(of: error))"])
    }
  }
}
