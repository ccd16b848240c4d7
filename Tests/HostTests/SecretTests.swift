import TestSupport
import Testing

/// THREATS 9: secrets typed at prompts, when `log.input` is on.
@Suite("THREATS 9: secrets typed are not recorded, commands typed are", .needsTestSystem)
struct SecretTests {
  private static let logInput: [String: any Sendable] = ["log": ["input": true, "output": true, "window": true]]

  /// Programs that ask, each with what it prints then, which may be a moment before it switches the echo off.
  enum Prompt: String, CaseIterable {
    case su = "'=su \"$USER\"\\r' '+Password: '"
    case getpass = "'=ssh-keygen -q -t ed25519 -f key\\r' '+(empty for no passphrase): '"
    /// In a script: what the login shell itself reads is never masked, or the mask would be the person's switch.
    case script = "'=bash -c \"read -rsp say: word\"\\r' '+say:'"
  }

  @Test(
    "THREATS 9: what is typed at a prompt that does not echo is masked", arguments: Recorder.allCases, Prompt.allCases)
  func prompts(recorder: Recorder, prompt: Prompt) async throws {
    let scene = try await Scene(recorder, settings: Self.logInput).run(
      #"""
      drive '+$ ' \#(prompt.rawValue) '@sleep 0.3' '=hunter2\r' '@sleep 0.5' '=\x03\x03' '+$ ' \
        '=echo typed-$((40+2)); exit 7\r' '+typed-42' -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    let typed = String(decoding: scene.recordings.flatMap(\.input), as: UTF8.self)
    #expect(typed.contains("echo typed-"), "\(typed)")
    var verdict = Verdict()
    verdict.require(!typed.contains("hunter2"), "the secret is recorded")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 9: stty -echo at a shell's own prompt hides no commands")
  func notASwitch() async throws {
    let scene = try await Scene(.steno, settings: Self.logInput).run(
      #"""
      export TLOG_REC_SESSION_SHELL=/bin/dash
      drive '+$ ' '=stty -echo\r' '+$ ' '=: first\r' '+$ ' '=: second\r' '+$ ' '=: third\r' '+$ ' '=: fourth\r' '+$ ' \
        '=exit 7\r' -- $as_person $session -i
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    let typed = String(decoding: scene.recordings.flatMap(\.input), as: UTF8.self)
    for word in [": first", ": second", ": third", ": fourth"] { #expect(typed.contains(word), "\(typed)") }
  }
}
