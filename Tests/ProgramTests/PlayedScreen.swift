import Glibc
import TestSupport
import Testing

/// The player in a tmux of the test's own, of 90 by 36. The server is told to end when the value goes away.
final class PlayedScreen {
  private static let tmux = "/usr/bin/tmux"
  private static let rowCount = 36
  private let log: MadeLog
  /// tmux puts its socket in here.
  private let sockets: ScratchDirectory
  private var server: Int32 = 0

  /// Starts the player, paused, and waits for its first status line.
  init(_ log: MadeLog) async throws {
    self.log = log
    sockets = try ScratchDirectory()
    let script = "\(Surroundings.ours("tlog-play")) --paused --utc -i \(log.path); echo status $?; exec cat"
    try sockets.write("tmux.conf", "set -g status off\nset -g escape-time 0\n")
    try await run(["new-session", "-d", "-x", "90", "-y", "\(Self.rowCount)", script])
    server = try #require(Int32(try await run(["display-message", "-p", "#{pid}"]).dropLast()))
    try await expect("a status line with the end") { $0.last?.contains("paused 0:00:00.0/") == true }
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

  /// Presses q: the terminal is as before, but for the status of the player.
  func quit(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await press("q")
    try await expect("status 0", sourceLocation: sourceLocation) { $0.filter { !$0.isEmpty } == ["status 0"] }
  }
}
