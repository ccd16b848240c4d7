import Access
import Archive
import ArgumentParser
import Fleet
import Foundation
import Hummingbird
import Identity
import Logging
import ServiceLifecycle
import UnixSignals
import Viewing
import Web

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
    let link = try archive.makeLink(role: .admin, now: milliseconds(of: Date()))
    let names = serverNames(settings, address.host)
    let identity = try directory.serverIdentity(
      authority, names: names.names, addresses: names.addresses, now: Date())
    let socket = directory.file("stenod.sock").path
    // Left by a process that was killed; the lock says that nobody listens there.
    unlink(socket)
    let network = try server.network(
      host: address.host, port: address.port, authorityPEM: try authority.certificatePEM,
      certificatePEM: identity.certificatePEM, keyPEM: identity.keyPEM
    ) { port in
      // Unbuffered: whoever started the centre waits for this line.
      let place = settings.publicHost(ProcessInfo.processInfo.hostName)
      FileHandle.standardOutput.write(
        Data(
          """
          stenod: listening on \(address.host):\(port)
          stenod: sign in once: https://\(place):\(port)/#link=\(link)

          """.utf8))
      // For `stenod link`, which cannot know the port.
      try? directory.write("\(place):\(port)", to: "address", mode: 0o600)
    }
    let keeper = Keeper(
      archive: archive, projector: projector, sessions: sessions, abandonAfterHours: settings.abandonAfterHours,
      logger: logger)
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: network), .init(service: server.local(path: socket)), .init(service: keeper)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
    try archive.close()
  }

  private func readSettings() throws -> Settings {
    var settings = Settings()
    if let configurationFile {
      do {
        settings = try Settings(yaml: String(contentsOfFile: configurationFile, encoding: .utf8))
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
      for id in try archive.unsealed() where !Task.isCancelled { try await archive.seal(id) }
      for id in try await projector.indexer.due() where !Task.isCancelled {
        if let row = try await archive.recording(id) { try await projector.indexer.index(row) }
      }
      try await sessions.clean(now: milliseconds(of: Date()))
    } catch {
      logger.error("sealing failed", metadata: ["error": "\(error)"])
    }
  }
}
