import TestSupport
import Testing

/// The units, as `make install` puts them into a whole system.
@Suite("services of centre and agent", .needsTestSystem)
struct ServiceTests {
  @Test("systemd has nothing to say against the units, and finds them well confined")
  func units() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      cd /usr/lib/systemd/system
      systemd-analyze verify --man=no ./stenod.service ./steno-agent.service 2>&1 | grep -E '^(stenod|steno-agent|/.*/steno)'
      for unit in stenod steno-agent; do
        systemd-analyze security --offline=true --threshold=20 ./$unit.service >/dev/null 2>&1 || echo "$unit is exposed"
      done
      """#)
    #expect(scene.text == "", "\(scene.summary)")
  }

  @Test("users, groups and folders are those that the units name")
  func accounts() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      id -nG stenod; id -nG steno-agent
      stat -c '%U:%G %a %n' /var/lib/steno /var/lib/steno-agent /run/steno
      test -s /etc/steno/stenod.yaml && echo configured
      """#)
    let expected = """
      stenod steno
      steno-agent steno-rec
      stenod:steno 710 /var/lib/steno
      steno-agent:steno-agent 700 /var/lib/steno-agent
      root:steno-agent 1775 /run/steno
      configured

      """
    #expect(scene.text == expected, "\(scene.summary)")
  }
}
