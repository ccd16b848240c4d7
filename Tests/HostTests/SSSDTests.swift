import TestSupport
import Testing

/// SSSD chooses who is recorded: it puts the recorder in the place of their shell, and their shell in
/// `TLOG_REC_SESSION_SHELL`. In the tree: alice by name, bob by his group, carol not.
@Suite("SSSD chooses who is recorded", .needsTestSystem)
struct SSSDTests {
  /// The user database asked through SSSD first, in this test's mount namespace.
  private static let throughSSSD = #"""
    sed 's/^passwd:.*/passwd: sss files/; s/^group:.*/group: sss files/' /etc/nsswitch.conf >$dir/nsswitch
    replace $dir/nsswitch /etc/nsswitch.conf
    for who in alice bob; do eventually sh -c "getent -s sss passwd $who | grep -q tlog-rec-session"; done

    """#

  /// Ways in; `$who` is the person.
  enum Entry: String, CaseIterable {
    case ssh = "ssh \"$who@127.0.0.1\""
    case su = "su - \"$who\" -c"
    /// sudo hands all of it over as one word, quoted.
    case sudo = "sudo -u \"$who\" -i eval"
  }

  @Test(
    "SSSD's choice of alice by name and bob by group is followed, with their own shells, and carol's is not touched",
    arguments: Recorder.allCases, Entry.allCases)
  func chosen(recorder: Recorder, entry: Entry) async throws {
    let scene = try await Scene(recorder).run(
      Self.throughSSSD + #"""
        for who in alice bob carol; do
          \#(entry.rawValue) "echo $who-\$((40+2)) \$0; exit 7" 2>$dir/out/errors
          echo "status $?"
        done
        """#)
    let shown = scene.text.split(separator: "\n").map(String.init)
    #expect(shown.filter { $0 == "status 7" }.count == 3, "\(scene.summary)")
    #expect(scene.recordings.map(\.user) == ["alice", "bob"], "\(scene.summary)")
    #expect(scene.recordings.first?.text.hasPrefix("alice-42 ") == true)
    #expect(scene.recordings.first?.text.hasSuffix("bash\n") == true, "\(scene.summary)")
    #expect(scene.recordings.last?.text.hasPrefix("bob-42 ") == true)
    #expect(scene.recordings.last?.text.hasSuffix("zsh\n") == true)
    #expect(shown.contains { $0.hasPrefix("carol-42") })
  }

  @Test("alice's interactive login by ssh and by login(1) is recorded", arguments: Recorder.allCases)
  func interactive(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      Self.throughSSSD + #"""
        drive '+$ ' '=echo by-ssh-$((40+2)) $0 $SHELL\r' '+by-ssh-42 -bash /bin/bash' '=exit 7\r' -- ssh -tt alice@127.0.0.1
        echo "status $?"
        drive '+$ ' '=echo by-login-$((40+2)) $0 $SHELL\r' '+by-login-42 -bash /bin/bash' '=exit 7\r' -- login -f alice
        """#)
    #expect(scene.text.contains("status 7"), "\(scene.summary)")
    #expect(scene.recordings.count == 2)
    #expect(scene.recorded.contains("by-ssh-42"))
    #expect(scene.recorded.contains("by-login-42"))
  }
}
