import Events
import Foundation
import TestSupport
import Testing

/// The login shell with rights of its own and the agent as a user of its own, in folders that only the test sees.
@Suite("A recorder with rights of its own and its agent", .inTurn, .needsRoot)
struct PrivilegedAgentTests {
  /// Numbers that no account has: 23001 records, 23002 is the agent, 23005 the person.
  private static let prepare = """
    set -e
    for folder in /var/lib /run /mnt; do mount -t tmpfs -o mode=755 tmpfs $folder; done
    mkdir -p /var/lib/steno-rec/adopt /var/lib/steno-agent /run/steno/rec /mnt/etc
    chown 23001:23001 /var/lib/steno-rec /run/steno/rec; chmod 711 /var/lib/steno-rec; chmod 700 /run/steno/rec
    chown 23002:23001 /var/lib/steno-rec/adopt; chmod 1730 /var/lib/steno-rec/adopt
    chown 23002:23002 /var/lib/steno-agent; chmod 700 /var/lib/steno-agent
    chown 0:23002 /run/steno; chmod 1775 /run/steno
    [ -d /etc/tlog ] || mkdir /etc/tlog
    mount --bind /mnt/etc /etc/tlog
    echo '{"writer": "agent", "notice": ""}' > /etc/tlog/tlog-rec-session.conf
    cp RECORDER /mnt/recorder; chmod 4755 /mnt/recorder
    cp AGENT /mnt/agent; chmod 755 /mnt/agent
    person() { setpriv --reuid=23005 --regid=23005 --clear-groups /mnt/recorder -c "$1" || echo "status $?"; }
    agent() {
      setpriv --reuid=23002 --regid=23002 --groups=23001,23002 /mnt/agent --state /var/lib/steno-agent --run /run/steno &
      agent=$!
      until [ -S /run/steno/self.sock ]; do sleep 0.02; done
    }
    ended() { until [ "$(cat /var/lib/steno-agent/spool/*.state | grep -o completeAt | wc -l)" = $1 ]; do sleep 0.05; done; }

    """

  /// Runs `script` behind the preparation, and returns what was spooled and what the agent knows of it.
  private func run(_ script: String) async throws -> (
    shown: String, spools: [AgentStage.Spool], states: [[String: Any]]
  ) {
    let scratch = try ScratchDirectory()
    let text =
      Self.prepare.replacing("RECORDER", with: Surroundings.ours("tlog-rec-session"))
      .replacing("AGENT", with: AgentStage.program) + script
      + "\nkill $agent; wait $agent\ncp /var/lib/steno-agent/spool/*.state \(scratch.path)\n"
      + "find /var/lib -name '*.spool' -exec cp '{}' \(scratch.path) ';'\n"
    let program = try DrivenProgram(onPipes: [
      "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", text,
    ])
    let end = try await program.end()
    #expect(end == .status(0), "\(program.errorText)")
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
    return (
      program.text, try names.filter { $0.hasSuffix(".spool") }.map { try AgentStage.read(scratch.bytes($0)) },
      names.filter { $0.hasSuffix(".state") }.compactMap {
        try? JSONSerialization.jsonObject(with: Data(scratch.bytes($0))) as? [String: Any]
      }
    )
  }

  @Test("a session is trusted, and the person is whom the kernel vouched for before the recorder's ids were final")
  func trusted() async throws {
    let (shown, spools, states) = try await run("agent; person 'echo hello; exit 5'; ended 1")
    #expect(shown == "hello\nstatus 5\n")
    #expect(spools.map(\.output) == [Array("hello\n".utf8)] && spools[0].whys == [.exit])
    #expect(states[0]["isTrusted"] as? Bool == true && states[0]["user"] as? Int == 23005)
  }

  @Test("without an agent the session is recorded all the same, and the agent that comes later adopts it")
  func adopted() async throws {
    let (shown, spools, states) = try await run("person 'echo alone'; agent; ended 1")
    #expect(shown == "alone\n")
    #expect(spools.map(\.output) == [Array("alone\n".utf8)])
    #expect(states[0]["isTrusted"] as? Bool == true && states[0]["user"] as? Int == 23005)
  }

  @Test("without an agent one person fills their own places and nobody else's, and all that is in them is adopted")
  func places() async throws {
    let (shown, spools, states) = try await run(
      "for one in $(seq 66); do person true; done 2>/dev/null\n"
        + "setpriv --reuid=23006 --regid=23006 --clear-groups /mnt/recorder -c 'echo other'\n"
        + "agent; ended 65; person 'echo again'; ended 66")
    #expect(shown == "status 1\nstatus 1\nother\nagain\n")
    #expect(spools.count == 66 && spools.allSatisfy { $0.whys == [.exit] })
    #expect(Set(states.compactMap { $0["user"] as? Int }) == [23005, 23006])
  }

  @Test("a session that began without an agent is taken over while it runs")
  func adoptedAlive() async throws {
    let (shown, spools, _) = try await run(
      "(person 'echo begun; until [ -e /mnt/etc/go ]; do sleep 0.05; done; echo done')& person=$!\n"
        + "until ls /var/lib/steno-rec/adopt | grep -q spool; do sleep 0.05; done\n"
        + "agent; touch /mnt/etc/go; wait $person; ended 1")
    #expect(shown == "begun\ndone\n")
    #expect(spools.map(\.output) == [Array("begun\ndone\n".utf8)] && spools[0].whys == [.exit])
  }
}
