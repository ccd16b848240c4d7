import TestSupport
import Testing

/// THREATS 5: which sessions are recorded, and which are inside one that is.
@Suite("THREATS 5: a session is recorded once, and never not at all", .needsTestSystem)
struct NestingTests {
  @Test("THREATS 5: four channels of one ssh connection are four recordings", arguments: Recorder.allCases)
  func channels(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      ssh -M -S $dir/control -fN "$person@127.0.0.1"
      for i in 1 2 3 4; do
        drive '+$ ' "=echo channel-$i-\$((40+2)) session-\$(cat /proc/self/sessionid)\r" "+channel-$i-42" \
          "@touch $dir/out/up$i; until [ -e $dir/out/up1 -a -e $dir/out/up2 -a -e $dir/out/up3 -a -e $dir/out/up4 ]; do \
            sleep 0.02; done" \
          '=exit 7\r' -- ssh -tt -S $dir/control "$person@127.0.0.1" >$dir/out/shown$i || echo "status $?" &
        drives+=($!)
      done
      wait "${drives[@]}"
      ssh -S $dir/control -O exit "$person@127.0.0.1"
      """#)
    #expect(scene.text.split(separator: "\n").filter { $0 == "status 7" }.count == 4, "\(scene.summary)")
    var verdict = Verdict()
    for channel in 1...4 {
      let recorded = scene.recordings.filter { $0.text.contains("channel-\(channel)-42 session-\($0.session)\r\n") }
      verdict.require(recorded.count == 1, "channel \(channel) is in \(recorded.count) recordings")
    }
    verdict.require(Set(scene.recordings.map(\.session)).count == 1, "not one audit session")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 5: two sessions at once that have no audit session are two recordings", arguments: Recorder.allCases)
  func withoutAuditSession(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      su - "$person" -c "echo first; touch $dir/out/first; until [ -e $dir/out/second ]; do sleep 0.02; done" &
      eventually test -e $dir/out/first
      su - "$other" -c "echo second; touch $dir/out/second"
      wait $!
      """#)
    #expect(scene.text.contains("first") && scene.text.contains("second"), "\(scene.summary)")
    var verdict = Verdict()
    verdict.require(scene.recordings.map(\.user).sorted() == [scene.person, scene.other], "not two recordings")
    verdict.check(recorder, scene)
  }

