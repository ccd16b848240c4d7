import Foundation
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
  /// For tests that mount a small file system that only they see.
  fileprivate static var needsMounts: Self {
    .enabled(if: Surroundings.isRoot && Surroundings.installed("unshare") != nil, "needs root, and unshare(1)")
  }
}

/// Small real disks that fill up, at the centre and at the host.
@Suite("full disks", .inTurn, .needsMounts) struct FullDiskTests {
  private static let prepare = """
    set -e
    trap 'kill $agent $centre 2>/dev/null' EXIT
    mkdir data state run adopt
    start() {
      STENOD --data data --listen 127.0.0.1:0 --config stenod.yaml >listening 2>log & centre=$!
      until grep -q listening listening; do sleep 0.02; done
      STENOD join-token --data data --host h1 >token
      AGENT --state state --run run --adopt adopt --host h1 --server https://$(sed 's/.* on //' listening) \\
        --ca data/ca.pem --join @token 2>agent.log & agent=$!
      until [ -S run/self.sock ]; do sleep 0.02; done
    }
    record() { RECORDER --writer=agent --agent-path=$PWD/run/self.sock "$@" </dev/null; }
    list() { STENO_SERVER=unix:$PWD/data/stenod.sock STENO ls --json; }
    ended() { until [ "$(list | grep -o '"complete"' | wc -l)" = $1 ]; do sleep 0.05; done; }
    export_all() {
      for id in $(list | grep -o '"id" *: *"[a-z2-7]*"' | cut -d '"' -f 4); do
        echo "[$(STENO_SERVER=unix:$PWD/data/stenod.sock STENO export --format $1 $id)]"
      done
    }
    stop() { trap - EXIT; kill $agent $centre; wait $agent $centre; }

    """

  /// Runs `script` behind the preparation, in a directory and a mount namespace of its own.
  private func run(_ script: String, configuration: String = Centre.noFreeSpace) async throws -> String {
    let scratch = try ScratchDirectory()
    try scratch.write("stenod.yaml", configuration)
    var text = Self.prepare + script + "\nstop\n"
    for (word, program) in [
      ("STENOD ", Centre.built("stenod")), ("AGENT ", Centre.built("steno-agent")), ("STENO ", Centre.built("steno")),
      ("RECORDER ", Surroundings.ours("tlog-rec")),
    ] { text = text.replacing(word, with: program + " ") }
    let program = try DrivenProgram(
      onPipes: ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", text],
      directory: scratch.path)
    let end = try await program.end(within: .seconds(120))
    #expect(end == .status(0), "\(program.errorText)\n\(scratch.text("log"))\n\(scratch.text("agent.log"))")
    return program.text
  }

  @Test(
    "at a centre whose disk is full nothing is taken and nothing is lost; with room again the agent goes on",
    arguments: ["free-bytes-min: 0\nfree-percent-min: 50\n", Centre.noFreeSpace])
  func centre(configuration: String) async throws {
    let shown = try await run(
      """
      mount -t tmpfs -o size=24m tmpfs data
      start
      record -- /bin/echo one >/dev/null
      ended 1
      head -c \(configuration == Centre.noFreeSpace ? 64 : 16)m /dev/zero >data/ballast 2>/dev/null || true
      record -- /bin/echo two >/dev/null
      until grep -q 'wants nothing for a while' agent.log; do sleep 0.05; done
      [ "$(list | grep -o '"complete"' | wc -l)" = 1 ]
      rm data/ballast
      ended 2
      export_all raw
      """, configuration: configuration)
    #expect(shown == "[two]\n[one]\n")
  }

  @Test("on a host whose disk is full on-failure decides: the session ends, and what it showed before is kept")
  func hostRefuses() async throws {
    let shown = try await run(
      """
      mount -t tmpfs -o size=16m tmpfs state
      start
      record --on-failure=refuse -- /bin/sh -c '
        echo before; head -c 64m /dev/zero >state/ballast 2>/dev/null; yes unrecorded | head -n 9000; sleep 60
      ' >shown && exit 9
      rm state/ballast
      ended 1
      export_all raw >held
      grep -c before held
      python3 -c 'import sys; shown, held = open("shown").read(), open("held").read(); sys.exit(shown.strip() not in held)'
      """)
    #expect(shown == "1\n")
  }

  @Test("on a host whose disk is full, and a session that is to go on, the recording says what it lacks")
  func hostContinues() async throws {
    let shown = try await run(
      """
      mount -t tmpfs -o size=16m tmpfs state
      start
      record --on-failure=continue -- /bin/sh -c '
        echo before; head -c 64m /dev/zero >state/ballast 2>/dev/null; yes unrecorded | head -n 9000
        rm state/ballast; sleep 6; echo after
      ' >shown
      tail -n 1 shown
      ended 1
      export_all raw | grep -c -e before -e after
      export_all tlog | grep -c '"kind":"gap"'
      """)
    #expect(shown == "after\n2\n1\n")
  }
}
