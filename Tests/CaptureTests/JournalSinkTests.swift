import Capture
import Foundation
import SystemCalls
import TestSupport
import Testing

private func sink(
  at path: String,
  labels: JournalSink.Labels? = JournalSink.Labels(
    recording: Array("b00t-1-2".utf8), user: Array("alice".utf8), session: 7)
) -> Sink {
  .journal(JournalSink(identifier: "tlog-rec-session", priority: .info, labels: labels, path: Array(path.utf8)))
}

private func message(_ id: Int, padding: Int = 0) -> String {
  "{\"id\":\(id),\"out_txt\":\"\(String(repeating: "x", count: padding))\"}"
}

/// One field of an entry; a name may come more than once.
private struct Field: Equatable, CustomStringConvertible {
  var name: String
  var value: String
  var description: String { "\(name)=\(value.prefix(80))" }
}

/// The fields of an entry as journald reads them (systemd.io/JOURNAL_NATIVE_PROTOCOL); nil when it is malformed.
private func fields(_ entry: [UInt8]) -> [Field]? {
  var rest = entry[...]
  var fields: [Field] = []
  let newline = UInt8(ascii: "\n")
  while let end = rest.firstIndex(of: newline) {
    let head = rest[rest.startIndex..<end]
    rest = rest[(end + 1)...]
    if let equals = head.firstIndex(of: UInt8(ascii: "=")) {
      let value = String(decoding: head[(equals + 1)...], as: UTF8.self)
      fields.append(Field(name: String(decoding: head[..<equals], as: UTF8.self), value: value))
    } else {
      let count = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let value = rest.dropFirst(8).prefix(count)
      rest = rest.dropFirst(8 + count)
      guard value.count == count, rest.popFirst() == newline else { return nil }
      fields.append(Field(name: String(decoding: head, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
    }
  }
  return rest.isEmpty ? fields : nil
}

@Suite struct `The journal sink` {
  private let directory: ScratchDirectory
  private var path: String { directory.file("socket") }

  init() throws { directory = try ScratchDirectory() }

  @Test func `sends tlog's fields, and the message without its line end`() throws {
    let service = try LocalService(.datagram, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    for id in [1, 2, 18_446] { #expect(sink.give(message(id) + "\n", id: UInt64(id)) == .taken) }
    for id in [1, 2, 18_446] {
      #expect(
        fields(try #require(service.receive()).bytes) == [
          Field(name: "SYSLOG_IDENTIFIER", value: "tlog-rec-session"), Field(name: "PRIORITY", value: "6"),
          Field(name: "TLOG_REC", value: "b00t-1-2"), Field(name: "TLOG_USER", value: "alice"),
          Field(name: "TLOG_SESSION", value: "7"), Field(name: "TLOG_ID", value: "\(id)"),
          Field(name: "MESSAGE", value: message(id)),
        ])
    }
    #expect(service.receive() == nil)
  }

  @Test func `sends no fields of tlog's when it is not to augment`() throws {
    let service = try LocalService(.datagram, at: path)
    var sink = Sink.journal(JournalSink(identifier: "tlog-rec", priority: .debug, labels: nil, path: Array(path.utf8)))
    #expect(sink.open() == nil)
    #expect(sink.give(message(1) + "\n", id: 1) == .taken)
    #expect(
      fields(try #require(service.receive()).bytes) == [
        Field(name: "SYSLOG_IDENTIFIER", value: "tlog-rec"), Field(name: "PRIORITY", value: "7"),
        Field(name: "MESSAGE", value: message(1)),
      ])
  }

  @Test(arguments: ["a\nTLOG_ID=9", "a\n\nMESSAGE=forged", "", "=", "a\n", "\0", "naïve"])
  func `lets no name and no message become another field`(text: String) throws {
    let service = try LocalService(.datagram, at: path)
    var sink = sink(at: path, labels: JournalSink.Labels(recording: [], user: Array(text.utf8), session: .max))
    #expect(sink.open() == nil)
    #expect(sink.give(text + "\n", id: 1) == .taken)
    #expect(
      fields(try #require(service.receive()).bytes) == [
        Field(name: "SYSLOG_IDENTIFIER", value: "tlog-rec-session"), Field(name: "PRIORITY", value: "6"),
        Field(name: "TLOG_REC", value: ""), Field(name: "TLOG_USER", value: text),
        Field(name: "TLOG_SESSION", value: "4294967295"), Field(name: "TLOG_ID", value: "1"),
        Field(name: "MESSAGE", value: text),
      ])
  }

  @Test func `passes what no datagram can hold in a sealed file, with nothing beside it`() throws {
    let service = try LocalService(.datagram, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    let large = message(1, padding: 5 << 20)
    #expect(sink.give(large + "\n", id: 1) == .taken)
    #expect(sink.give(message(2) + "\n", id: 2) == .taken)
    let first = try #require(service.receive())
    #expect(first.bytes.isEmpty)
    let passed = try #require(first.passed)
    #expect(passed.seals == 0b1111)  // SEAL, SHRINK, GROW, WRITE: what journald asks for
    let got = try #require(fields(passed.bytes))
    #expect(got.map(\.name).suffix(2) == ["TLOG_ID", "MESSAGE"])
    #expect(got.last?.value == large)
    #expect(fields(try #require(service.receive()).bytes)?.last?.value == message(2))
  }

  @Test(arguments: [0, 5 << 20])
  func `is busy while journald does not read, and sends each entry once`(padding: Int) throws {
    let service = try LocalService(.datagram, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    var id = 1
    while id < 10_000, sink.give(message(id) + "\n", id: UInt64(id)) == .taken { id += 1 }
    #expect(id < 10_000)
    #expect(sink.give(message(id, padding: padding) + "\n", id: UInt64(id)) == .busy)
    #expect(sink.hasRoom == false)
    var received = service.receiveAll()
    #expect(sink.hasRoom == true)
    #expect(sink.give(message(id, padding: padding) + "\n", id: UInt64(id)) == .taken)
    received += service.receiveAll()
    #expect(received.count == id)
    let messages = received.map { fields($0.passed?.bytes ?? $0.bytes)?.last?.value }
    #expect(messages == (1..<id).map { message($0) } + [message(id, padding: padding)])
  }

  @Test func `follows a journald that was started anew`() throws {
    var service: LocalService? = try LocalService(.datagram, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    #expect(sink.give(message(1) + "\n", id: 1) == .taken)
    #expect(service?.receive() != nil)
    service = nil
    let successor = try LocalService(.datagram, at: path)
    #expect(sink.give(message(2) + "\n", id: 2) == .taken)
    #expect(fields(try #require(successor.receive()).bytes)?.last?.value == message(2))
  }

  @Test func `fails when no journald is there, before and in mid-session, and works again with the next`() throws {
    var sink = sink(at: path)
    let nobody = [
      "No such file or directory: systemd-journald is not running", "Failed connecting to the journal at \"\(path)\"",
    ]
    #expect(sink.open() == nobody)
    #expect(sink.give(message(1) + "\n", id: 1) == .failed(nobody))
    #expect(sink.descriptor == nil)
    var service: LocalService? = try LocalService(.datagram, at: path)
    #expect(sink.open() == nil)
    #expect(sink.give(message(1) + "\n", id: 1) == .taken)
    #expect(service?.receiveAll().count == 1)
    service = nil
    #expect(sink.give(message(2) + "\n", id: 2) == .failed(nobody))
    service = try LocalService(.datagram, at: path)
    #expect(sink.give(message(2) + "\n", id: 2) == .taken)
    #expect(service?.receiveAll().count == 1)
  }

  @Test func `fails when nobody listens on the socket that is left over`() throws {
    #expect(mknod(path, S_IFSOCK | 0o666, 0) == 0)
    var sink = sink(at: path)
    #expect(
      sink.open() == [
        "Connection refused: systemd-journald is not running", "Failed connecting to the journal at \"\(path)\"",
      ])
  }

  @Test(
    .enabled(if: Surroundings.isRoot, "starts a journald with a namespace of its own: run as root"),
    .enabled(if: Surroundings.isExecutable(Journald.program), "systemd-journald is not installed"), .inTurn)
  func `fills a real journal, small entries and large`() async throws {
    let journald = try await Journald()
    var sink = sink(at: journald.directory + "/socket")
    #expect(sink.open() == nil)
    let messages = [message(1), message(2, padding: 1 << 20), message(3, padding: 5 << 20)]
    for (index, message) in messages.enumerated() {
      let id = UInt64(index + 1)
      try await journald.until("take entry \(id)") { sink.give(message + "\n", id: id) == .taken }
    }
    let entries = try await journald.entries("SYSLOG_IDENTIFIER=tlog-rec-session")
    #expect(entries.map { $0["MESSAGE"] } == messages)
    #expect(entries.map { $0["TLOG_ID"] } == ["1", "2", "3"])
    for entry in entries {
      #expect(entry["TLOG_REC"] == "b00t-1-2")
      #expect(entry["TLOG_USER"] == "alice")
      #expect(entry["TLOG_SESSION"] == "7")
      #expect(entry["PRIORITY"] == "6")
      #expect(entry["_PID"] == "\(getpid())")
    }
    var syslog = Sink.syslog(
      SyslogSink(facility: .authpriv, priority: .info, path: Array("\(journald.directory)/dev-log".utf8)))
    #expect(syslog.open() == nil)
    #expect(syslog.give(message(4) + "\n", id: 4) == .taken)
    let entry = try #require(try await journald.entries("SYSLOG_IDENTIFIER=tlog").first)
    #expect(entry["MESSAGE"] == message(4))
    #expect(entry["SYSLOG_FACILITY"] == "10")
    #expect(entry["PRIORITY"] == "6")
  }
}
