import TestSupport
import Testing

/// THREATS 1: what the recorded user can do to the recorder.
@Suite("THREATS 1: the recorder is nobody's but its own", .needsTestSystem)
struct RecorderIdsTests {
  @Test("THREATS 1: the recorded user can neither signal, trace nor inspect the recorder", arguments: Recorder.allCases)
  func attackProgram(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive '+$ ' "=probe \$PPID \$SSH_TTY >$dir/out/results; echo sur\"\"vived\r" +survived '=exit 7\r' \
        -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    let results = scene.results("out/results")
    #expect(results.count > 24, "the program ran to its end")
    var verdict = Verdict()
    for (attempt, result) in results {
      verdict.require(["EPERM", "EACCES", "EBUSY"].contains(result), "\(attempt): \(result)")
    }
    verdict.check(recorder, scene)
  }

  @Test("THREATS 1: a session ended through logind is over, and its recording says so", arguments: Recorder.allCases)
  func killSession(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive -T $patience '+$ ' '=echo last-$((40+2))\r' +last-42 '=loginctl kill-session "$XDG_SESSION_ID"\r' \
        -- ssh -tt "$person@127.0.0.1"
      eventually sh -c "! pgrep -u $person bash"
      """#)
    var verdict = Verdict()
    verdict.require(scene.status == 0, "the shell outlives its recorder")
    verdict.require(scene.recorded.contains("last-42"), "what was shown is not recorded")
    verdict.require(scene.recordings.first?.end != nil, "the recording has no end")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 1: a recorder killed by the system takes its shell with it, and its recording has no end")
  func killedRecorder() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      drive '+$ ' "=trap '' HUP TERM; echo \$PPID >$dir/out/pid; echo shown-\$((40+2))\r" +shown-42 "@await $dir/log/recording shown-42" \
        "@kill -KILL \$(cat $dir/out/pid)" -- ssh -tt "$person@127.0.0.1"
      eventually sh -c "! pgrep -u $person bash"
      """#)
    #expect(scene.status == 0, "the shell outlives its recorder: \(scene.summary)")
    #expect(scene.recorded.contains("shown-42"))
    #expect(scene.recordings.count == 1)
    #expect(scene.recordings.first?.end == nil)
  }
}
