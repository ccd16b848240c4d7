import Events
import Foundation
import Options
import TestSupport
import Testing

@testable import Capture

/// The log of a recorder, with times passed in and a log file whose folder comes and goes: nothing waits.
@Suite("A log whose sink fails")
struct MessageLogTests {
  private static let second: UInt64 = 1_000_000_000

  /// A log to a file whose folder does not exist yet.
  private func log(_ configuration: String, at path: String) throws -> MessageLog {
    let text = "TLOG_REC_CONF_TEXT=" + configuration.replacing("PATH", with: path)
    let sources = ConfigurationSources(
      program: .rec, environment: [Array(text.utf8)], isPrivileged: false, readFile: { _ in nil })
    guard case .record(let settings) = try Invocation.make(from: sources, arguments: [Array("tlog-rec".utf8)]) else {
      throw CocoaError(.featureUnsupported)
    }
    let header = RecordingHeader(
      host: Array("h".utf8), recording: Array("r".utf8), user: Array("u".utf8), terminal: Array("t".utf8), session: 1,
      startMilliseconds: 1_000_000)
    var sink = Sink.file(FileSink(path: Array(path.utf8)))
    let isOpen = sink.open() == nil
    return MessageLog(
      settings, header: header, sink: sink, isOpen: isOpen,
      policy: FailurePolicy(settings.onFailure, program: .rec, user: 1000), transfer: nil)
  }

  private func record(_ bytes: [UInt8], into log: inout MessageLog, at nanoseconds: UInt64) {
    bytes.withUnsafeBufferPointer { log.record($0, .output, keyboard: nil, at: nanoseconds) }
  }

  private let end = SessionEnd(outcome: .exit(code: 0), why: .exit, inputByteCount: 0, outputByteCount: 0)
  private let patient = #"{"writer": "file", "file": {"path": "PATH"}, "on-failure": "continue"}"#

