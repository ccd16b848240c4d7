import Foundation
import TestSupport
import Testing

/// A network that is taken away, and clocks that are set while everything runs.
@Suite("severed networks and jumping clocks", .inTurn, .needsNamespaces) struct SeveredTests {
  @Test(
    "while the network is gone a session goes on, and when it is back all of it comes to the centre",
    .enabled(if: Surroundings.installed("ip") != nil, "needs ip(8)"))
  func network() async throws {
    let shown = try await ScriptedStage.run(
      """
      messages() { list | sed -n 's/.*"messages" *: *\\([0-9]*\\).*/\\1/p'; }
      ip link set lo up
      start
      record -- /bin/sh -c 'n=0; until [ -e over ]; do n=$((n+1)); echo line $n; sleep 0.02; done' >shown & recorder=$!
      until [ "$(messages || true)" -gt 2 ] 2>/dev/null; do sleep 0.05; done
      ip link set lo down
      # What had left is answered or lost by then.
      sleep 1
      before=$(messages) lines=$(wc -l <shown)
      sleep 2
      [ "$(messages)" = "$before" ] && [ "$(wc -l <shown)" -gt $((lines + 20)) ] && kill -0 $recorder
      ip link set lo up
      touch over
      wait $recorder
      ended 1
      export_all raw | tr -d '[]' >held
      # A line feed that the recorder adds at its end is not of the session.
      diff -B shown held
      echo $(($(wc -l <held) > 100))
      """, in: ["--net"])
    #expect(shown == "1\n")
  }

  /// Debian's libfaketime: clocks as a file says, read each time; monotonic ones go on.
  private static let library = "/usr/lib/\(machine)-linux-gnu/faketime/libfaketime.so.1"
  #if arch(arm64)
    private static let machine = "aarch64"
  #else
    private static let machine = "x86_64"
  #endif

  /// The second env(1) has the library too, which adds to its variables there: Swift looks for arguments beside those that a
  /// program was started with.
  private static func clock(_ file: String) -> String {
    let variables = "LD_PRELOAD=\(library) FAKETIME_TIMESTAMP_FILE=\(file) FAKETIME_NO_CACHE=1"
    return "env \(variables) FAKETIME_DONT_FAKE_MONOTONIC=1 env"
  }

  private static let hasLibrary = FileManager.default.fileExists(atPath: library)

  private func run(_ script: String) async throws -> String {
    try await ScriptedStage.run(
      "set_clock() { echo $2 >$1.new; mv $1.new $1; }; set_clock host +0; set_clock centre +0\nstart\n" + script,
      in: ["--mount"], host: Self.clock("$PWD/host"), centre: Self.clock("$PWD/centre"))
  }

  @Test(
    "a host whose clock is set back and forth in a session loses nothing, and times within a recording do not jump",
    .enabled(if: hasLibrary, "needs libfaketime"))
  func hostClock() async throws {
    let shown = try await run(
      """
      record -- /bin/sh -c '
        step() { echo $1 >host.new; mv host.new host; echo at $1; sleep 0.3; }
        step +0; step -2d; step +40d; step +0' >/dev/null
      ended 1
      export_all raw | tr '\\r\\n' '  '
      list | grep -c '"duration_ms" *: *[1-9][0-9]\\{3\\},'
      """)
    #expect(shown.split(separator: " ").joined(separator: " ") == "[at +0 at -2d at +40d at +0] 1\n")
  }

  @Test(
    "an agent that starts with a wrong clock keeps what it cannot send, and sends it when the clock is right",
    .enabled(if: hasLibrary, "needs libfaketime"))
  func wrongClock() async throws {
    let shown = try await run(
      """
      record -- /bin/echo one >/dev/null
      ended 1
      kill $agent; wait $agent || true
      set_clock host -800d
      start_agent
      record -- /bin/echo two >/dev/null
      until grep -q "by the clock here" agent.log; do sleep 0.05; done
      [ "$(count complete)" = 1 ]
      set_clock host +0
      ended 2
      export_all raw
      """)
    #expect(shown == "[one]\n[two]\n" || shown == "[two]\n[one]\n")
  }

  @Test(
    "a centre whose clock is set forward calls a live recording abandoned, and takes the rest of it all the same",
    .enabled(if: hasLibrary, "needs libfaketime"))
  func centreClock() async throws {
    let shown = try await run(
      """
      record -- /bin/sh -c 'echo before; until [ -e over ]; do sleep 0.05; done; echo after' >/dev/null & recorder=$!
      # What comes after the clock was set is not old.
      until export_all raw | grep -q before; do sleep 0.05; done
      set_clock centre +30d
      until [ "$(count abandoned)" = 1 ]; do sleep 0.1; done
      set_clock centre -1d
      touch over
      wait $recorder
      ended 1
      export_all raw
      """)
    #expect(shown == "[before\nafter]\n" || shown == "[before\r\nafter]\n", "\(shown)")
  }
}
