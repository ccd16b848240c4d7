import TestSupport
import Testing

/// Small real disks that fill up, at the centre and at the host.
@Suite("full disks", .inTurn, .needsNamespaces) struct FullDiskTests {
  private func run(_ script: String, configuration: String = Centre.noFreeSpace) async throws -> String {
    try await ScriptedStage.run(
      script, in: ["--mount", "--propagation", "private"], configuration: configuration)
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
      [ "$(count complete)" = 1 ]
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
