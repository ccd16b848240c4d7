import TestSupport
import Testing

/// THREATS 3: how the recorder is installed, and what it then runs as.
@Suite("THREATS 3: the recorder runs as itself, however it is installed", .needsTestSystem)
struct InstallationTests {
  /// Reads the ids of the recorder while a session runs.
  private static let lookAtIds = #"""
    drive '+$ ' "=my-recorder >$dir/out/pid; echo no\"\"ted\r" '+noted' \
      "@grep -E '^(Uid|Gid):' /proc/\$(cat $dir/out/pid)/status >$dir/out/ids" '=exit\r' -- ssh -tt "$person@127.0.0.1"
    id -u "$recorder_user"; id -u "$person"
    """#

  /// - Returns: Real, effective, saved and file system id on the line `name`, as numbers in text.
  private func ids(_ name: String, _ scene: Scene.Outcome) -> [String] {
    let line = scene.file("out/ids").split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
    return line.split(whereSeparator: \.isWhitespace).dropFirst().map(String.init)
  }

  @Test(
    "THREATS 3: after the start no id of the recorder is the user's or root's",
    arguments: zip(
      [Recorder.steno, .steno, .stock], ["root:root 4755", "steno-rec:steno-rec 6755", "_tlog:_tlog 6755"]))
  func ids(recorder: Recorder, installed: String) async throws {
    let scene = try await Scene(recorder).run("install_recorder \(installed)\n" + Self.lookAtIds)
    let numbers = scene.text.split(separator: "\r\n").last?.split(separator: "\n") ?? []
    let own = try #require(numbers.dropLast().last.map(String.init), "\(scene.summary)")
    var verdict = Verdict()
    verdict.require(ids("Uid", scene) == [own, own, own, own], "user ids \(ids("Uid", scene)), wanted \(own)")
    verdict.require(Set(ids("Gid", scene)).count == 1, "group ids \(ids("Gid", scene))")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 3: without setuid bits it runs as the user and the recording says that it is self-reported")
  func selfReported() async throws {
    let scene = try await Scene(.steno).run(
      "chown $person $dir/log; install_recorder root:root 0755\n" + Self.lookAtIds)
    let numbers = scene.text.split(separator: "\r\n").last?.split(separator: "\n") ?? []
    let user = try #require(numbers.last.map(String.init), "\(scene.summary)")
    #expect(ids("Uid", scene) == [user, user, user, user])
    #expect(scene.recordings.first?.start?["trust"] == "self-reported", "\(scene.summary)")
  }

  @Test("THREATS 3: setuid as its own user, like stock tlog, it works and says what it could not do")
  func setuidToItself() async throws {
    let scene = try await Scene(.steno).run("install_recorder steno-rec:steno-rec 6755\n" + Self.lookAtIds)
    let start = try #require(scene.recordings.first?.start, "\(scene.summary)")
    #expect(start["guard"] == "exclusive")
  }

  /// What takes the effect of a setuid bit away without taking the bit.
  enum Ineffective: String, CaseIterable {
    case nosuid = "mount --bind $session $session; mount -o remount,bind,nosuid $session"
    case noNewPrivileges = "prefix='inherit no-new-privileges --'"
  }

  @Test(
    "THREATS 3: a setuid bit that has no effect is noticed and is a failure to record",
    arguments: Recorder.allCases, Ineffective.allCases)
  func ineffective(recorder: Recorder, because cause: Ineffective) async throws {
    let scene = try await Scene(recorder, settings: ["writer": "journal"], ownSettings: ["on-failure": "continue"]).run(
      #"""
      prefix=
      \#(cause.rawValue)
      $as_person $prefix $session -c 'echo a-shell-ran'
      """#)
    var verdict = Verdict()
    verdict.require(!scene.text.contains("a-shell-ran"), "a shell ran unrecorded")
    verdict.require(scene.status == 1, "status \(scene.status)")
    verdict.require(scene.errors.contains("nosuid"), "it does not say why")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 3: a start that somebody traces, which has no rights, is a failure to record")
  func traced() async throws {
    let scene = try await Scene(.steno, ownSettings: ["on-failure": "continue"]).run(
      "$as_person inherit traced -- $session -c 'echo a-shell-ran'")
    #expect(!scene.text.contains("a-shell-ran"), "\(scene.summary)")
    #expect(scene.status == 1, "\(scene.summary)")
    #expect(scene.errors.contains("trace"), "\(scene.summary)")
  }

  @Test("THREATS 3: the program is root's, and only the recorder can list what recorders write")
  func owner() async throws {
    let scene = try await Scene(.steno).run("stat -c '%U:%G %a %n' $session /var/lib/steno-rec{,/adopt} /run/steno/rec")
    let expected = """
      root:root 4755 /usr/bin/tlog-rec-session
      steno-rec:steno-rec 711 /var/lib/steno-rec
      steno-agent:steno-rec 1730 /var/lib/steno-rec/adopt
      steno-rec:steno-rec 700 /run/steno/rec

      """
    #expect(scene.text == expected)
  }
}
