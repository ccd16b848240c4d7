import TestSupport
import Testing

/// THREATS 10: `transfers` keeps little of a file transfer, and all of whatever only looks like one.
///
/// Stock tlog has no such setting: it records all, which ``WaysInTests`` shows.
@Suite("THREATS 10: only a file transfer is recorded as one", .needsTestSystem)
struct TransferTests {
  @Test(
    "THREATS 10: a transfer in summary keeps its first bytes, counts and hash, and the file arrives whole",
    arguments: WaysInTests.Transfer.allCases)
  func summary(protocol transfer: WaysInTests.Transfer) async throws {
    let scene = try await Scene(.steno, ownSettings: ["transfers": "summary"]).run(
      #"""
      set -e
      host="$person@127.0.0.1"
      head -c 3000000 /dev/urandom >$dir/out/file
      \#(transfer.rawValue) 2>&1
      cmp $dir/out/file $dir/out/back
      """#)
    #expect(scene.status == 0, "\(scene.summary)")
    #expect(!scene.recordings.isEmpty)
    for recording in scene.recordings {
      #expect(recording.output.count <= 4096)
      #expect(recording.end?["transfer"] != nil)
    }
  }

  @Test("THREATS 10: with transfers off a transfer leaves its start and its end", arguments: ["off"])
  func off(setting: String) async throws {
    let scene = try await Scene(.steno, ownSettings: ["transfers": setting]).run(
      #"""
      echo content >$dir/out/file
      scp -O -q $dir/out/file "$person@127.0.0.1:copy" && cmp $dir/out/file "/home/$person/copy"
      """#)
    #expect(scene.status == 0, "\(scene.summary)")
    #expect(scene.recordings.count == 1)
    #expect(scene.recordings.first?.output == [])
    #expect(scene.recordings.first?.end?["transfer"] != nil)
  }

  /// Commands that begin like a transfer, or put something of the person's in its place.
  enum Disguise: String, CaseIterable {
    case secondCommand = "ssh $host 'scp -t /dev/null; echo the-deed'"
    case substitution = "ssh $host 'scp -f \"$(echo the-deed >&2)\"'"
    case newline = "ssh $host $'scp -f /dev/null\\necho the-deed'"
    case background = "ssh $host 'scp -f /dev/null & echo the-deed'"
    case ownProgram = "ssh $host 'scp -f /dev/null'"
    case ownProgramByPath = "ssh $host './bin/scp -f /dev/null'"
    case environmentOfOwn = "ssh -o SendEnv=BASH_ENV $host 'scp -f /dev/null'"
    case rsyncDaemon = "ssh $host 'rsync --server --daemon --config=rsyncd.conf .'"
    case rsyncShell = "ssh $host 'rsync --server -e ./bin/scp . /dev/null'"
    case terminal = "drive -- ssh -tt $host 'scp -f /dev/null; echo the-deed'"
  }

  @Test(
    "THREATS 10: a command that only looks like a transfer is recorded in full, or does nothing else",
    arguments: ["summary", "off"], Disguise.allCases)
  func disguise(setting: String, as disguise: Disguise) async throws {
    let scene = try await Scene(.steno, ownSettings: ["transfers": setting]).run(
      #"""
      host="$person@127.0.0.1"
      mkdir -p /home/$person/bin
      printf '#!/bin/sh\necho the-deed; echo the-deed >deed\n' >/home/$person/bin/scp
      chmod 755 /home/$person/bin/scp
      cp /home/$person/bin/scp /home/$person/bin/rsync
      printf 'PATH=$HOME/bin:$PATH; scp() { echo the-deed; echo the-deed >deed; }\n' >/home/$person/.bashrc
      cp /home/$person/.bashrc /home/$person/.bash_profile
      printf 'BASH_ENV DEFAULT=/home/%s/.bashrc\nPATH DEFAULT=/home/%s/bin:/usr/bin\n' $person $person >/home/$person/.pam_environment
      printf '[m]\npath = /\npre-xfer exec = /home/%s/bin/scp\nearly exec = /home/%s/bin/scp\n' $person $person >/home/$person/rsyncd.conf
      mkdir /home/$person/.popt.d; echo "rsync exec --server /home/$person/bin/scp" >/home/$person/.popt
      chown -R $person: /home/$person
      export BASH_ENV=/home/$person/.bashrc
      head -c 100 /dev/zero | timeout 60 \#(disguise.rawValue)
      [ ! -e /home/$person/deed ] || echo the-deed-was-done
      """#)
    let happened = scene.text.contains("the-deed") || scene.errors.contains("the-deed")
    if happened { #expect(scene.recorded.contains("the-deed"), "\(scene.summary)") }
    #expect(scene.recordings.count == 1, "\(scene.summary)")
    let isTransfer = scene.recordings.first?.end?["transfer"] != nil
    #expect(!(happened && isTransfer), "recorded as a transfer: \(scene.summary)")
  }
}
