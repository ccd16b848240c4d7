import Foundation
import Glibc
import TestSupport
import Testing

/// Recordings that our recorder sent to a journald of the test's own.
@Suite(
  "What is listed of the journal",
  .enabled(if: Surroundings.isRoot, "starts a journald with a namespace of its own: run as root"),
  .enabled(if: Surroundings.isExecutable(Journald.program), "systemd-journald is not installed"), .inTurn)
struct PlayJournalTests {
  /// Puts the journald's sockets where a recorder looks for those of the system, in a mount namespace of the recorder's.
  private static let script = """
    mount --bind "$1" "$2" && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal &&
    mount --bind "$2" /run/systemd/journal && shift 2 && exec "$@"
    """

  private func record(_ program: [String], in journald: Journald) async throws {
    let place = try ScratchDirectory()
    let recorder = try DrivenProgram(
      onPipes: ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", Self.script, "sh"]
        + [journald.directory, place.path, Surroundings.ours("tlog-rec"), "--writer=journal"] + program)
    #expect(try await recorder.end() == .status(0), "\(recorder.errorText)")
  }

  private func listed(_ program: String, _ arguments: [String]) async throws -> [[String: String]] {
    let lister = try DrivenProgram(onPipes: [Surroundings.ours(program)] + arguments)
    #expect(try await lister.end() == .status(0), "\(lister.errorText)")
    let all = try #require(try JSONSerialization.jsonObject(with: Data(lister.shown)) as? [[String: Any]])
    return all.map { $0.compactMapValues { $0 as? String } }
  }

  @Test("steno ls --journal lists what recorders sent, and nothing else; tlog-play --list what matches")
  func lists() async throws {
    let journald = try await Journald()
    try await record(["/bin/echo", "one"], in: journald)
    try await record(["/bin/echo", "two"], in: journald)
    try journald.send(["MESSAGE": "no message", "SYSLOG_IDENTIFIER": "other"])
    // What stock's recorder sends has no end, and its name may be all that tells it.
    try journald.send([
      "SYSLOG_IDENTIFIER": "tlog-rec-session", "TLOG_REC": "stock",
      "MESSAGE": #"{"ver":"2.3","host":"h","rec":"stock","user":"u","term":"xterm","session":1,"id":1,"pos":0,"#
        + #""timing":">1","in_txt":"","in_bin":[],"out_txt":"a","out_bin":[]}"#,
    ])
    try await journald.synchronise()
    let all = try await listed("steno", ["ls", "--json", "--journal", "--namespace=\(journald.namespace)"])
    #expect(all.map { $0["state"] } == ["complete", "complete", "abandoned"])
    #expect(all.last?["rec"] == "stock")
    let first = try #require(all.first?["rec"])
    let source = ["--list", "--reader=journal", "--journal-namespace=\(journald.namespace)"]
    let matching = try await text("tlog-play", source + ["--journal-match=TLOG_REC=\(first)"])
    #expect(matching.map { $0.split(separator: " ").first.map(String.init) } == ["recording", first])
    #expect(matching.last?.hasSuffix("complete") == true)
  }

  private func text(_ program: String, _ arguments: [String]) async throws -> [String] {
    let lister = try DrivenProgram(onPipes: [Surroundings.ours(program)] + arguments)
    #expect(try await lister.end() == .status(0), "\(lister.errorText)")
    return lister.text.split(separator: "\n").map(String.init)
  }

  @Test("a journal with nothing recorded in it is listed as nothing found")
  func nothing() async throws {
    let journald = try await Journald()
    try journald.send(["MESSAGE": "no message", "SYSLOG_IDENTIFIER": "other"])
    try await journald.synchronise()
    let lister = try DrivenProgram(
      onPipes: [Surroundings.ours("steno"), "ls", "--journal", "--namespace=\(journald.namespace)"])
    #expect(try await lister.end() == .status(3))
    #expect(lister.text + lister.errorText == "")
  }
}
