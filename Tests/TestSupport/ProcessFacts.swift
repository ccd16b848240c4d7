import Foundation

/// What /proc tells of processes that a test has started.
package struct ProcessFacts: Sendable {
  package let pid: Int32
  package let parent: Int32
  package let group: Int32
  package let session: Int32
  /// The process group that its controlling terminal is for; -1 without one.
  package let foregroundGroup: Int32
  package let name: String
  /// R, S, T, Z … as in proc(5).
  package let state: Character
  /// Processor time used so far, without that of children.
  package let processorTime: Duration
  /// When it was started, clock ticks since the host was: with it a process id is nobody else's.
  package let startTicks: UInt64

  /// - Returns: nil when there is no such process.
  package init?(_ pid: Int32) {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    // The name is in parentheses and may hold any character, so the last parenthesis ends it.
    guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: close)...].split(separator: " ")
    guard fields.count > 19, let parent = Int32(fields[1]), let group = Int32(fields[2]),
      let session = Int32(fields[3]), let foregroundGroup = Int32(fields[5]),
      let user = Int(fields[11]), let system = Int(fields[12]), let state = fields[0].first,
      let startTicks = UInt64(fields[19])
    else { return nil }
    self.pid = pid
    self.parent = parent
    self.group = group
    self.session = session
    self.foregroundGroup = foregroundGroup
    self.state = state
    self.startTicks = startTicks
    name = String(text[text.index(after: open)..<close])
    processorTime = .milliseconds((user + system) * 1000 / sysconf(Int32(_SC_CLK_TCK)))
  }

  /// All processes there are now.
  package static var all: [ProcessFacts] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.compactMap { ProcessFacts($0) }
  }

  package static func children(of pid: Int32) -> [ProcessFacts] { all.filter { $0.parent == pid } }

  /// The processes of the session that `pid` leads.
  package static func session(of pid: Int32) -> [Int32] { all.filter { $0.session == pid }.map(\.pid) }
}
