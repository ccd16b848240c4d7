import TestSupport
import Testing

/// THREATS 6 and the rows of DESIGN about what a host may lack: none of it keeps anybody out, or waiting.
@Suite("THREATS 6: the recorder neither waits nor needs", .needsTestSystem)
struct NoWaitingTests {
  @Test("THREATS 6: a name server that never answers is never asked, and refuses nobody", arguments: Recorder.allCases)
  func silentNameServer(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      address=127.0.1.$((1 + ${dir##*/}))
      perl -MSocket -e 'socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(53, inet_aton($ARGV[0]))) or die $!;
        open(F, ">", $ARGV[1]); recv(S, $query, 512, 0); open(F, ">", $ARGV[2]); sleep 3600' \
        $address $dir/listening $dir/out/asked &
      server=$!
      eventually test -e $dir/listening
      printf 'nameserver %s\noptions timeout:2 attempts:1\n' $address >$dir/resolv.conf
      printf '127.0.0.1 localhost\n' >$dir/hosts
      replace $dir/resolv.conf /etc/resolv.conf
      replace $dir/hosts /etc/hosts
      $as_person $session -c 'echo ran; exit 7'
      status=$?
      [ ! -e $dir/out/asked ] || echo asked >&2
      kill $server
      exit $status
      """#)
    var verdict = Verdict()
    verdict.require(scene.status == 7 && scene.text == "ran\n", "refused")
    verdict.require(scene.recorded == "ran\n", "not recorded")
    verdict.require(!scene.errors.contains("asked"), "the name server was asked")
    verdict.check(recorder, scene)
  }

  @Test(
    "THREATS 6: without a name server, and a host name that nobody knows, a login works", arguments: Recorder.allCases)
  func noNameServer(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      printf '127.0.0.1 localhost\n' >$dir/hosts
      replace $dir/hosts /etc/hosts
      ssh "$person@127.0.0.1" 'echo ran; exit 7'
      """#)
    var verdict = Verdict()
    verdict.require(scene.status == 7 && scene.text == "ran\n", "refused")
    verdict.require(scene.recorded == "ran\n", "not recorded")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 6: a user database that hangs for ever does not hold a session for ever")
  func hangingUserDatabase() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      printf 'passwd: files sss\ngroup: files sss\n' >$dir/nsswitch
      hide /var/lib/sss/mc
      mkdir $dir/pipes
      perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un($ARGV[0])) or die $!; listen(S, 9);
        sleep 3600' $dir/pipes/nss &
      database=$!
      eventually test -S $dir/pipes/nss
      chmod 666 $dir/pipes/nss
      replace $dir/pipes /var/lib/sss/pipes
      replace $dir/nsswitch /etc/nsswitch.conf
      inherit user=4242 -- $session -c 'echo ran; exit 7'
      status=$?
      kill $database
      exit $status
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.recorded == "ran\n")
  }

  /// What a host may be without. Run as root before a login.
  enum Lack: String, CaseIterable {
    case utmp = "hide /run/utmp.d"
    case configuration = "hide /etc/tlog; hide /usr/share/tlog"
    case locale = "environment='LC_ALL=xx_YY.UTF-8'"
    case auditSession = "as='without-audit-session'"
  }

  @Test(
    "THREATS 6: a login works without /run/utmp, configuration files, a generated locale or an audit session",
    arguments: Recorder.allCases, Lack.allCases)
  func lacking(recorder: Recorder, _ lack: Lack) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      environment=
      as=env
      \#(lack.rawValue)
      drive '+$ ' '=echo seen-$((40+2)) gr\xc3\xbcn\r' '+seen-42 gr' '+$ ' '=exit 7\r' \
        -- $as $as_person env $environment $session
      """#)
    let configured = lack != .configuration
    var verdict = Verdict()
    verdict.require(scene.status == 7, "status \(scene.status)")
    verdict.require(!configured || scene.recorded.contains("seen-42 grün"), "not recorded")
    verdict.check(recorder, scene, stockBreaksIt: true)
  }
}
