import Events
import SystemCalls

/// What this host's kernel says of processes: who a peer really is (THREATS 14).
package struct HostKernel: Sendable {
  package struct ProcessFacts: Equatable, Sendable {
    package var startTicks: UInt64
    package var loginUser: UInt32
    package var session: UInt32

    package init(startTicks: UInt64, loginUser: UInt32, session: UInt32) {
      self.startTicks = startTicks
      self.loginUser = loginUser
      self.session = session
    }
  }

  /// What is known of a process; nil when there is none of that number. Tests pass in their own.
  package var facts: @Sendable (_ process: Int32) -> ProcessFacts?
  /// The boot id, without dashes.
  package var boot: String

  package init(boot: String, facts: @escaping @Sendable (_ process: Int32) -> ProcessFacts?) {
    self.boot = boot
    self.facts = facts
  }

  package static var real: HostKernel {
    let boot = contents(of: "/proc/sys/kernel/random/boot_id", limit: 64) ?? []
    let digits = boot.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "\n") }
    return HostKernel(boot: String(decoding: digits, as: UTF8.self), facts: read)
  }

  /// Whether that very process is still there.
  package func isAlive(_ process: Int32, startTicks: UInt64) -> Bool { facts(process)?.startTicks == startTicks }

  /// `rec` as a recorder of that process names it.
  package func recording(_ process: Int32, startTicks: UInt64) -> String {
    "\(boot)-\(String(process, radix: 16))-\(String(startTicks, radix: 16))"
  }

  private static func read(_ process: Int32) -> ProcessFacts? {
    guard let before = startTicks(process) else { return nil }
    let login = number("/proc/\(process)/loginuid")
    let session = number("/proc/\(process)/sessionid")
    // Had the number gone to another process meanwhile, the facts would be that one's.
    guard startTicks(process) == before else { return nil }
    return ProcessFacts(startTicks: before, loginUser: login, session: session)
  }

  /// Field 22 of /proc/PID/stat; nil also for a process that is dead and waits to be reaped.
  private static func startTicks(_ process: Int32) -> UInt64? {
    guard let stat = file("/proc/\(process)/stat"), let nameEnd = stat.lastIndex(of: UInt8(ascii: ")")) else {
      return nil
    }
    let fields = stat[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19, fields[0] != [UInt8(ascii: "Z")] else { return nil }
    return decimal(fields[19])
  }

  private static func number(_ path: String) -> UInt32 {
    guard let text = file(path), let number = decimal(text.prefix { $0 != UInt8(ascii: "\n") }) else { return .max }
    return UInt32(exactly: number) ?? .max
  }

  private static func file(_ path: String) -> [UInt8]? {
    (try? SmallFile.read(Array(path.utf8), limit: 4096))?.bytes  // it may have ended just now
  }
}
