import TestSupport
import Testing

/// THREATS 1: what the recorded user can do to the recorder.
@Suite("THREATS 1: the recorder is nobody's but its own", .needsTestSystem)
struct RecorderIdsTests {
  @Test("THREATS 1: the recorded user can neither signal, trace nor inspect the recorder", arguments: Recorder.allCases)
  func attackProgram(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive '+$ ' "=probe \$PPID \$SSH_TTY >$dir/out/parent; probe \$(my-recorder) >$dir/out/recorder; echo sur\"\"vived\r" +survived '=exit 7\r' \
        -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    var verdict = Verdict()
    for target in ["recorder", "parent"] {
      let results = scene.results("out/\(target)")
      #expect(results.count > 24, "the program ran to its end")
      for (attempt, result) in results {
        verdict.require(["EPERM", "EACCES", "EBUSY"].contains(result), "\(attempt) of the \(target): \(result)")
      }
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

  /// A session that no hang-up and no polite signal ends: its shell, and a daemon that is nobody's child.
  private static let deaf = #"""
    cat >$dir/out/deaf <<END
    trap '' HUP TERM INT
    setsid sh -c "(sleep 301 &)"
    my-recorder >$dir/out/recorder
    echo shown-\$((40+2))
    exec sleep 300 </dev/null >/dev/null 2>&1
    END
    """#

  /// Ways in: on a terminal, and without one.
  enum WayIn: String, CaseIterable {
    case terminal = "drive '+$ ' \"=exec sh $dir/out/deaf\\r\" +shown-42 -- ssh -tt \"$person@127.0.0.1\""
    case pipes = "ssh \"$person@127.0.0.1\" \"exec sh $dir/out/deaf\""
  }

  @Test(
    "THREATS 1: a recorder that is killed takes everything that its session started with it", arguments: WayIn.allCases)
  func killedRecorder(way: WayIn) async throws {
    let scene = try await Scene(.steno).run(
      #"""
      \#(Self.deaf)
      \#(way.rawValue) &
      eventually await $dir/log/recording shown-42
      eventually pgrep -u "$person" sleep
      kill -KILL $(cat $dir/out/recorder)
      eventually sh -c "! pgrep -u $person 'sleep|bash'"
      wait $! || true
      """#)
    #expect(!scene.errors.contains("never"), "something outlives the recorder: \(scene.summary)")
    #expect(scene.recorded.contains("shown-42"), "\(scene.summary)")
    #expect(scene.recordings.count == 1)
    #expect(scene.recordings.first?.end == nil)
  }

  @Test("THREATS 1: a session that is ended is over with all that it started", arguments: WayIn.allCases)
  func ended(way: WayIn) async throws {
    let scene = try await Scene(.steno).run(
      #"""
      \#(Self.deaf)
      \#(way.rawValue) &
      eventually await $dir/log/recording shown-42
      eventually pgrep -u "$person" sleep
      kill -TERM $(cat $dir/out/recorder)
      eventually sh -c "! pgrep -u $person 'sleep|bash'"
      wait $! || true
      """#)
    #expect(!scene.errors.contains("never"), "something outlives the session: \(scene.summary)")
    #expect(scene.recordings.first?.end?["why"] == "ended", "\(scene.summary)")
  }

  @Test("THREATS 1: a process that somebody traces does not keep the children of a session alive")
  func traced() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      cat >$dir/out/parent <<END
      trap '' HUP TERM
      sleep 300 &
      echo \$\$ >$dir/out/parent.pid
      wait
      END
      cat >$dir/out/session <<END
      my-recorder >$dir/out/recorder
      setsid sh $dir/out/parent </dev/null >/dev/null 2>&1 &
      wait
      END
      ssh "$person@127.0.0.1" "exec sh $dir/out/session" &
      eventually test -s $dir/out/parent.pid
      $as_person hold $(cat $dir/out/parent.pid) >$dir/out/hold &
      eventually grep -q held $dir/out/hold
      kill -KILL $(cat $dir/out/recorder)
      eventually sh -c "! pgrep -u $person sleep"
      echo over
      """#)
    #expect(scene.text == "over\n", "\(scene.summary)")
  }

  @Test("THREATS 1: the recorded user can neither freeze nor kill the recorder by a cgroup")
  func cgroups() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      cat >$dir/out/attack <<'END'
      exec 2>&1
      recorder=$(my-recorder)
      group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/$recorder/cgroup)
      echo 1 >$group/cgroup.freeze && echo frozen
      echo 1 >$group/cgroup.kill && echo killed
      scope=session-$XDG_SESSION_ID.scope
      systemctl --no-ask-password freeze $scope && echo frozen
      systemctl --no-ask-password kill --signal=STOP --kill-whom=main $scope && echo stopped
      for own in /sys/fs/cgroup/user.slice/user-$(id -u).slice/user@$(id -u).service{,/app.slice}; do
        mkdir $own/t && cd $own/t && echo $recorder >cgroup.procs && echo moved && echo 1 >cgroup.freeze
      done
      echo went-through
      END
      drive '+$ ' "=bash $dir/out/attack >$dir/out/said; echo still-\$((40+2))\r" +still-42 '=exit 7\r' -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.recorded.contains("still-42"))
    let said = scene.file("out/said")
    #expect(said.contains("went-through"), "\(said)")
    for word in ["frozen", "killed", "stopped", "moved"] {
      #expect(!said.split(separator: "\n").contains { $0 == word }, "\(said)")
    }
  }

  /// Ends of a session after which what was left running is to run on.
  enum PlainEnd: String, CaseIterable {
    case exit = "'=exit\\r'"
    case droppedConnection = "'!'"
  }

  @Test("THREATS 1: what nohup left behind lives on when a session ends by itself", arguments: PlainEnd.allCases)
  func nohup(end: PlainEnd) async throws {
    let scene = try await Scene(.steno).run(
      #"""
      drive '+$ ' '=nohup sleep 300 >/dev/null 2>&1 & \r' '+$ ' '=my-recorder >'$dir'/out/recorder; echo no""ted\r' +noted \
        \#(end.rawValue) -- ssh -tt "$person@127.0.0.1"
      eventually test ! -e /proc/$(cat $dir/out/recorder)
      eventually sh -c "! pgrep -u $person bash"
      eventually sh -c "test \$(ps -o ppid= -p \$(pgrep -u $person sleep)) -eq 1"
      echo lives: $(pgrep -c -u "$person" sleep)
      """#)
    #expect(scene.text.hasSuffix("lives: 1\n"), "\(scene.summary)")
  }
}
