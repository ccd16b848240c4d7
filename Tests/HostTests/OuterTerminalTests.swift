import Foundation
import TestSupport
import Testing

/// THREATS 2: the terminal that sshd or login made, outside the one that the recorder makes.
@Suite("THREATS 2: nothing talks past the recorder", .needsTestSystem)
struct OuterTerminalTests {
  /// Types what finds the terminal outside, `$outside`, as any user can: it is the recorder's own.
  private static let findOutside =
    #"'=outside=/dev/$(ps -o tty= -p $(my-recorder) | tr -d " "); echo found-$((40+2)) $outside\r' '+found-42 /dev/pts/' '+$ '"#

  @Test(
    "THREATS 2: from inside, no process of the user opens, reads, writes or sets the terminal outside",
    arguments: Recorder.allCases)
  func fromInside(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive '+$ ' \#(Self.findOutside) \
        "=outer now \$outside >$dir/out/results; stty -F \$outside isig; echo stty \$? >>$dir/out/results\r" '+$ ' \
        "=(exec >\$outside) 2>&1; bash -c 'echo past-the-bash >'\$outside; echo tried-\$((40+2))\r" '+tried-42' \
        '=exit 7\r' -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    let results = scene.results("out/results")
    #expect(results.count >= 5)
    var verdict = Verdict()
    for (attempt, result) in results {
      verdict.require(["EPERM", "EACCES", "EBUSY", "EIO", "1"].contains(result), "\(attempt): \(result)")
    }
    verdict.require(!scene.text.contains("past-the-recorder"), "a program wrote past the recorder")
    let shownLines = scene.text.split(separator: "\r\n")
    verdict.require(
      !shownLines.contains { $0.hasSuffix("past-the-bash") && !$0.contains("echo") }, "bash wrote past it")
    verdict.check(recorder, scene)
  }

  @Test(
    "THREATS 2: a program left from an earlier login that opens the new terminal first is hung up",
    arguments: Recorder.allCases)
  func leftFromBefore(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      $as_person outer before $dir/out/results &
      helper=$!
      printf '#!/bin/sh\nuntil grep -qs "holds $(tty)" %s; do sleep 0.01; done\nexec %s -l\n' \
        $dir/out/results $session >$dir/out/shell
      chmod 755 $dir/out/shell
      sed "s,^\($person:.*:\).*,\1$dir/out/shell," /etc/passwd >$dir/passwd
      replace $dir/passwd /etc/passwd
      drive '+$ ' \#(Self.findOutside) "=echo \$outside >$dir/out/outside; echo no\"\"ted\r" '+noted' \
        "@kill -USR1 $helper; await $dir/out/results over" \
        '=echo still-$((40+2)); exit 7\r' '+still-42' -- ssh -tt "$person@127.0.0.1"
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    let results = scene.results("out/results")
    #expect(results["over"] == "done")
    // The program holds the inner terminal as well, which is the person's: what it writes there is recorded.
    let outside = scene.file("out/outside").dropLast()
    let attempts = results.filter { $0.key.hasPrefix(outside + "-") }
    #expect(attempts.count == 5, "\(results)")
    var verdict = Verdict()
    for (attempt, result) in attempts { verdict.require(result != "done", "\(attempt): \(result)") }
    let written = scene.text.components(separatedBy: "past-the-recorder").count
    let recorded = scene.recorded.components(separatedBy: "past-the-recorder").count
    verdict.require(written == recorded, "the program wrote past the recorder")
    verdict.check(recorder, scene)
  }

  @Test("THREATS 2: the recording says whether the terminal outside was taken")
  func guardIsRecorded() async throws {
    let taken = try await Scene(.steno).run(#"drive '+$ ' '=exit\r' -- ssh -tt "$person@127.0.0.1""#)
    let shared = try await Scene(.steno).run(#"drive '+$ ' '=exit\r' -- sh -c "su - $person; true""#)
    #expect(taken.recordings.first?.start?["guard"] == "taken", "\(taken.summary)")
    #expect(shared.recordings.first?.start?["guard"] == "none", "\(shared.summary)")
  }

  @Test(
    "THREATS 2: a recorder that does not lead its session leaves the terminal usable for those who were there before",
    arguments: Recorder.allCases)
  func notTheLeader(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      drive '+$ ' "=sudo -u $person -i\r" '+$ ' '=echo inside-$((40+2))\r' '+inside-42' '+$ ' '=exit\r' '+$ ' \
        '=echo out""side >/dev/tty; stty -a </dev/tty | head -1; exit 5\r' '+outside' '+speed' \
        -- $as_other bash --norc
      """#)
    #expect(scene.status == 5, "\(scene.summary)")
    #expect(!scene.errors.contains("waiting for"), "\(scene.summary)")
    #expect(scene.recorded.contains("inside-42"))
  }

  /// sshd makes the recorder the leader of its session; Debian's login(1) stays the leader itself.
  enum Entry: String, CaseIterable {
    case ssh = "ssh -tt \"$person@127.0.0.1\""
    case login = "login -f \"$person\""
  }

  @Test(
    "THREATS 2: input, output, ^C and window changes pass, whether the terminal was taken or not",
    arguments: Entry.allCases)
  func stillUsable(entry: Entry) async throws {
    let scene = try await Scene(.steno).run(
      #"""
      drive '+$ ' '#91x41' '=until [ "$(stty size)" = "41 91" ]; do sleep 0.02; done; read -rsn 1 key; echo "key $key"\r' \
        '=K' '+key K' '=sh -c "echo go""ing; exec sleep 600"\r' '+going' '=\x03' '+^C' '+$ ' \
        '=seq 1 20000 | tail -1; exit 7\r' '+20000' -- \#(entry.rawValue)
      """#)
    #expect(scene.status == (entry == .login ? 0 : 7), "\(scene.summary)")
    #expect(!scene.errors.contains("waiting for"), "\(scene.summary)")
  }
}
