import Foundation
import TestSupport
import Testing

/// The journal and syslog as a real system has them.
@Suite("Sinks of a real system", .needsTestSystem)
struct SinkTests {
  /// One entry of the journal, by field.
  private typealias Entry = [String: Any]

  private func entries(_ text: String) -> [Entry] {
    text.split(separator: "\n").compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? Entry }
  }

  private func text(_ entry: Entry, _ field: String) -> String {
    if let bytes = entry[field] as? [Int] { return String(decoding: bytes.map { UInt8($0) }, as: UTF8.self) }
    return entry[field] as? String ?? ""
  }

  /// Reads what the system's journal has of this scene's person, newest login first.
  private static let readJournal =
    #"journalctl --sync; journalctl -o json --all TLOG_USER="$person" >$dir/out/entries; id -u $recorder_user >$dir/out/uid"#

  @Test(
    "journal entries carry tlog's fields, priority and identifier, and the kernel's word is the recorder's, not the person's",
    arguments: Recorder.allCases)
  func journalFields(recorder: Recorder) async throws {
    let scene = try await Scene(recorder, settings: ["writer": "journal", "journal": ["priority": "notice"]]).run(
      #"""
      drive '+$ ' '=echo j\xc3\xb6urnal-$((40+2))\r' '+urnal-42' \
        "@until journalctl -q -n 1 TLOG_USER=$person | grep -q .; do sleep 0.1; done" '=exit 7\r' \
        -- ssh -tt "$person@127.0.0.1"

      """# + Self.readJournal)
    let entries = entries(scene.file("out/entries"))
    let messages = entries.map { [UInt8](text($0, "MESSAGE").utf8) }
    let recording = try #require(try Recording.read(messages).first, "\(scene.summary)")
    #expect(recording.text.contains("jöurnal-42"))
    var verdict = Verdict()
    // journald reads who wrote an entry from /proc, where the writer of the last may be gone by then: hence the wait.
    let first = try #require(entries.first)
    #expect(text(first, "_AUDIT_SESSION") == recording.session)
    #expect(text(first, "_COMM") == "tlog-rec-sessio")
    #expect(text(first, "_SYSTEMD_UNIT").hasPrefix("session-"))
    // A login shell's name begins with a dash, which stock tlog takes over.
    let identifier = recorder == .stock ? "-tlog-rec-session" : "tlog-rec-session"
    for (place, entry) in entries.enumerated() {
      #expect(text(entry, "TLOG_REC") == recording.id)
      #expect(text(entry, "TLOG_ID") == String(place + 1))
      #expect(text(entry, "TLOG_SESSION") == recording.session)
      #expect(text(entry, "PRIORITY") == "5")
      #expect(text(entry, "SYSLOG_IDENTIFIER") == identifier)
      verdict.require(text(entry, "_UID") == scene.file("out/uid").dropLast(), "_UID is \(text(entry, "_UID"))")
    }
    verdict.check(recorder, scene)
  }

  @Test("a login by the running sshd with the installed configuration goes to the system's journal")
  func asInstalled() async throws {
    let scene = try await Scene(.steno).run(
      #"drive '+$ ' '=echo installed-$((40+2)); exit 7\r' '+installed-42' -- ssh -tt -o ProxyCommand=none "$person@127.0.0.1""#
        + "\nstatus=$?\n" + Self.readJournal + "\nexit $status")
    #expect(scene.status == 7, "\(scene.summary)")
    #expect(scene.text.contains("ATTENTION! Your session is being recorded!"))
    let messages = entries(scene.file("out/entries")).map { [UInt8](text($0, "MESSAGE").utf8) }
    let recording = try #require(try Recording.read(messages).first)
    #expect(recording.text.contains("installed-42"))
    #expect(recording.start?["trust"] == "trusted")
    #expect(recording.start?["guard"] == "taken")
    #expect(recording.end?["exit"] == "7")
  }

  @Test("a message larger than a datagram reaches the journal whole", arguments: Recorder.allCases)
  func largeMessages(recorder: Recorder) async throws {
    let scene = try await Scene(recorder, settings: ["writer": "journal", "payload": 700_000, "latency": 10]).run(
      #"su - "$person" -c 'seq -w 1 150000' >$dir/out/shown"# + "\n" + Self.readJournal)
    let messages = entries(scene.file("out/entries")).map { [UInt8](text($0, "MESSAGE").utf8) }
    #expect((messages.map(\.count).max() ?? 0) > 300_000)
    let recording = try #require(try Recording.read(messages).first, "\(scene.summary)")
    #expect(recording.text == (1...150_000).map { String(format: "%06d\n", $0) }.joined())
  }

  @Test("rsyslog receives every message with its facility, priority and tag", arguments: Recorder.allCases)
  func rsyslog(recorder: Recorder) async throws {
    let settings: [String: any Sendable] = [
      "writer": "syslog", "syslog": ["facility": "local3", "priority": "notice"], "payload": 4096,
    ]
    let scene = try await Scene(recorder, settings: settings).run(
      #"""
      own_rsyslogd
      su - "$person" -c 'seq 1 3000; exit 7'
      status=$?
      eventually grep -q '3000' $dir/syslog
      kill $rsyslogd
      wait $rsyslogd
      exit $status
      """#)
    #expect(scene.status == 7)
    let lines = scene.file("syslog").split(separator: "\n").filter { $0.contains("tlog") }
    #expect(!lines.isEmpty)
    #expect(lines.allSatisfy { $0.hasPrefix("local3.notice tlog: {") }, "\(lines.first ?? "")")
    let messages = lines.compactMap { line in line.firstIndex(of: "{").map { [UInt8](line[$0...].utf8) } }
    let recording = try #require(try Recording.read(messages).first)
    #expect(recording.text == (1...3000).map { "\($0)\n" }.joined())
  }

  @Test("THREATS 7: when rsyslog goes away and comes back, the recording has all of it or says what is missing")
  func rsyslogRestarts() async throws {
    let scene = try await Scene(.steno, settings: ["writer": "syslog"]).run(
      #"""
      own_rsyslogd
      drive '+$ ' '=echo before-$((40+2))\r' '+before-42' '@sleep 1.3' "@kill $rsyslogd; sleep 0.3" \
        '=echo between-$((40+2))\r' '+between-42' '@sleep 1.3' \
        "@rsyslogd -n -iNONE -f $dir/rsyslog.conf </dev/null >/dev/null 2>&1 & sleep 6" \
        '=echo after-$((40+2))\r' '+after-42' '=exit 7\r' -- su - "$person"
      status=$?
      eventually grep -q after-42 $dir/syslog
      pkill -f "rsyslogd -n -iNONE -f $dir/rsyslog.conf"
      exit $status
      """#)
    #expect(scene.status == 7, "\(scene.summary)")
    let messages = scene.file("syslog").split(separator: "\n").compactMap { line in
      line.firstIndex(of: "{").map { [UInt8](line[$0...].utf8) }
    }
    let recording = try #require(try Recording.read(messages).first)
    #expect(recording.text.contains("before-42"))
    #expect(recording.text.contains("between-42") || !recording.gaps.isEmpty)
    #expect(recording.text.contains("after-42"))
  }
}
