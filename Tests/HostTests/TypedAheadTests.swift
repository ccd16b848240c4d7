import Foundation
import TestSupport
import Testing

/// What was typed before the recorder had the terminal: a login takes a while, and people and scripts do not wait for it.
@Suite("Typed ahead", .needsTestSystem)
struct TypedAheadTests {
  @Test(
    "what is typed before a login's shell is there reaches it, first and in order, and ends it",
    arguments: Recorder.allCases)
  func pipedIntoALogin(recorder: Recorder) async throws {
    // Stock loses what came before it had the terminal: mostly at the first login, on a busy machine at one of the next.
    let logins = 20
    let scene = try await Scene(recorder, settings: ["log": ["input": true]]).run(
      #"""
      for login in $(seq \#(logins)); do
        printf 'echo first-$((40+2))\nid\nexit 3\n' | timeout $patience ssh -tt "$person@127.0.0.1"
        status=$?
        echo "status $status"
        [ $status = 3 ] || break
      done
      """#)
    var verdict = Verdict()
    verdict.require(count("status 3", in: scene.text) == logins, "not every login ended")
    verdict.require(count("first-42", in: scene.text) == logins, "not every login ran its first line")
    verdict.require(count("uid=", in: scene.text) == logins, "not every login ran its second line")
    verdict.require(
      scene.recordings.allSatisfy { String(decoding: $0.input, as: UTF8.self) == "echo first-$((40+2))\nid\nexit 3\n" },
      "not all that was typed is recorded as such")
    verdict.check(recorder, scene)
  }

  @Test("what is typed ahead is shown once to a shell that leaves the echo to the terminal")
  func echoedOnce() async throws {
    let scene = try await Scene(.steno, settings: ["shell": "/bin/sh"]).run(
      #"""
      for login in $(seq 5); do
        printf 'echo first-$((40+2))\nexit 3\n' | timeout $patience ssh -tt "$person@127.0.0.1"
      done
      """#)
    #expect(count("echo first-$((40+2))\r\n", in: scene.text) == 5, "\(scene.summary)")
    #expect(count("first-42", in: scene.text) == 5, "\(scene.summary)")
  }

  @Test("a script of many lines that is piped into a login arrives whole", arguments: ["/bin/sh", "/bin/bash"])
  func script(shell: String) async throws {
    let scene = try await Scene(.steno, settings: ["shell": shell]).run(
      #"""
      { seq -f "echo line-%g >>$dir/out/lines" 1 2500; echo 'exit 3'; } |
        timeout $patience ssh -tt "$person@127.0.0.1" >/dev/null
      echo "status $?"
      seq -f line-%g 1 2500 | cmp - $dir/out/lines && echo whole
      """#)
    #expect(scene.text.hasSuffix("status 3\nwhole\n"), "\(scene.summary)")
  }

  /// Ways in by which a terminal that somebody sits at is handed on.
  enum Entry: String, CaseIterable {
    case ssh = "ssh -tt \"$person@127.0.0.1\""
    case su = "su - \"$person\""
    case sudo = "sudo -u \"$person\" -i"
    case login = "login -f \"$person\""
  }

  @Test("a line that is begun before there is a shell is finished in the shell", arguments: Entry.allCases)
  func begunLine(entry: Entry) async throws {
    let scene = try await Scene(.steno).run(
      #"""
      drive '=echo first-$((40+2))\rec' '+first-42' '+$ ' '=ho second-$((40+2)); exit\r' '+second-42' -- \#(entry.rawValue)
      """#)
    #expect(!scene.errors.contains("waiting for"), "\(scene.summary)")
    #expect(scene.text.contains("\nfirst-42\r\n") || scene.text.contains("\rfirst-42\r\n"), "\(scene.summary)")
  }

  @Test("the shell's terminal is set as the client asked for")
  func settings() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      drive '+$ ' "=stty -a >$dir/out/settings\r" '+$ ' '=exit 3\r' \
        -- sh -c "stty erase '#' iutf8 -ixon; exec ssh -tt $person@127.0.0.1"
      """#)
    #expect(scene.status == 3, "\(scene.summary)")
    for setting in ["erase = #;", " iutf8", " -ixon "] {
      #expect(scene.file("out/settings").contains(setting), "\(scene.file("out/settings"))")
    }
  }

  @Test("what the login said before there was a recorder is not lost when the terminal is taken")
  func messageOfTheDay() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      for login in $(seq 10); do
        drive '+$ ' '=exit\r' -- ssh -tt "$person@127.0.0.1" | grep -c 'ABSOLUTELY NO WARRANTY'
      done
      """#)
    #expect(scene.text == String(repeating: "1\n", count: 10), "\(scene.summary)")
  }

  private func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part).count - 1 }
}
