import TestSupport
import Testing

/// Keys that were typed before the recorder was there to read them.
@Suite("Typed ahead", .inTurn)
struct TypedAheadTests {
  /// What is run, what is typed before it is, and the last of it that the terminal echoes.
  static let cases: [(program: [String], typed: String, echo: String)] = [
    (["/bin/sh", "-c", "read a; echo first $a; read b; echo second $b"], "one\rtwo\r", "two\r\n"),
    (["/bin/cat"], "whole\rbegun\u{4}\u{4}", "begun"),
    (["/bin/cat"], "mistakk\u{7f}e\r\u{4}", "e\r\n"),
    // A control character that was quoted is no key.
    (["/bin/sh", "-c", "read x; echo $x | od -c; stty -a"], "a\u{16}\u{3}b\r", "b\r\n"),
    (["/usr/bin/env", "PS1=> ", "/bin/bash", "--norc"], "echo one\recho two\rexit\r", "exit\r\n"),
  ]

  @Test(
    "what was typed ahead is given to the program and shown as without a recorder, and is recorded",
    arguments: 0..<cases.count)
  func asWithout(place: Int) async throws {
    let (program, typed, echo) = Self.cases[place]
    let without = try Stage(.ours)
    let bare = try await shown(program, typed, echo, in: without)
    let stage = try Stage(.ours)
    let recorded = try await shown(stage.command(program, ["--log-input"]), typed, echo, in: stage)
    // A recorder that leaves a terminal ends the line.
    expectSame(recorded, bare + Array("\r\n".utf8), "shown")
    let input = try stage.recording().input
    #expect(input.count(where: { $0 == UInt8(ascii: "\n") }) == typed.count(where: { $0 == "\r" }))
  }

  @Test("a paste that is longer than what a terminal holds arrives whole")
  func longPaste() async throws {
    let stage = try Stage(.ours)
    let typed = String(repeating: "0123456789abcdef\r", count: 600) + "\u{4}"
    let shown = try await shown(stage.command(["/usr/bin/wc", "-l"], ["--log-input"]), typed, "", in: stage)
    #expect(String(decoding: shown, as: UTF8.self).hasSuffix("\r\n600\r\n\r\n"))
    #expect(try stage.recording().input.count == typed.utf8.count)
  }

  /// Runs `program` after `typed` has been typed, and returns what the terminal showed.
  private func shown(
    _ program: [String], _ typed: String, _ echo: String, in stage: Stage
  ) async throws -> [UInt8] {
    let wait = "until test -e go; do sleep 0.02; done; exec \"$@\""
    let driven = try stage.startOnTerminal(["/bin/sh", "-c", wait, "sh"] + program)
    let sending = Array(typed.utf8)
    // What a terminal holds is typed before, the rest while the program begins.
    try await driven.send(Array(sending.prefix(4000)))
    if sending.count <= 4000 { try await driven.expect(echo) }
    _ = try stage.scratch.write("go", "")
    try await driven.send(Array(sending.dropFirst(4000)))
    #expect(try await driven.end() == .status(0))
    return driven.shown
  }
}