  @Test(
    "THREATS 5: the recorder started again inside the terminal that it records runs the bare shell",
    arguments: Recorder.allCases)
  func inside(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive '+$ ' "=$session -c 'echo direct-\$((40+2))'; bash -c '$session -i'\r" '+direct-42' '+$ ' \
        '=echo deeper-$((40+2)); exit\r' '+deeper-42' '+$ ' '=exit 7\r' -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.recordings.count == 1, "\(scene.summary)")
    #expect(scene.recorded.contains("direct-42"))
    #expect(scene.recorded.contains("deeper-42"))
  }

  /// Programs that make a terminal of their own inside the recorded one. `$1` is what to run in it.
  enum Terminal: String, CaseIterable {
    case script = #"script -qec "$1" /dev/null"#
    case tmux = #"tmux -L own -f /dev/null new-session -d "$1""#
    /// Debian's sudo makes a terminal for what it runs (`use_pty`).
    case sudo = #"sudo -u "$(id -un)" sh -c "$1""#
  }

  @Test(
    "THREATS 5: the recorder in another terminal inside makes a recording of its own that names its parent",
    arguments: Recorder.allCases, Terminal.allCases)
  func anotherTerminal(recorder: Recorder, made terminal: Terminal) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      cat >$dir/out/run <<'END'
      set -- "/usr/bin/tlog-rec-session -c 'echo in-another-\$((40+2)); touch OUT/done'"
      \#(terminal.rawValue)
      until [ -e OUT/done ]; do sleep 0.02; done
      END
      sed -i "s,OUT,$dir/out," $dir/out/run
      drive '+$ ' "=sh $dir/out/run; echo ov\"\"er\r" '+over' '=exit 7\r' -- ssh -tt "$person@127.0.0.1"
      eventually sh -c "! pgrep -u $person tlog-rec"
      """#)
    #expect(scene.status == 0, "\(scene.summary)")
    var verdict = Verdict()
    verdict.require(scene.recordings.count == 2, "\(scene.recordings.count) recordings")
    let first = scene.recordings.first { $0.text.contains("over") }
    let second = scene.recordings.first { $0.text.hasPrefix("in-another-42") }
    verdict.require(second != nil, "what ran in the other terminal is in no recording of its own")
    verdict.require(second?.session == first?.session, "the recordings are not of one session")
    // A tmux server is nobody's child.
    let isChild = second?.start?["parent"] == first?.id
    verdict.require(isChild || terminal == .tmux, "the recording does not name its parent")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 5: locks left behind by recorders that were killed switch nothing off", arguments: Recorder.allCases)
  func staleLocks(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      case $recorder in
        steno) locks=/run/steno/rec; names=$(seq -f pts-%g 0 255) ;;
        stock) locks=/run/tlog; names=session.4294967295.lock ;;
      esac
      hide $locks
      chmod 700 $locks
      (cd $locks && echo $names | xargs touch)
      chown -R $recorder_user $locks
      drive '+$ ' '=echo seen-$((40+2)); exit 7\r' -- su - "$person"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    var verdict = Verdict()
    verdict.require(scene.recorded.contains("seen-42"), "not recorded")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 5: whoever gets the number of a terminal that was hung up is recorded, though its recorder is stopped")
  func numberOfAnother() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      cat >$dir/out/deaf <<END
      trap '' HUP
      my-recorder >$dir/out/recorder
      tty >$dir/out/tty
      exec sleep 300 </dev/null >/dev/null 2>&1
      END
      drive '+$ ' "=exec sh $dir/out/deaf\r" "@until [ -s $dir/out/tty ]; do sleep 0.02; done" '!' \
        -- ssh -tt "$person@127.0.0.1"
      borrow "$(basename "$(cat $dir/out/tty)")" \
        "kill -STOP $(cat $dir/out/recorder); $as_other $session -c 'echo seen-\$((40+2))'"
      kill -KILL $(cat $dir/out/recorder) || true
      """#)
    #expect(scene.text.contains("seen-42"), "\(scene.summary)")
    #expect(scene.recordings.contains { $0.user == scene.other && $0.text.contains("seen-42") }, "\(scene.summary)")
  }

  /// Terminals that have the number of one that is recorded, and are another.
  enum Namesake: String, CaseIterable {
    /// The recorded one is hung up, and the number free, while its recorder waits for a shell that is deaf to that.
    case hungUp = "borrow"
    case ofAnotherFileSystem = "borrow --foreign"
  }

  @Test("THREATS 5: a terminal that only has the number of a recorded one is recorded", arguments: Namesake.allCases)
  func sameNumber(namesake: Namesake) async throws {
    let scene = try await Scene(.steno).run(
      #"""
      cat >$dir/out/deed <<END
      trap '' HUP
      number=\$(basename \$(tty))
      exec </dev/null >$dir/out/said 2>&1
      touch $dir/out/begun
      exec \#(namesake.rawValue) \$number "$session -c 'echo seen-\\$((40+2)); touch $dir/out/done'"
      END
      drive '+$ ' "=exec sh $dir/out/deed\r" "@until [ -e $dir/out/begun ]; do sleep 0.02; done" \
        \#(namesake == .hungUp ? "'!'" : "") -- ssh -tt "$person@127.0.0.1"
      eventually test -e $dir/out/done
      eventually sh -c "! pgrep -u $person borrow"
      """#)
    #expect(scene.file("out/said").contains("seen-42"), "\(scene.summary)")
    #expect(scene.recordings.count == 2, "\(scene.summary)")
    #expect(scene.recorded.contains("seen-42"), "\(scene.summary)")
  }

  @Test("THREATS 5: a recorder leaves no lock behind")
  func locksGo() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      hide /run/steno/rec
      chown steno-rec /run/steno/rec
      chmod 700 /run/steno/rec
      drive '+$ ' "@ls /run/steno/rec >$dir/out/during" '=exit 7\r' -- ssh -tt "$person@127.0.0.1"
      ls /run/steno/rec >$dir/out/after
      """#)
    #expect(scene.file("out/during").hasPrefix("pts-"), "\(scene.summary)")
    #expect(scene.file("out/after") == "")
  }
}
