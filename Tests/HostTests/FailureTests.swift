import TestSupport
import Testing

/// THREATS 7: no place to write.
@Suite("THREATS 7: when there is no place to write", .needsTestSystem)
struct FailureTests {
  /// Each sink with nothing at its other end.
  enum Sink: String, CaseIterable {
    case journal, syslog, file

    var settings: [String: any Sendable] {
      self == .file
        ? ["writer": "file", "file": ["path": "/nonexistent/recording"]] : ["writer": rawValue]
    }
  }

  private static let withoutSink = "hide /run/systemd/journal\n"

  @Test("THREATS 7: on-failure refuse starts no shell, and says why", arguments: Recorder.allCases, Sink.allCases)
  func refuse(recorder: Recorder, sink: Sink) async throws {
    let scene = try await Scene(recorder, settings: sink.settings, ownSettings: ["on-failure": "refuse"]).run(
      Self.withoutSink + #"su - "$person" -c 'echo a-shell-ran'"#)
    var verdict = Verdict()
    verdict.require(!scene.text.contains("a-shell-ran"), "a shell ran unrecorded")
    verdict.require(scene.status == 1, "status \(scene.status)")
    verdict.require(scene.errors.contains("No such file or directory"), "it does not say why")
    // An unwritable file refuses a login with stock tlog too; that the journal is not there it does not notice.
    verdict.check(recorder, scene, stockBreaksIt: sink != .file)
  }

  @Test("THREATS 7: on-failure warn lets the session go on and tells the person", arguments: Sink.allCases)
  func warn(sink: Sink) async throws {
    let scene = try await Scene(.steno, settings: sink.settings, ownSettings: ["on-failure": "warn"]).run(
      Self.withoutSink + #"su - "$person" -c 'echo a-shell-ran; exit 7'"#)
    #expect(scene.text == "a-shell-ran\n", "\(scene.summary)")
    #expect(scene.status == 7)
    #expect(scene.errors.contains("not recorded"))
  }

  @Test("THREATS 7: on-failure continue lets the session go on and says nothing", arguments: Sink.allCases)
  func goOn(sink: Sink) async throws {
    let scene = try await Scene(.steno, settings: sink.settings, ownSettings: ["on-failure": "continue"]).run(
      Self.withoutSink + #"su - "$person" -c 'echo a-shell-ran; exit 7'"#)
    #expect(scene.text == "a-shell-ran\n", "\(scene.summary)")
    #expect(scene.status == 7)
    #expect(scene.errors == "")
  }

  @Test("THREATS 7: root is recorded where set-user-id is switched off, since it needs none")
  func rootWithoutSetuid() async throws {
    let scene = try await Scene(.steno, ownSettings: ["on-failure": "refuse"]).run(
      #"""
      mount --bind $session $session
      mount -o remount,bind,nosuid $session
      $session -c 'echo ran; exit 7'
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.recorded == "ran\n")
  }

  @Test("THREATS 7: root and members of steno-breakglass are never refused", arguments: ["root", "member"])
  func neverRefused(who: String) async throws {
    let scene = try await Scene(.steno, settings: Sink.journal.settings, ownSettings: ["on-failure": "refuse"]).run(
      Self.withoutSink + #"""
        sed "s/^\(steno-breakglass:.*\)$/\1$person/" /etc/group >$dir/group
        replace $dir/group /etc/group
        case \#(who) in
          root) $session -c 'echo a-shell-ran; exit 7' ;;
          member) su - "$person" -c 'echo a-shell-ran; exit 7' ;;
        esac
        """#)
    #expect(scene.text == "a-shell-ran\n", "\(scene.summary)")
    #expect(scene.status == 7)
    #expect(scene.errors.contains("not recorded"))
  }

  /// Causes that anybody can make for themselves.
  enum OwnDoing: String, CaseIterable {
    case processes = "inherit nproc=0"
    case noNewPrivileges = "inherit no-new-privileges"
  }

  @Test("THREATS 7: a cause that the person can make is refused, whatever the setting", arguments: OwnDoing.allCases)
  func ownDoing(cause: OwnDoing) async throws {
    let scene = try await Scene(.steno, ownSettings: ["on-failure": "continue"]).run(
      #"""
      $as_person \#(cause.rawValue) -- $session -c 'echo a-shell-ran'
      """#)
    #expect(scene.text == "", "\(scene.summary)")
    #expect(scene.status == 1)
    #expect(scene.errors != "", "it says why")
  }

  // MARK: In mid-session

  @Test(
    "THREATS 7: when journald goes away and comes back, nothing recorded before or after is missing",
    arguments: Recorder.allCases)
  func journalRestarts(recorder: Recorder) async throws {
    let scene = try await Scene(recorder, settings: ["writer": "journal"]).run(
      #"""
      own_journald
      drive '+$ ' '=echo before-$((40+2))\r' '+before-42' '@sleep 1.3' "@kill $journald; sleep 0.2" \
        '=echo between-$((40+2))\r' '+between-42' '@sleep 1.3' \
        "@/lib/systemd/systemd-journald t${dir##*/} </dev/null >/dev/null 2>&1 & sleep 5.5" \
        '=echo after-$((40+2))\r' '+after-42' '=exit 7\r' -- su - "$person"
      status=$?
      journalctl --namespace=t${dir##*/} --sync 2>/dev/null
      journalctl --namespace=t${dir##*/} -o cat --all TLOG_USER="$person" >$dir/log/recording
      pkill -f "systemd-journald t${dir##*/}\$"
      exit $status
      """#)
    var verdict = Verdict()
    verdict.require(scene.status == 7, "status \(scene.status)")
    for word in ["before-42", "between-42", "after-42"] {
      verdict.require(scene.recorded.contains(word), "\(word) is not recorded")
    }
    verdict.check(recorder, scene)
  }

  @Test(
    "THREATS 7: on-failure refuse ends a session whose sink goes away, one that ignores the hang-up after 5 seconds",
    arguments: ["", "trap '' HUP TERM; "])
  func refusedInMidSession(ignoring trap: String) async throws {
    let scene = try await Scene(
      .steno, settings: ["writer": "journal"], ownSettings: ["on-failure": "refuse"]
    ).run(
      #"""
      own_journald
      drive '+$ ' "=\#(trap)echo be\"\"gun\r" '+begun' "@kill $journald" '=echo more-$((40+2))\r' \
        '+the session ends' -- su - "$person"
      status=$?
      pgrep -u "$person" bash && echo "the shell is still there"
      exit $status
      """#)
    #expect(scene.status == 1, "\(scene.summary)")
    #expect(!scene.text.contains("the shell is still there"))
  }

  @Test(
    "THREATS 7: a journald that is stopped holds back output, never keys, and loses nothing",
    arguments: Recorder.allCases)
  func journalStops(recorder: Recorder) async throws {
    let scene = try await Scene(recorder, settings: ["writer": "journal"]).run(
      #"""
      own_journald
      drive -T $patience '+$ ' "@kill -STOP $journald" '=yes flood-of-text | head -c 20000000\r' '@sleep 1' '=\x03' \
        "@(sleep 2; kill -CONT $journald 2>/dev/null) &" '+^C' '+$ ' '=echo alive-$((40+2)); exit 7\r' '+alive-42' -- su - "$person"
      status=$?
      kill -CONT $journald
      journalctl --namespace=t${dir##*/} --sync 2>/dev/null
      journalctl --namespace=t${dir##*/} -o cat --all TLOG_USER="$person" >$dir/log/recording
      kill $journald
      exit $status
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    let recording = try #require(scene.recordings.first)
    if recorder == .steno {
      #expect(recording.gaps.isEmpty)
      #expect(scene.endsAsRecorded, "\(scene.summary)")
    }
  }

  @Test("THREATS 7: a full file system makes a gap with both its times, and no torn message")
  func fullFileSystem() async throws {
    let scene = try await Scene(.steno, ownSettings: ["on-failure": "warn"]).run(
      #"""
      mount -t tmpfs -o size=64k,mode=700,uid=$(id -u steno-rec) small $dir/log
      drive -w 200x50 '+$ ' '=echo before-$((40+2))\r' '+before-42' "@await $dir/log/recording before-42" \
        "@head -c 60000 /dev/zero >$dir/log/filler" '=seq 1 100000 | tail -n 60000\r' '+not recorded' '+100000' \
        "@rm $dir/log/filler; mount -o remount,size=10m $dir/log; sleep 5.5" '=echo after-$((40+2))\r' '+after-42' \
        '=exit 7\r' -- su - "$person"
      status=$?
      cp $dir/log/recording $dir/out/recording
      umount $dir/log
      cp $dir/out/recording $dir/log/recording
      exit $status
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.brokenLineCount == 0)
    let recording = try #require(scene.recordings.first)
    #expect(recording.text.contains("before-42"))
    #expect(recording.text.contains("after-42"))
    #expect(recording.gaps.count == 1)
    #expect(recording.end != nil)
  }
}
