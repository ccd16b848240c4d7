import TestSupport
import Testing

/// The login shell's recorder below a shell with job control, as after `su` in it.
@Suite("Stopped", .needsTestSystem)
struct JobTests {
  @Test("suspend in a recorded su stops it for the shell it was typed into, and fg continues both")
  func suspend() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      drive '+# ' "=su $person\r" '+$ ' '=suspend\r' '+Stopped' '+# ' '=stty -a; echo out""side\r' '+outside' '+# ' \
        '=fg\r' '+$ ' '=echo back-$((40+2))\r' '+back-42' '+$ ' '=exit 5\r' '+# ' '=exit $?\r' -- bash --norc
      """#)
    #expect(scene.status == 5, "\(scene.summary)")
    #expect(!scene.errors.contains("waiting for"), "\(scene.summary)")
    #expect(scene.text.contains(" icanon"), "\(scene.summary)")
    #expect(scene.recorded.contains("back-42"))
    #expect(!scene.recorded.contains("outside"))
  }

  @Test("in a login, whose recorder nobody could continue, a stopped shell waits until it is continued")
  func stoppedInALogin() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      drive '+$ ' '=suspend\r' '+suspend' '+$ ' "=echo \$\$ >$dir/out/pid; kill -STOP \$\$; echo on-\$((40+2))\r" \
        "@until grep -qs 'State:.T' /proc/\$(cat $dir/out/pid)/status; do sleep 0.02; done" \
        "@kill -CONT \$(cat $dir/out/pid)" '+on-42' '+$ ' '=exit 5\r' -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 5, "\(scene.summary)")
    #expect(!scene.errors.contains("waiting for"), "\(scene.summary)")
    #expect(scene.recorded.contains("on-42"))
  }
}
