import TestSupport
import Testing

/// Real logins through the programs that log people in, with PAM as Debian has it.
@Suite("Ways in", .needsTestSystem)
struct WaysInTests {
  /// A login that ends on a terminal with an interactive shell.
  enum Terminal: String, CaseIterable {
    case ssh = "ssh -tt \"$person@127.0.0.1\""
    case su = "su - \"$person\""
    case sudo = "sudo -u \"$person\" -i"
    case login = "login -f \"$person\""
  }

  /// A login that runs one command with nothing but pipes and files around it.
  enum Pipes: String, CaseIterable {
    case ssh = "ssh \"$person@127.0.0.1\""
    case su = "su - \"$person\" -c"
    case sudo = "sudo -u \"$person\" -i -- /bin/sh -c"
  }

  @Test(
    "an interactive login is recorded exactly as it is shown, follows its window, and carries its exit status",
    arguments: Recorder.allCases, Terminal.allCases)
  func terminal(recorder: Recorder, entry: Terminal) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive '+$ ' '=echo gr\xc3\xbc\xc3\x9fe-$((40+2)) $0\r' '+e-42 -bash' '+$ ' '#101x31' \
        '=until [ "$(stty size)" = "31 101" ]; do sleep 0.02; done; echo "$(tput cols)" cols\r' '+101 cols' '+$ ' \
        '=exit 7\r' -- \#(entry.rawValue)
      """#)
    // login(1) does not hand on the status of the shell that it waited for.
    #expect(scene.status == (entry == .login ? 0 : 7), "\(scene.summary)")
    let recording = try #require(scene.recordings.first, "\(scene.summary)")
    #expect(scene.recordings.count == 1)
    #expect(recording.user == scene.person)
    #expect(recording.windows.first == "80x24")
    #expect(recording.windows.last == "101x31")
    #expect(scene.endsAsRecorded, "\(scene.summary)")
    #expect(recording.text.contains("grüße-42 -bash"))
  }

  @Test(
    "a command run by a login is recorded, and its three streams and exit status are its own",
    arguments: Recorder.allCases, Pipes.allCases)
  func pipes(recorder: Recorder, entry: Pipes) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      content >$dir/out/sent
      \#(entry.rawValue) 'cat; echo to-stderr >&2; exit 7' <$dir/out/sent >$dir/out/got 2>$dir/out/errors
      echo "status $?"
      cmp $dir/out/sent $dir/out/got
      """#)
    #expect(scene.text.contains("status 7"))
    #expect(scene.recordings.count == 1)
    var verdict = Verdict()
    verdict.require(
      scene.recordings.first?.output.count == 300_000 + "to-stderr\n".utf8.count, "not all of it was recorded")
    verdict.require(scene.status == 0, "standard output is not what was sent")
    verdict.require(scene.file("out/errors").hasSuffix("to-stderr\n"), "standard error did not arrive as such")
    verdict.check(recorder, scene)
  }

  @Test("ssh -n gives the command an empty input and nothing hangs", arguments: Recorder.allCases)
  func withoutInput(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      ssh -n "$person@127.0.0.1" 'cat; echo read-all; exit 3'
      """#)
    #expect(scene.status == 3)
    #expect(scene.text == "read-all\n")
    #expect(scene.recorded == "read-all\n", "\(scene.summary)")
  }

  /// Files that go through the recorder: in and out, by each protocol.
  enum Transfer: String, CaseIterable {
    case scpOld = "scp -O -q $dir/out/file $host:back; scp -O -q $host:back $dir/out/back"
    case scp = "scp -q $dir/out/file $host:back; scp -q $host:back $dir/out/back"
    case sftp = "printf 'put %s back\\nget back %s\\n' $dir/out/file $dir/out/back | sftp -q -b - $host"
    case rsync = "rsync -q $dir/out/file $host:back; rsync -q $host:back $dir/out/back"
  }

  @Test(
    "a file sent and fetched through a recorded login is the same, and the transfer is recorded",
    arguments: Recorder.allCases, Transfer.allCases)
  func transfer(recorder: Recorder, protocol transfer: Transfer) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      set -e
      host="$person@127.0.0.1"
      content >$dir/out/file
      \#(transfer.rawValue) 2>&1
      cmp $dir/out/file $dir/out/back
      """#)
    #expect(scene.status == 0, "\(scene.summary)")
    #expect(scene.recordings.map(\.output.count).reduce(0, +) > 300_000)
  }

  @Test("a transfer that fails says so with its exit status", arguments: Recorder.allCases)
  func failingTransfer(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      scp -O -q "$person@127.0.0.1:missing" $dir/out/back
      """#)
    #expect(scene.status == 1)
    #expect((scene.errors + scene.text).contains("missing"), "\(scene.summary)")
  }

  @Test(
    "a recorder leaves a terminal with a line end, after it has put the terminal back", arguments: Recorder.allCases)
  func lineEnd(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(#"drive '+$ ' '=exit\r' -- su - "$person""#)
    #expect(scene.text.hasSuffix(scene.recorded + "\r\n"), "\(scene.summary)")
  }
}
