import TestSupport
import Testing

/// Input that is typed while the terminal does not echo, with input logging on. The rules themselves are tested in
/// CaptureTests; here it is real terminals and real programs.
@Suite("THREATS 9: secrets typed", .inTurn, .needsStock)
struct SecretTests {
  /// Programs that ask for a secret with the terminal in line mode and echo off. Each is a job of an interactive shell,
  /// as it is for a person.
  static let askers = [
    "bash -c 'read -s -p \"Password: \" x; echo; echo got ${#x}'",
    "sh -c 'stty -echo; printf \"Password: \"; read x; stty echo; echo; echo got ${#x}'",
    "/usr/bin/python3 -c 'import getpass; print(\"got\", len(getpass.getpass()))'",
  ]

  @Test("THREATS 9: a secret typed at a prompt without echo is not in the log, its length is", arguments: askers)
  func masked(asker: String) async throws {
    try await expectDefect(inStock: "records it in clear") {
      let stage = try Stage($0)
      let program = try stage.interactive()
      try await program.expect("prompt> ")
      try await program.type(asker + "\r")
      try await program.expect("Password: ")
      if asker.contains("Password: ") { try await program.expect("Password: ") }  // the first was the echo
      try await program.type("hunter2\r")
      try await program.expect("got 7")
      try await program.type("exit\r")
      try await program.end()
      let log = stage.scratch.text("log")
      try holds(!log.contains("hunter2"), "the secret is in the log")
      let input = String(decoding: try stage.recording().input, as: UTF8.self)
      try holds(input, is: asker + "\r*******\rexit\r")
    }
  }

  @Test("THREATS 9: a command that is not an interactive shell is masked too, as sudo in `ssh -t host sudo id`")
  func command() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/sh", "-c", Self.askers[0]], ["--log-input"])
    try await program.expect("Password: ")
    try await program.type("hunter2\r")
    try await program.expect("got 7")
    try await program.end()
    #expect(String(decoding: try stage.recording().input, as: UTF8.self) == "*******\r")
  }

  @Test("THREATS 9: turning the echo off in one's own shell hides nothing")
  func noSwitch() async throws {
    let stage = try Stage(.ours)
    let program = try stage.interactive()
    try await program.expect("prompt> ")
    try await program.type("stty -echo\r")
    try await program.expect("prompt> ")
    try await program.type("echo do\"\"ne\r")
    try await program.expect("done")
    try await program.type("exit\r")
    try await program.end()
    #expect(try stage.recording().input == Array("stty -echo\recho do\"\"ne\rexit\r".utf8))
  }

  @Test("THREATS 9: the mask ends by itself: what is typed on is recorded, and marked")
  func limited() async throws {
    let stage = try Stage(.ours)
    let program = try stage.interactive()
    try await program.expect("prompt> ")
    let line = "sh -c 'stty -echo; echo re\"\"ady; while read x; do echo got; done'"
    try await program.type(line: line, expecting: "ready")
    for word in ["one", "two", "three", "four"] {
      try await program.type(word + "\r")
      try await program.expect("got")
    }
    try await program.type("\u{4}")
    try await program.expect("prompt> ")
    try await program.type("\u{4}")
    try await program.end()
    let input = String(decoding: try stage.recording().input, as: UTF8.self)
    #expect(input == line + "\r***\r***\r*****\rfour\r\u{4}\u{4}")
    #expect(stage.scratch.text("log").contains("\"echo_off\":"))
  }
}

extension Stage {
  fileprivate func interactive() throws -> DrivenProgram {
    try onTerminal([], ["--log-input"], environment: ["PS1": "prompt> ", "SHELL": "/bin/dash"])
  }
}
