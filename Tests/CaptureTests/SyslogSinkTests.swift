import Capture
import Events
import Foundation
import SystemCalls
import TestSupport
import Testing

private func sink(at path: String) -> Sink {
  .syslog(SyslogSink(facility: .local3, priority: .warning, path: Array(path.utf8)))
}

private func message(_ id: Int, padding: Int = 0) -> String {
  "{\"id\":\(id),\"out_txt\":\"\(String(repeating: "x", count: padding))\"}\n"
}

/// What stands behind `tlog: ` in each of some stream records, which end with a NUL.
private func contents(ofStream bytes: [UInt8]) -> [String] {
  let text = String(decoding: bytes, as: UTF8.self)
  #expect(text.isEmpty || text.hasSuffix("\0"))
  return text.split(separator: "\0").map { content(of: String($0)) }
}

private func content(of record: String) -> String {
  record.range(of: " tlog: ").map { String(record[$0.upperBound...]) } ?? "no tag in \(record)"
}

@Suite struct `The syslog sink` {
  private let directory: ScratchDirectory
  private var path: String { directory.file("log") }

  init() throws { directory = try ScratchDirectory() }

  @Test func `sends what libc's syslog sends: code, local time, tag, and the message with its line end`() throws {
    let service = try LocalService(.datagram, at: path)
    var sink = sink(at: path)
    let before = try libcTime()
    #expect(sink.open() == nil)
    #expect(sink.give(message(1), id: 1) == .taken)
    let times = [before, try libcTime()]
    let expected = times.map { "<156>\($0) tlog: \(message(1))" }
    let text = try #require(service.receive()).text
    #expect(expected.contains(text), "\(text.debugDescription)")
    #expect(service.receive() == nil)
  }

  @Test(arguments: [0, 86399, 951_782_400, 1_699_023_845, 1_795_446_730, 4_102_444_799])
  func `writes times as libc does, days below ten with a blank`(seconds: Int64) throws {
    var written = ByteBuilder(capacity: 16)
    written.append(syslogTime: seconds)
    #expect(String(decoding: written.bytes, as: UTF8.self) == (try libcTime(seconds)))
  }

  @Test func `writes the Epoch for a time that no calendar holds`() {
    var written = ByteBuilder(capacity: 16)
    written.append(syslogTime: .max)
    #expect(String(decoding: written.bytes, as: UTF8.self) == "Jan  1 00:00:00")
  }

  /// The time now, or at `seconds`, as syslog(3) writes it: from date(1).
  private func libcTime(_ seconds: Int64? = nil) throws -> String {
    let date = Foundation.Process()
    let output = Foundation.Pipe()
    date.executableURL = URL(fileURLWithPath: "/bin/date")
    date.arguments = ["+%b %e %T"] + (seconds.map { ["--date=@\($0)"] } ?? [])
    date.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C"]) { _, c in c }
    date.standardOutput = output
    try date.run()
    date.waitUntilExit()
    return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      .trimmingCharacters(in: .newlines)
  }

  /// RFC 3164 §4.1.1, tables 1 and 2.
  @Test(arguments: [
    (SyslogFacility.kern, 0), (.user, 1), (.mail, 2), (.daemon, 3), (.auth, 4), (.syslog, 5), (.lpr, 6), (.news, 7),
    (.uucp, 8), (.cron, 9), (.authpriv, 10), (.ftp, 11), (.local0, 16), (.local1, 17), (.local2, 18), (.local3, 19),
    (.local4, 20), (.local5, 21), (.local6, 22), (.local7, 23),
  ])
  func `begins with the code of its facility and priority`(facility: SyslogFacility, number: Int) throws {
    let service = try LocalService(.datagram, at: path)
    let priorities: [SyslogPriority] = [.emerg, .alert, .crit, .err, .warning, .notice, .info, .debug]
    for (severity, priority) in priorities.enumerated() {
      var sink = Sink.syslog(SyslogSink(facility: facility, priority: priority, path: Array(path.utf8)))
      #expect(sink.open() == nil)
      #expect(sink.give(message(1), id: 1) == .taken)
      #expect(try #require(service.receive()).text.hasPrefix("<\(number * 8 + severity)>"))
    }
  }

