import TestSupport
import Testing

/// THREATS 8: what lies between the person and the shell.
@Suite("THREATS 8: the session is as it would be without a recorder", .needsTestSystem)
struct RelayTests {
  @Test(
    "THREATS 8: the inner terminal is the person's: devices, mesg, tmux and write permission work",
    arguments: Recorder.allCases)
  func innerTerminal(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      cat >$dir/out/run <<'END'
      stat -c 'owner %U' "$(tty)"
      echo to-stderr >/dev/stderr && echo to-stdout >/dev/stdout && echo to-tty >/dev/tty
      mesg n; mesg; mesg y; mesg
      echo back >"$(tty)"
      script -qec 'echo in-script' /dev/null
      END
      drive '+$ ' "=sh $dir/out/run; echo ov\"\"er\r" '+over' '+$ ' '=tmux -L own -f /dev/null\r' '+[0]' \
        '=echo in-tmux-$((40+2))\r' '+in-tmux-42' '=exit\r' '+[exited]' '+$ ' '=exit 7\r' -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(!scene.errors.contains("waiting for"), "\(scene.summary)")
    for line in ["owner \(scene.person)", "to-stderr", "to-stdout", "to-tty", "is n", "is y", "back", "in-script"] {
      #expect(scene.text.contains(line + "\r\n"), "\(scene.summary)")
    }
    #expect(!scene.text.contains("ermission denied"))
  }

  @Test("THREATS 8: on pipes too the person may open what the session writes to", arguments: Recorder.allCases)
  func innerPipes(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      ssh "$person@127.0.0.1" 'echo one >/dev/stdout; echo two >/dev/stderr; read -r three </dev/stdin; echo $three' \
        <<<three 2>&1
      """#)
    // Two streams have no order between them.
    #expect(Set(scene.text.split(separator: "\n")) == ["one", "two", "three"], "\(scene.summary)")
  }

  @Test("THREATS 8: nobody else may open the inner terminal", arguments: Recorder.allCases)
  func innerTerminalOfOthers(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive '+$ ' "=tty >$dir/out/inside; echo no\"\"ted\r" +noted \
        "@$as_other outer now \$(cat $dir/out/inside) >$dir/out/results" \
        '=exit 7\r' -- ssh -tt "$person@127.0.0.1"
      """#)
    let results = scene.results("out/results")
    #expect(results.count == 4, "\(scene.summary)")
    #expect(results.values.allSatisfy { ["EACCES", "EPERM", "EIO"].contains($0) }, "\(results)")
  }

  @Test("THREATS 8: a background job that holds the terminal does not hold the session", arguments: Recorder.allCases)
  func backgroundJob(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive -T $patience '+$ ' '=setsid sleep 50 & disown; echo left-$((40+2)); exit 7\r' '+left-42' -- su - "$person"
      """#)
    var verdict = Verdict()
    verdict.require(scene.status == 7, "status \(scene.status)")
    verdict.require(scene.recorded.contains("left-42"), "not recorded")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 8: the caller's descriptors do not become non-blocking", arguments: Recorder.allCases)
  func nonBlocking(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      mkfifo $dir/in $dir/all
      exec 3<>$dir/in 4<>$dir/all
      su - "$person" -c 'echo ran; read -r line; exit 7' <&3 >&4 2>&4 &
      echo line >&3
      wait $!
      echo "status $?"
      grep -h flags /proc/self/fdinfo/3 /proc/self/fdinfo/4
      """#)
    #expect(scene.text == "status 7\nflags:\t0100002\nflags:\t0100002\n", "\(scene.summary)")
  }

  @Test(
    "THREATS 8: a terminal that takes nothing stops its own session only, and then shows and records the rest",
    arguments: Recorder.allCases)
  func stalledTerminal(recorder: Recorder) async throws {
    let scene = try await Scene(recorder, settings: ["payload": 60000]).run(
      #"""
      drive '+$ ' '=seq 1 300000; echo all-$((40+2))\r' '@sleep 1' '+all-42' '=exit 7\r' -- su - "$person"
      """#)
    #expect(scene.status == 7)
    #expect(scene.text.contains("\r\n299999\r\n300000\r\nall-42\r\n"))
    #expect(scene.endsAsRecorded, "shown and recorded differ")
  }

  /// less is given a moment before the resize: it misses a SIGWINCH that comes just before it reads keys.
  @Test("THREATS 8: vim, less and top draw, follow a resize and leave the terminal as it was")
  func fullScreen() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      seq -f 'row-%g-end' 1 500 >$dir/out/rows
      drive '+$ ' "=stty -g >$dir/out/before; vi -u NONE $dir/out/edited\r" '+~' '=ityped in vim\x1b:wq\r' '+written' \
        '+$ ' "=less $dir/out/rows\r" '+row-23-end' '@sleep 0.3' '#80x40' '+row-39-end' '=G' '+row-500-end' '=q' '+$ ' \
        '=top -d 1\r' '+load average' '=q' '+$ ' "=stty -g >$dir/out/after; exit 7\r" -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(!scene.errors.contains("waiting for"), "\(scene.errors)")
    #expect(scene.file("out/edited") == "typed in vim\n")
    #expect(scene.file("out/after") == scene.file("out/before"))
    #expect(scene.file("out/after") != "")
    #expect(scene.endsAsRecorded)
  }
}