  @Test("what was recorded while the sink failed is written when it works again, and nothing is lost")
  func recovers() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/later/log"
    var log = try log(patient, at: path)
    record(Array("before".utf8), into: &log, at: Self.second)
    try FileManager.default.createDirectory(atPath: scratch.path + "/later", withIntermediateDirectories: false)
    log.attend(at: 4 * Self.second)
    #expect(!FileManager.default.fileExists(atPath: path), "tried before it was due")
    log.attend(at: 5 * Self.second)
    record(Array(" after".utf8), into: &log, at: 6 * Self.second)
    log.end(end, at: 7 * Self.second)
    let recording = try Recording(log: ScratchDirectory.bytes(ofFile: path))
    #expect(recording.text == "before after")
    #expect(recording.gaps.isEmpty)
    #expect(recording.end?["why"] == "exit")
  }

  @Test("the last data and the end are one message, whose timing goes on to the end")
  func endsWithData() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/log"
    var log = try log(patient, at: path)
    record(Array("last".utf8), into: &log, at: Self.second)
    log.end(end, at: 3 * Self.second)
    let lines = String(decoding: ScratchDirectory.bytes(ofFile: path), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 1)
    #expect(lines.first?.contains(#""pos":1000,"time":1001.000,"timing":">4+2000""#) == true)
    #expect(lines.first?.hasSuffix(#""kind":"end","exit":0,"why":"exit","in_bytes":0,"out_bytes":0}"#) == true)
  }

  @Test("an end for whose time the message has no room is one of its own")
  func endsAlone() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/log"
    let small = #"{"writer": "file", "file": {"path": "PATH"}, "payload": 32}"#
    var log = try log(small, at: path)
    record(Array(repeating: UInt8(ascii: "x"), count: 28), into: &log, at: Self.second)
    log.end(end, at: 3 * Self.second)
    let recording = try Recording(log: ScratchDirectory.bytes(ofFile: path))
    #expect(recording.output.count == 28)
    #expect(recording.messageCount == 2)
    #expect(recording.end?["timing"] == "")
    #expect(recording.end?["pos"] == "3000")
  }

  @Test("what is left when the session is over is recorded also while the limit lets nothing pass")
  func restUnderTheLimit() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/log"
    let slow = """
      {"writer": "file", "file": {"path": "PATH"}, "payload": 512,
       "limit": {"rate": 1000, "burst": 0, "action": "delay"}}
      """
    var log = try log(slow, at: path)
    record(Array(repeating: UInt8(ascii: "o"), count: 4000), into: &log, at: Self.second)
    let (takesRest, mayBeShown) = (
      log.takesRest,
      Array("rest".utf8).withUnsafeBufferPointer { log.recordRest($0, .output, at: Self.second) }
    )
    #expect(!takesRest && mayBeShown)
    log.lose(77, why: "undelivered", at: Self.second)
    log.end(end, at: 2 * Self.second)
    for step in 3..<40 { log.attend(at: UInt64(step) * Self.second) }
    let recording = try Recording(log: ScratchDirectory.bytes(ofFile: path))
    #expect(recording.output.count == 4004)
    #expect(recording.gaps.count == 1)
    #expect(recording.gaps.first?["lost"]?.contains("77") == true)
    #expect(recording.end != nil)
  }

  @Test("what does not fit the queue is a gap that says from when to when, and how many bytes")
  func losesBeyondTheQueue() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/later/log"
    var log = try log(patient, at: path)
    let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
    for step in 0..<100 { record(chunk, into: &log, at: UInt64(step) * Self.second / 100) }
    try FileManager.default.createDirectory(atPath: scratch.path + "/later", withIntermediateDirectories: false)
    log.attend(at: 5 * Self.second)
    log.end(end, at: 6 * Self.second)
    let recording = try Recording(log: ScratchDirectory.bytes(ofFile: path))
    let gap = try #require(recording.gaps.first)
    #expect(recording.gaps.count == 1)
    let lost = try #require(gap["lost"])
    #expect(lost.contains("why"))
    let kept = recording.output.count
    #expect(kept >= 200_000 && kept < 400 * 1024)
    #expect(lost.contains("\(100 * 4096 - kept)"), "of \(100 * 4096) bytes \(kept) were kept; the gap says \(lost)")
  }

  @Test("while the sink fails under `refuse`, the session must end")
  func refuses() throws {
    let configuration = #"{"writer": "file", "file": {"path": "PATH"}, "on-failure": "refuse", "payload": 32}"#
    var log = try log(configuration, at: "/dev/full")
    let before = log.mustEnd
    record(Array(repeating: UInt8(ascii: "y"), count: 100), into: &log, at: Self.second)
    let after = log.mustEnd
    #expect(before == nil && after == .failed)
  }

  @Test("a sink that fails delays nothing: more is taken while it does")
  func takesMore() throws {
    let scratch = try ScratchDirectory()
    var log = try log(patient, at: scratch.path + "/never/log")
    record(Array(repeating: UInt8(ascii: "z"), count: 100_000), into: &log, at: Self.second)
    let (takesOutput, takesInput, deadline) = (log.takes(.output), log.takes(.input), log.deadlineNanoseconds)
    #expect(takesOutput && takesInput)
    #expect(deadline != nil, "it is to be tried again")
  }

  @Test("the rate limit's `delay` stops output and lets input pass")
  func delays() throws {
    let scratch = try ScratchDirectory()
    let configuration = """
      {"writer": "file", "file": {"path": "PATH"}, "payload": 512,
       "limit": {"rate": 1000, "burst": 0, "action": "delay"}}
      """
    var log = try log(configuration, at: scratch.path + "/log")
    record(Array(repeating: UInt8(ascii: "o"), count: 4000), into: &log, at: Self.second)
    let (takesOutput, takesInput, deadline) = (log.takes(.output), log.takes(.input), log.deadlineNanoseconds)
    #expect(!takesOutput && takesInput)
    let due = try #require(deadline)
    #expect(due > Self.second && due < 12 * Self.second)
    for step in 2..<40 { log.attend(at: UInt64(step) * Self.second) }
    let takesOutputAgain = log.takes(.output)
    #expect(takesOutputAgain)
  }

  @Test("the rate limit's `drop` leaves a gap in words where it leaves a hole in the numbers")
  func drops() throws {
    let scratch = try ScratchDirectory()
    let configuration = """
      {"writer": "file", "file": {"path": "PATH"}, "payload": 512,
       "limit": {"rate": 1000, "burst": 0, "action": "drop"}}
      """
    let path = scratch.path + "/log"
    var log = try log(configuration, at: path)
    record(Array(repeating: UInt8(ascii: "o"), count: 4000), into: &log, at: Self.second)
    record(Array("later".utf8), into: &log, at: 60 * Self.second)
    log.end(end, at: 61 * Self.second)
    let recording = try Recording(log: ScratchDirectory.bytes(ofFile: path), allowingHoles: true)
    #expect(recording.text.hasSuffix("later"))
    #expect(recording.gaps.count == 1)
    #expect(recording.gaps.first?["lost"]?.contains("limit") == true)
  }
}