  @Test func `speaks to a service that listens on a stream, each record ended by a NUL`() throws {
    let service = try LocalService(.stream, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    for id in 1...3 { #expect(sink.give(message(id), id: UInt64(id)) == .taken) }
    let received = service.receiveAll().flatMap(\.bytes)
    #expect(contents(ofStream: received) == [message(1), message(2), message(3)])
  }

  @Test func `is busy while the queue is full, and sends each message once`() throws {
    let service = try LocalService(.datagram, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    var id = 1
    while id < 10_000, sink.give(message(id), id: UInt64(id)) == .taken { id += 1 }
    #expect(id < 10_000)
    #expect(sink.give(message(id), id: UInt64(id)) == .busy)
    #expect(sink.hasRoom == false)
    var received = service.receiveAll()
    #expect(sink.hasRoom == true)
    #expect(sink.give(message(id), id: UInt64(id)) == .taken)
    received += service.receiveAll()
    #expect(received.map { content(of: $0.text) } == (1...id).map { message($0) })
  }

  @Test(arguments: [true, false])
  func `finishes a record that a full stream has begun, whatever message comes next`(isSame: Bool) throws {
    let service = try LocalService(.stream, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    var id = 1
    while id < 10_000, sink.give(message(id, padding: 100_000), id: UInt64(id)) == .taken { id += 1 }
    #expect(id < 10_000)
    var received: [UInt8] = []
    let next = isSame ? id : id + 1
    var outcome = Outcome.busy
    while outcome == .busy {
      let part = service.receiveAll().flatMap(\.bytes)
      try #require(!part.isEmpty, "the sink is busy with a service that has read everything")
      received += part
      outcome = sink.give(message(next, padding: 100_000), id: UInt64(next))
    }
    #expect(outcome == .taken)
    received += service.receiveAll().flatMap(\.bytes)
    let got = contents(ofStream: received)
    #expect(got.count == next)
    #expect(got == (1...next).map { message($0, padding: 100_000) })
  }

  @Test(arguments: LocalService.Kind.allCases, LocalService.Kind.allCases)
  func `follows a service that was started anew, also when it listens otherwise`(
    first: LocalService.Kind, second: LocalService.Kind
  ) throws {
    var service: LocalService? = try LocalService(first, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    #expect(sink.give(message(1), id: 1) == .taken)
    #expect(service?.receive() != nil)
    service = nil
    let successor = try LocalService(second, at: path)
    #expect(sink.give(message(2), id: 2) == .taken)
    let text = try #require(successor.receive()).text
    #expect(content(of: text) == message(2) + (second == .stream ? "\0" : ""))
  }

  @Test func `sends a record whole to the next service when the first ended inside it`() throws {
    var service: LocalService? = try LocalService(.stream, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    var id = 1
    while id < 10_000, sink.give(message(id, padding: 100_000), id: UInt64(id)) == .taken { id += 1 }
    #expect(service?.receive() != nil)
    service = nil
    let successor = try LocalService(.stream, at: path)
    #expect(sink.give(message(id, padding: 100_000), id: UInt64(id)) == .taken)
    #expect(contents(ofStream: successor.receiveAll().flatMap(\.bytes)) == [message(id, padding: 100_000)])
  }

  @Test func `fails when no service is there, and works after reopening when there is`() throws {
    var sink = sink(at: path)
    let nobody = [
      "No such file or directory: no syslog service is running", "Failed connecting to syslog at \"\(path)\"",
    ]
    #expect(sink.open() == nobody)
    #expect(sink.give(message(1), id: 1) == .failed(nobody))
    #expect(sink.descriptor == nil)
    let service = try LocalService(.datagram, at: path)
    #expect(sink.open() == nil)
    #expect(sink.give(message(1), id: 1) == .taken)
    #expect(service.receiveAll().map { content(of: $0.text) } == [message(1)])
  }

  @Test(arguments: LocalService.Kind.allCases)
  func `fails when the service ends, and stays usable`(kind: LocalService.Kind) throws {
    var service: LocalService? = try LocalService(kind, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    #expect(sink.give(message(1), id: 1) == .taken)
    #expect(service?.receive() != nil)
    service = nil
    let nobody = [
      "No such file or directory: no syslog service is running", "Failed connecting to syslog at \"\(path)\"",
    ]
    #expect(sink.give(message(2), id: 2) == .failed(nobody))
    #expect(sink.give(message(2), id: 2) == .failed(nobody))
    service = try LocalService(kind, at: path)
    #expect(sink.give(message(2), id: 2) == .taken)
    #expect(content(of: try #require(service?.receive()).text).hasPrefix(message(2)))
  }

  @Test func `says that a line is too long for a datagram, and takes the next`() throws {
    let service = try LocalService(.datagram, at: path)
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    #expect(
      sink.give(message(1, padding: 5 << 20), id: 1)
        == .tooLong(["Message too long: a datagram cannot hold it, lower \"payload\"", "Failed writing to syslog"]))
    #expect(sink.give(message(2), id: 2) == .taken)
    #expect(service.receiveAll().map { content(of: $0.text) } == [message(2)])
  }

  @Test func `refuses a socket name that no address can hold`() {
    let long = String(repeating: "n", count: 200)
    var sink = sink(at: "/tmp/" + long)
    #expect(sink.open() == ["File name too long", "Failed connecting to syslog at \"/tmp/\(long)\""])
  }
}
