/// What is measured: our recorder, or a peer that does the same work.
///
/// A recorder with another sink is one more case here and one more line in each measurement that is to show it.
enum Subject: String, CaseIterable {
  /// The program itself on a pseudo-terminal: the floor, with nothing recorded.
  case bare = "bare pty"
  /// util-linux's script(1).
  case script = "script"
  /// Stock tlog-rec from the distribution.
  case tlog = "tlog-rec"
  /// Our tlog-rec with the file sink.
  case ours = "ours"

  /// The command that runs `inner` and keeps its recording in `log`.
  ///
  /// - Parameter programs: Where our programs are.
  func command(_ inner: [String], log: String, programs: String) -> [String] {
    switch self {
    case .bare: inner
    case .script: ["/usr/bin/script", "-q", "-c", "exec " + inner.map(quoted).joined(separator: " "), log]
    case .tlog: ["/usr/bin/tlog-rec", "-o", log] + inner
    case .ours: [programs + "/tlog-rec", "-o", log] + inner
    }
  }
}

/// `word` as a shell takes it literally.
private func quoted(_ word: String) -> String {
  "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
