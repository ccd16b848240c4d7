import API
import CSys
import Events
import Glibc
package import SystemCalls

/// The waiting of an agent: one thread and one poll(2) around an ``Agent``.
///
/// A change to a spool file wakes it once; then it looks at all files every 50 ms, until a second has passed without one.
/// So an idle agent wakes once a second, and a busy one twenty times, whatever the number of recordings.
package final class AgentLoop {
  private static let busyNanoseconds: UInt64 = 50_000_000
  private static let idleNanoseconds: UInt64 = 1_000_000_000
  /// Callers are taken in turns with everything else.
  private static let acceptCountMax = 32

  private enum Mail: Sendable {
    case answer(Int, Result<Answer, UplinkError>)
    case ledger(Result<LedgerAnswer, UplinkError>)
    case heads(Result<CentreHeads, UplinkError>)
    case name(UInt32, [UInt8])
    /// The session of that recording is to be ended.
    case end([UInt8])
  }

  /// What the person reads whose session is ended.
  private static let endText: StaticString = "this session was ended by an administrator"
  /// After the centre could not be asked.
  private static let ordersPause = Duration.seconds(10)

  private let agent: Agent
  private let uplink: (any Uplink)?
  private let mail: Mailbox<Mail>
  private let trusted: Listener
  private let own: Listener
  private let watches: [Descriptor.Box]
  private let lock: Descriptor.Box
  private let signals: Signals
  private var nextTickAt: UInt64 = 0
  private var busyUntil: UInt64 = 0

  /// - Parameters:
  ///   - signals: Taken before any other thread was started.
  ///   - uplink: nil keeps everything on this host.
  package init(
    _ settings: AgentSettings, uplink: (any Uplink)?, signals: consuming Signals, log: @escaping (String) -> Void
  ) throws(SystemError) {
    try Self.make(settings.statePath, mode: 0o700)
    // Open to all, as its sockets' modes say who may use which.
    try Self.make(settings.runPath, mode: 0o755)
    lock = try Self.lock(settings.statePath + "/lock")
    let disk = try HostDisk(settings.statePath + "/spool", makes: true)
    // Where there is no such folder, no recorder has left anything in it.
    let adoption = try? HostDisk(settings.adoptionPath ?? "/var/lib/steno-rec/adopt", makes: false)
    var settings = settings
    if disk.fileSystemByteCount > 0 {
      settings.capacityByteCount = min(settings.capacityByteCount, disk.fileSystemByteCount / 2)
    }
    agent = Agent(settings, disk: disk, adoption: adoption, kernel: .real, ships: uplink != nil, log: log)
    self.uplink = uplink
    self.signals = signals
    mail = try Mailbox()
    watches = [disk.path, adoption?.path].compactMap(\.self).compactMap(Self.watch)
    agent.restore(at: Clock.elapsedNanoseconds, wallMilliseconds: Clock.wallMilliseconds)
    trusted = try Listener(settings.runPath + "/rec.sock", mode: 0o660, group: settings.recorderGroup)
    own = try Listener(settings.runPath + "/self.sock", mode: 0o666, group: nil)
  }

  private static func make(_ folder: String, mode: mode_t) throws(SystemError) {
    if mkdir(folder, mode) != 0 && errno != EEXIST { throw SystemError("mkdir", path: Array(folder.utf8)) }
  }

  /// Two agents on one spool would each write the end of the other's recordings.
  private static func lock(_ path: String) throws(SystemError) -> Descriptor.Box {
    let raw = csys_open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
    if raw < 0 { throw SystemError("open", path: Array(path.utf8)) }
    let file = Descriptor.Box(Descriptor(owning: raw))
    if csys_lock(raw) != 0 { throw SystemError("flock", path: Array(path.utf8)) }
    return file
  }

  /// Serves until SIGTERM or SIGHUP. What was taken is in files; recorders go on and come back to the next agent.
  package func run() {
    let orders = uplink.map { uplink in Task { [mail] in await Self.takeOrders(uplink, into: mail) } }
    defer { orders?.cancel() }
    while true {
      let now = Clock.elapsedNanoseconds
      if now >= nextTickAt { tick(now) }
      if wait() { return agent.stop() }
    }
  }

  private static func takeOrders(_ uplink: any Uplink, into mail: Mailbox<Mail>) async {
    while !Task.isCancelled {
      do throws(UplinkError) {
        for recording in try await uplink.orders() { mail.put(.end(recording)) }
      } catch {
        // That the centre cannot be reached is told by what is sent to it. Cancelled: the loop ends.
        try? await Task.sleep(for: ordersPause)
      }
    }
  }

  private func tick(_ now: UInt64) {
    let isBusy = drainWatches() || agent.isBusy(at: now)
    if isBusy { busyUntil = now + Self.idleNanoseconds }
    nextTickAt = now + (now < busyUntil ? Self.busyNanoseconds : Self.idleNanoseconds)
    agent.tick(at: now, wallMilliseconds: Clock.wallMilliseconds)
    for user in agent.takeUnnamed() { lookUp(user) }
    ship(now)
  }

  private func ship(_ now: UInt64) {
    guard let uplink else { return }
    if let heads = agent.takeInquiry(at: now) {
      Task { [mail] in
        do throws(UplinkError) {
          mail.put(.heads(.success(try await uplink.heads(heads))))
        } catch {
          mail.put(.heads(.failure(error)))
        }
      }
    }
    for shipment in agent.takeShipments(at: now) {
      Task { [mail] in
        do throws(UplinkError) {
          mail.put(.answer(shipment.number, .success(try await uplink.send(shipment.batch))))
        } catch {
          mail.put(.answer(shipment.number, .failure(error)))
        }
      }
    }
    guard let entry = agent.takeLedgerEntry(at: now) else { return }
    Task { [mail] in
      do throws(UplinkError) {
        mail.put(.ledger(.success(try await uplink.record(entry))))
      } catch {
        mail.put(.ledger(.failure(error)))
      }
    }
  }

  /// User databases may be asked over a network: never on this thread.
  private func lookUp(_ user: UInt32) {
    Task.detached { [mail] in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      var block = [CChar](repeating: 0, count: 16_384)
      let name: [UInt8] = block.withUnsafeMutableBufferPointer { block in
        guard let start = block.baseAddress, getpwuid_r(user, &entry, start, block.count, &found) == 0, found != nil
        else { return [] }
        return bytes(ofC: UnsafePointer(entry.pw_name))
      }
      mail.put(.name(user, name))
    }
  }

  // MARK: - Waiting

  /// - Returns: Whether the agent is to stop.
  private func wait() -> Bool {
    let connections = agent.connections
    // What changed is looked at with the next tick; being told again before that would be for nothing.
    let watched = Clock.elapsedNanoseconds < busyUntil ? [] : watches.map(\.raw)
    // Whoever is not accepted waits; one that is turned away would have to be closed, too. poll(2) passes over -1.
    let isFull = agent.closer.waitingCount >= AgentSettings.callerCountMax
    let fixed = [signals.descriptor.raw, mail.raw, trusted.raw, isFull ? -1 : own.raw]
    var polled = (fixed + watched + connections.map(\.raw)).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let now = Clock.elapsedNanoseconds
    let left = nextTickAt > now ? (nextTickAt - now + 999_999) / 1_000_000 : 0
    if csys_poll(&polled, polled.count, Int32(clamping: left)) <= 0 { return false }
    let time = Clock.elapsedNanoseconds
    if polled[1].revents != 0 { deliver(time) }
    if polled[2].revents != 0 { accept(trusted, isTrusted: true, time) }
    if polled[3].revents != 0 { accept(own, isTrusted: false, time) }
    if polled[4..<(4 + watched.count)].contains(where: { $0.revents != 0 }) { wake(time) }
    for (place, connection) in connections.enumerated() where polled[4 + watched.count + place].revents != 0 {
      agent.hear(connection.number, at: time)
      wake(time)
    }
    return polled[0].revents != 0 && isToStop
  }

  private func wake(_ now: UInt64) {
    busyUntil = max(busyUntil, now + Self.idleNanoseconds)
    nextTickAt = min(nextTickAt, now + Self.busyNanoseconds)
  }

  private var isToStop: Bool {
    while let signal = signals.next() {
      switch signal {
      case .terminate, .hangUp, .interrupt, .quit: return true
      case .stop, .windowChanged, .continued: continue
      }
    }
    return false
  }

  private func deliver(_ now: UInt64) {
    for item in mail.takeAll() {
      switch item {
      case .answer(let number, let result): agent.answered(number, result, at: now)
      case .ledger(let result): agent.ledgerAnswered(result, at: now)
      case .heads(let result): agent.inquired(result, at: now)
      case .name(let user, let name): agent.named(user, name)
      case .end(let recording):
        // One that is not connected any more has ended, or will be told when the centre says so again.
        _ = agent.end(String(decoding: recording, as: UTF8.self), text: bytes(Self.endText), at: now)
      }
    }
    // More may have come meanwhile, and there is room for it now.
    nextTickAt = now
  }

  private func accept(_ listener: Listener, isTrusted: Bool, _ now: UInt64) {
    for _ in 0..<Self.acceptCountMax {
      guard let socket = listener.accept() else { return }
      agent.accept(socket, isTrusted: isTrusted, at: now)
      if agent.closer.waitingCount > 0 { wake(now) }
    }
  }

  private static func watch(_ path: String) -> Descriptor.Box? {
    let raw = csys_watch(path)
    return raw < 0 ? nil : Descriptor.Box(Descriptor(owning: raw))
  }

  private func drainWatches() -> Bool {
    var hasChanged = false
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { block in
      for watch in watches { while csys_read(watch.raw, block.baseAddress, block.count) > 0 { hasChanged = true } }
    }
    return hasChanged
  }
}

/// A socket that recorders call.
private final class Listener {
  private let socket: Descriptor

  init(_ path: String, mode: UInt32, group: UInt32?) throws(SystemError) {
    let raw = csys_listen(path, path.utf8.count, mode, group ?? .max)
    if raw < 0 { throw SystemError("bind", path: Array(path.utf8)) }
    socket = Descriptor(owning: raw)
  }

  var raw: Int32 { socket.raw }

  func accept() -> LocalSocket? {
    let caller = csys_accept(raw)
    return caller < 0 ? nil : LocalSocket(accepted: Descriptor(owning: caller))
  }
}

extension Descriptor {
  /// One in a place that copies.
  fileprivate final class Box {
    private let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    var raw: Int32 { descriptor.raw }
  }
}
