import Foundation
import TestSupport
import Testing

/// Logins whose recordings leave the host: sshd, the installed recorder, the agent and a centre.
@Suite("From a login to the centre", .needsTestSystem)
struct CentreTests {
  /// Starts a centre and an agent of the scene's own, and defines what its scripts ask them.
  private static let stage = #"""
    trap 'kill $(jobs -p) 2>/dev/null' EXIT
    hide /run/steno; chgrp steno-agent /run/steno; chmod 1775 /run/steno
    install -d -m 700 -o steno-rec -g steno-rec /run/steno/rec
    install -d -m 700 -o steno-agent -g steno-agent $dir/state
    # The test system's file system is small.
    echo 'free-bytes-min: 0' >$dir/stenod.yaml
    stenod --data $dir/centre --listen 127.0.0.1:0 --config $dir/stenod.yaml >$dir/listening 2>$dir/stenod.log & centre=$!
    until grep -q listening $dir/listening; do kill -0 $centre || { cat $dir/stenod.log >&2; exit 1; }; sleep 0.05; done
    server=https://$(sed -n 's/^stenod: listening on //p' $dir/listening)
    install -m 644 $dir/centre/ca.pem $dir/ca.pem
    token=$(stenod join-token --data $dir/centre --host recorded-host)
    setpriv --reuid=steno-agent --regid=steno-agent --groups=$(id -g steno-rec) steno-agent --state $dir/state \
      --run /run/steno --server $server --ca $dir/ca.pem --join $token --host recorded-host 2>$dir/agent.log & agent=$!
    until [ -S /run/steno/self.sock ]; do kill -0 $agent || { cat $dir/agent.log >&2; exit 1; }; sleep 0.05; done
    export STENO_SERVER=unix:$dir/centre/stenod.sock
    field() { steno ls --json | sed -n "s/^ *\"$1\" : \"*\([^\",]*\).*/\1/p"; }
    complete() { until [ "$(steno ls --json --state complete 2>/dev/null | grep -c '"id"')" = $1 ]; do sleep 0.1; done; }
    """#

  @Test("what an ssh login showed is at the centre when the session has ended, trusted and with the person's name")
  func login() async throws {
    let scene = try await Scene(.steno, settings: ["writer": "agent"]).run(
      Self.stage + #"""

        drive '+$ ' '=echo kept-$((40+2))\r' '+kept-42' '+$ ' '=exit 7\r' -- ssh -tt "$person@127.0.0.1" >$dir/shown
        complete 1
        echo "user $(field user) host $(field host) trust $(field trust) exit $(field exit) why $(field why)"
        steno export --format raw $(field id) >$dir/kept
        # A recorder that leaves a terminal ends the line there.
        for end in 1 2; do
          head -c -$end $dir/shown | tail -c $(stat -c %s $dir/kept) | cmp -s - $dir/kept && echo same
        done
        cat $dir/agent.log >&2
        """#)
    #expect(
      scene.text.contains("user \(scene.person) host recorded-host trust trusted exit 7 why exit"), "\(scene.summary)")
    #expect(scene.text.contains("same"), "\(scene.summary)")
  }
}
