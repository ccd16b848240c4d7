import Foundation
import TestSupport
import Testing

/// THREATS 4: what a caller leaves to the recorder.
@Suite("THREATS 4: no inheritance stops or blinds a recording", .needsTestSystem)
struct InheritanceTests {
  /// All that an unprivileged caller can do to what it starts. Hard limits are apart: see ``hardLimits()``.
  private static let bad =
    "fsize=1024 core=0 data=50000000 nice=19 umask=0777 ignore=all block=all timers cwd=gone open=1000"

  /// Ways in that hand on what they got. `$1` is the command.
  enum Entry: String, CaseIterable {
    case su = "su - \"$person\" -c \"$1\""
    case sudo = "sudo -u \"$person\" -i -- bash -c \"$1\""
    case directly = "$as_person $session -c \"$1\""
  }

  @Test(
    "THREATS 4: with limits, timers, signals, priority, umask and descriptors against it, everything is recorded",
    arguments: Recorder.allCases, Entry.allCases)
  func recordedWhole(recorder: Recorder, entry: Entry) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      set -- 'seq -f line-%g 300; exit 7'
      timeout \#(recorder == .stock && entry == .directly ? 10 : 60) inherit \#(Self.bad) -- \#(entry.rawValue)
      """#)
    let all = (1...300).map { "line-\($0)\n" }.joined()
    var verdict = Verdict()
    verdict.require(scene.status == 7, "status \(scene.status)")
    // bash has a word to say about the missing directory first.
    verdict.require(scene.text.hasSuffix(all), "not all was shown")
    verdict.require(scene.recorded.hasSuffix(all), "not all was recorded")
    // By these ways pam_limits gives the session the limits of the system's first process, in Debian.
    verdict.check(recorder, scene, stockBreaksIt: entry == .directly)
  }

  @Test(
    "THREATS 4: with signals blocked and ignored by su's caller, a terminal is followed and logged in time",
    arguments: Recorder.allCases)
  func onTerminal(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive -T $patience '+$ ' '=echo seen-$((40+2))\r' '+seen-42' "@sleep 1; await $dir/log/recording seen-42 4" \
        "@grep -h seen-42 $dir/log/recording >$dir/out/in-time" '#101x31' \
        '=until [ "$(stty size)" = "31 101" ]; do sleep 0.02; done; exit 7\r' \
        -- inherit \#(Self.bad) -- su - "$person"
      """#)
    var verdict = Verdict()
    verdict.require(scene.file("out/in-time") != "", "not logged within the latency")
    verdict.require(scene.status == 7, "the change of the window did not arrive")
    verdict.check(recorder, scene)
  }

  @Test(
    "THREATS 4: hard limits that a caller lowered do not stop a recording",
    .enabled(if: canRaiseLimits, "raising a hard limit needs CAP_SYS_RESOURCE, which this machine does not give"),
    arguments: Recorder.allCases)
  func hardLimits(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      inherit hard-fsize=1024 hard-cpu=1 -- \
        $as_person $session -c 'for i in $(seq 1 300); do echo line-$i; done'
      """#)
    var verdict = Verdict()
    verdict.require(scene.recorded == (1...300).map { "line-\($0)\n" }.joined(), "not all was recorded")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 4: the recorder itself runs with a priority, umask, directory and file size limit of its own")
  func recordersOwn() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      drive '+$ ' "=my-recorder >$dir/out/pid; echo no\"\"ted\r" '+noted' \
        "@cd /proc/\$(cat $dir/out/pid) && { echo nice \$(cut -d ' ' -f 19 stat); grep Umask status; \
          echo directory \$(readlink cwd); echo oom \$(cat oom_score_adj); grep -o 'Max file size *unlimited' limits; \
          echo descriptors \$(ls fd | wc -l); } >$dir/out/own" \
        '=exit\r' -- inherit \#(Self.bad) -- su - "$person"
      """#)
    let lines = scene.file("out/own").split(separator: "\n").map(String.init)
    try #require(lines.count == 6, "\(scene.summary)")
    #expect(lines[0] == "nice 0")
    #expect(lines[1] == "Umask:\t0077")
    #expect(lines[2] == "directory /")
    #expect(lines[3] == "oom 0")
    #expect(lines[4].hasSuffix("unlimited"))
    #expect((Int(lines[5].dropFirst("descriptors ".count)) ?? .max) < 20, "\(lines[5])")
  }

  /// Says what a shell's commands inherit: limits, priority, umask, signals, descriptors, timers, directory.
  private static let report =
    #"umask; cat /proc/self/limits /proc/self/oom_score_adj; nice; grep -E \"^Sig(Blk|Ign)\" /proc/self/status; readlink /proc/self/cwd"#

  @Test("THREATS 4: the shell gets the caller's umask, directory, limits, priority, signal mask and ignored signals")
  func handedBack() async throws {
    let words = "fsize=50000000 core=4096 nofile=200 nice=5 umask=0027 ignore=HUP,INT,PIPE,USR1,CHLD block=USR2,WINCH"
    let scene = try await Scene(.steno).run(
      #"""
      cd /home
      inherit \#(words) -- $as_person /bin/bash -c "\#(Self.report)" >$dir/out/plain
      inherit \#(words) -- $as_person $session -c "\#(Self.report)" >$dir/out/recorded
      $as_person inherit open=1000 -- $session -c 'ls /proc/self/fd | wc -l' >$dir/out/descriptors
      $as_person inherit cwd=gone -- $session -c 'readlink /proc/self/cwd' >$dir/out/removed
      cd /root
      $as_person $session -c 'readlink /proc/self/cwd' >$dir/out/forbidden
      """#)
    #expect(scene.file("out/plain").contains("/home"))
    #expect(scene.file("out/recorded") == scene.file("out/plain"), "\(scene.summary)")
    #expect(scene.file("out/descriptors") == "4\n", "0, 1, 2 and the listing itself")
    #expect(scene.file("out/removed").hasSuffix("(deleted)\n"))
    #expect(scene.file("out/forbidden") == "/root\n", "a directory that the person may be in and could not enter")
  }

  /// What anybody may set for themselves and what they start, and what keeps a recorder from running or waking up.
  private static let drowsy = "slack=4000000000 policy=idle cpu=0 io=idle memory=0 personality=0x20000 huge=off"
  /// Says all that of the process in `$1`, for whoever may look.
  private static let look = #"""
    cd /proc/$1 && { cat timerslack_ns personality; grep THP_enabled status; grep -om 1 'default\|bind' numa_maps; chrt -p $1
    taskset -p $1; ionice -p $1; } | sed 's/.*: *//'
    """#

  @Test("THREATS 4: what a caller can set to keep a recorder asleep it does not keep, and its shell gets back")
  func scheduling() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      cat >$dir/out/look <<'END'
      \#(Self.look)
      END
      sh -c 'sh $0 $$' $dir/out/look >$dir/out/usual
      inherit \#(Self.drowsy) -- $as_person sh -c 'sh $0 $$' $dir/out/look >$dir/out/drowsy
      cat >$dir/out/inside <<END
      sh $dir/out/look \$\$ >$dir/out/shell
      my-recorder >$dir/out/recorder
      until [ -e $dir/out/looked ]; do sleep 0.02; done
      END
      inherit \#(Self.drowsy) -- $as_person $session $dir/out/inside &
      eventually test -s $dir/out/recorder
      sh $dir/out/look $(cat $dir/out/recorder) >$dir/out/own
      touch $dir/out/looked
      wait $!
      """#)
    #expect(scene.file("out/drowsy").contains("SCHED_IDLE"), "\(scene.summary)")
    #expect(scene.file("out/drowsy").contains("bind"), "\(scene.file("out/drowsy"))")
    #expect(scene.file("out/own") == scene.file("out/usual"), "\(scene.summary)")
    #expect(scene.file("out/shell") == scene.file("out/drowsy"), "\(scene.summary)")
  }

  @Test("THREATS 4: nohup works inside a recorded session", arguments: Recorder.allCases)
  func nohup(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive '+$ ' "=nohup sh -c 'echo up >$dir/out/up; sleep 0.3; echo outlived >$dir/out/outlived' &\r" '+$ ' \
        "@until [ -e $dir/out/up ]; do sleep 0.02; done" '!' -- ssh -tt "$person@127.0.0.1"
      eventually test -e $dir/out/outlived
      """#)
    #expect(scene.file("out/outlived") == "outlived\n", "\(scene.summary)")
  }

  @Test(
    "THREATS 4: standard descriptors that are closed are no obstacle, and the recording has its end",
    arguments: ["closed=0", "closed=1", "closed=2", "closed=0 closed=1 closed=2"])
  func closed(words: String) async throws {
    let scene = try await Scene(.steno).run(
      #"""
      $as_person inherit \#(words) -- $session -c "echo ran >$dir/out/ran; echo shown; exit 7"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.file("out/ran") == "ran\n")
    #expect(scene.recordings.count == 1)
    #expect(scene.recordings.first?.end?["exit"] == "7")
  }

  @Test("THREATS 4: an empty argument list is no obstacle")
  func withoutArguments() async throws {
    let scene = try await Scene(.steno).run(#"echo "echo ran; exit 7" | $as_person inherit argc0 -- $session"#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.recorded == "ran\n")
  }
}

/// Whether this machine lets root raise a hard limit: the tests' own process has CAP_SYS_RESOURCE.
private let canRaiseLimits: Bool = {
  guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapBnd:") }),
    let bits = UInt64(line.split(whereSeparator: \.isWhitespace)[1], radix: 16)
  else { return false }
  return bits & (1 << 24) != 0
}()
