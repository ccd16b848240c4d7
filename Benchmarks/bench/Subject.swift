/// What is measured: our recorder, or a peer that does the same work.
///
/// A recorder with another sink is one more case here and one more line in each measurement that is to show it.
enum Subject: String, CaseIterable {
  /// The program itself on a pseudo-terminal: the floor, with nothing recorded.
  case bare = "bare pty"
  /// A pseudo-terminal inside it, and nothing recorded: what any recorder pays.
  case relay = "bare relay"
  /// util-linux's script(1).
  case script = "script"
  /// Stock tlog-rec from the distribution.
  case tlog = "tlog-rec"
  /// Our tlog-rec with the file sink.
  case ours = "ours"
  /// The same with the agent sink: what it shows is in a spool file before.
  case agent = "ours, agent"

  /// The command that runs `inner` and keeps its recording in `log`, if it keeps one.
  ///
  /// - Parameter options: Say where our programs and the helpers are.
  func command(_ inner: [String], log: String, _ options: Options) -> [String] {
    switch self {
    case .bare: inner
    case .relay: [options.helpers + "/bench-child", "relay"] + inner
    case .script: ["/usr/bin/script", "-q", "-c", "exec " + inner.map(quoted).joined(separator: " "), log]
    case .tlog: ["/usr/bin/tlog-rec", "-o", log] + inner
    case .ours: [options.programs + "/tlog-rec", "-o", log] + inner
    case .agent: [options.programs + "/tlog-rec", "--writer=agent", "--agent-path=" + options.agent] + inner
    }
  }

  /// Whether it leaves something in its log.
  var records: Bool { self != .bare && self != .relay && self != .agent }
}

/// `word` as a shell takes it literally.
func quoted(_ word: String) -> String {
  "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
