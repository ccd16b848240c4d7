import Glibc
import TestSupport
import Testing

/// The player in a tmux of the test's own, of 90 by 36. The server is told to end when the value goes away.
final class PlayedScreen {
  private static let tmux = "/usr/bin/tmux"
  private static let rowCount = 36
  /// Plays, each time that is stopped waits for a line to go on, and compares the terminal with what it was before.
  private static let script = """
    set -m
    trap : INT # the shell does not end with a job that ends of ^C
    cd "$1" && shift
    exec 3>&2 2>/dev/null # what the shell says of jobs
    stty -g >before
    sh -c 'echo $$ >pid; exec "$@" 2>&3' sh "$@"
    status=$?
    while [ $status = 148 ]; do # 128 + SIGTSTP
      stty -g | cmp -s before - && echo stopped, the terminal as before
      read -r line
      fg >/dev/null
      status=$?
    done
    echo status $status
    stty -g | cmp -s before - && echo the terminal as before
    exec cat
    """
  private let log: MadeLog
  /// tmux puts its socket in here.
  private let sockets: ScratchDirectory
  private var server: Int32 = 0

  /// Starts the player, paused, and waits for its first status line with the recording's end.
  init(_ log: MadeLog, _ options: String...) async throws {
    self.log = log
    sockets = try ScratchDirectory()
    let player = [Surroundings.ours("tlog-play"), "--paused", "--utc"] + options + ["-i", log.path]
    try sockets.write("tmux.conf", "set -g status off\nset -g escape-time 0\n")
    try sockets.write("script", Self.script)
    try await run(
      ["new-session", "-d", "-x", "90", "-y", "\(Self.rowCount)", "/bin/sh", sockets.file("script"), sockets.path]
        + player)
    server = try #require(Int32(try await run(["display-message", "-p", "#{pid}"]).dropLast()))
    try await expect("a status line with the end") { $0.last?.contains("paused 0:00.0/") == true }
  }

  // tmux takes its socket away, and hangs up on what runs in it.
  deinit { if server > 0 { kill(server, SIGTERM) } }

  private var environment: [String: String?] { ["TMUX_TMPDIR": sockets.path, "TMUX": nil] }

  private func command(_ words: [String]) -> [String] {
    [Self.tmux, "-L", "play", "-f", sockets.file("tmux.conf")] + words
  }

  @discardableResult
  private func run(_ words: [String]) async throws -> String {
    let client = try DrivenProgram(onPipes: command(words), environment: environment)
    let end = try await client.end()
    try #require(end == .status(0), "tmux \(words): \(client.errorText)")
    return client.text
  }

  /// - Parameter keys: By tmux's names.
  func press(_ keys: String...) async throws {
    // To tmux a word ";" ends a command.
    try await run(["send-keys", "--"] + keys.map { $0 == ";" ? "\\;" : $0 })
  }

  /// The rows of the terminal, without spaces at their ends.
  func rows() async throws -> [String] {
    let rows = try await run(["capture-pane", "-p"]).split(separator: "\n", omittingEmptySubsequences: false)
    return rows.prefix(Self.rowCount).map { Self.trimmed(String($0)) }
  }

  static func trimmed(_ row: String) -> String {
    var row = row
    while row.last == " " { row.removeLast() }
    return row
  }

  /// Looks until the terminal shows `lines` at its top, nothing below, and the status line in its last row.
  func expect(
    _ lines: [String], _ status: String, after key: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let all = lines + Array(repeating: "", count: Self.rowCount - 1 - lines.count) + [status]
    try await expect("\(key): \(lines), \(status)", sourceLocation: sourceLocation) { $0 == all }
  }

  func expect(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isRight: ([String]) -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + DrivenProgram.patience
    var shown = try await rows()
    while !isRight(shown) {
      let text = shown.filter { !$0.isEmpty }.joined(separator: "\n")
      try #require(ContinuousClock.now < deadline, "not \(what), but\n\(text)", sourceLocation: sourceLocation)
      shown = try await rows()
    }
  }

  /// Sends a signal to the player.
  func signal(_ number: Int32) throws {
    let pid = try #require(Int32(sockets.text("pid").dropLast()))
    #expect(kill(pid, number) == 0)
  }

  func resize(columns: Int, rows: Int) async throws {
    try await run(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Waits for the end of the player: the terminal is as before, and shows nothing of it.
  func ended(status: Int32, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let lines = ["status \(status)", "the terminal as before"]
    try await expect("\(lines)", sourceLocation: sourceLocation) { $0.filter { !$0.isEmpty } == lines }
  }

  /// Presses q, and waits for what that does.
  func quit(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await press("q")
    try await ended(status: 0, sourceLocation: sourceLocation)
  }
}
