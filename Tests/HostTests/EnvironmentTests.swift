import Foundation
import TestSupport
import Testing

/// What the recorded person's environment may say to a recorder that has rights of its own.
@Suite("THREATS 3: the environment configures nothing", .needsTestSystem)
struct EnvironmentTests {
  @Test("THREATS 3: configuration in the environment does not switch recording off", arguments: Recorder.allCases)
  func configurationText(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      export TLOG_REC_SESSION_CONF_TEXT='{"writer": "file", "file": {"path": "/dev/null"}, "log": {"output": false}}'
      printf '%s' "$TLOG_REC_SESSION_CONF_TEXT" >$dir/out/configuration
      ssh -o SendEnv=TLOG_REC_SESSION_CONF_TEXT "$person@127.0.0.1" 'echo by-text; exit 7'
      echo "status $?"
      unset TLOG_REC_SESSION_CONF_TEXT
      export TLOG_REC_SESSION_CONF_FILE=$dir/out/configuration
      $as_person $session -c 'echo by-file; exit 7'
      echo "status $?"
      """#)
    // On a busy machine stock shows less than the shell wrote.
    if recorder == .steno { #expect(scene.text == "by-text\nstatus 7\nby-file\nstatus 7\n", "\(scene.summary)") }
    var verdict = Verdict()
    verdict.require(scene.recorded == "by-text\nby-file\n", "not recorded")
    verdict.check(recorder, scene)
  }

  @Test(
    "THREATS 3: no path from the environment is opened with the recorder's rights", arguments: Recorder.allCases)
  func pathFromEnvironment(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      export TLOG_REC_SESSION_CONF_TEXT="{\"writer\": \"file\", \"file\": {\"path\": \"$dir/log/planted\"}}"
      $as_person $session -c 'echo ran'
      ls $dir/log
      """#)
    var verdict = Verdict()
    verdict.require(!scene.text.contains("planted"), "the recorder made a file where the person cannot")
    verdict.check(recorder, scene)
  }

  @Test("TLOG_REC_SESSION_SHELL, which SSSD sets, chooses the shell", arguments: Recorder.allCases)
  func shell(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      for shell in dash zsh bash; do
        TLOG_REC_SESSION_SHELL=/bin/$shell $as_person $session \
          -c 'echo "$0 $SHELL ${BASH_VERSION:+bash} ${ZSH_VERSION:+zsh}"'
      done
      """#)
    #expect(
      scene.text == "/bin/dash /bin/dash  \n/bin/zsh /bin/zsh  zsh\n/bin/bash /bin/bash bash \n", "\(scene.summary)")
    #expect(scene.recorded == scene.text)
  }

  @Test("a TERM of 100 kB is cut, and everything is recorded", arguments: Recorder.allCases)
  func longTerm(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      TERM=$(head -c 100000 /dev/zero | tr '\0' x) \
        $as_person $session -c 'echo ran; exit 7'
      """#)
    var verdict = Verdict()
    verdict.require(scene.status == 7, "status \(scene.status)")
    verdict.require(scene.recorded == "ran\n", "not recorded")
    verdict.check(recorder, scene)
  }

  @Test("a login shell that is a link named after a shell records that shell", arguments: Recorder.allCases)
  func nameOfShell(recorder: Recorder) async throws {
    let scene = try await Scene(recorder).run(
      #"""
      link=/usr/bin/tlog-rec-session-shell-bin-zsh
      [ -e $link ] || ln -sf tlog-rec-session $link
      sed "s,^\($person:.*:\).*,\1$link," /etc/passwd >$dir/passwd
      replace $dir/passwd /etc/passwd
      ssh "$person@127.0.0.1" 'echo "zsh $ZSH_VERSION $0"; exit 7'
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.text.hasPrefix("zsh 5") && scene.text.hasSuffix("zsh\n"), "\(scene.summary)")
    #expect(scene.recorded == scene.text)
  }
}
