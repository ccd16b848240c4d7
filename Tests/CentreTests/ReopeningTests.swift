import API
import Events
import Foundation
import Intake
import TestSupport
import Testing

@testable import Archive

/// A recording that was called abandoned goes on: what is quiet for a day may only have been cut off.
@Suite("recordings that go on after they were abandoned") struct ReopeningTests {
  private let directory: ScratchDirectory
  private let archive: Archive

  init() throws {
    directory = try ScratchDirectory()
    archive = try Self.open(directory.path)
  }

  private static func open(_ path: String) throws -> Archive {
    var bounds = ArchiveBounds()
    bounds.freeByteCountMin = 0
    bounds.freePercentMin = 0
    return try Archive(directory: URL(fileURLWithPath: path), bounds: bounds)
  }

  private func send(_ lines: [UInt8], now: Int64 = 7) async throws -> RecordingAnswer {
    let batch = try Batch.read(lines, isCompressed: false, host: "h1")
    return try await archive.append(batch.submissions, now: now)[0]
  }

  private func expectWhole(_ recording: MadeRecording, _ archive: Archive, from first: Int = 1) async throws {
    var read: [[UInt8]] = []
    while case let lines = try await archive.lines(of: recording.id, from: UInt64(first + read.count)), !lines.isEmpty {
      #expect(lines[0].seq == UInt64(first + read.count))
      read += lines.map { Array($0.bytes) }
    }
    #expect(read == Array(recording.lines[(first - 1)...]))
  }

  private func state(_ recording: MadeRecording) async throws -> RecordingState? {
    try await archive.recording(recording.id)?.summary.state
  }

  /// Three rounds of being quiet, abandoned, sealed and going on; then the end.
  private func goOnTwice(_ recording: inout MadeRecording) async throws {
    for round in 0..<3 {
      for step in 0..<20 {
        let answer = try await send(
          recording.next("round \(round), step \(step) \(String(repeating: "y", count: 900))"))
        #expect(answer.status == .held && answer.head.seq == UInt64(recording.lines.count))
      }
      #expect(try await state(recording) == .live)
      try await archive.abandon(before: 8)
      #expect(try await state(recording) == .abandoned)
      try await archive.seal(recording.id)
      #expect(try archive.unsealed().isEmpty)
      try await expectWhole(recording, archive)
    }
  }

  @Test("a recording that was sealed as abandoned is live again when it goes on, and its file is continued at the end")
  func reopened() async throws {
    var recording = MadeRecording(rec: "r-1")
    try await goOnTwice(&recording)
    let path = try #require(try await archive.recording(recording.id)?.path)
    let before = directory.bytes(path)
    #expect(try await send(recording.next("more")).status == .held)
    #expect(try await state(recording) == .live)
    #expect(directory.bytes(path) == before)
    for first in [1, 20, 21, 60, 61] { try await expectWhole(recording, archive, from: first) }
    #expect(try await send(recording.end()).status == .held)
    #expect(try archive.unsealed() == [recording.id])
    try await archive.seal(recording.id)
    #expect(directory.bytes(path).starts(with: before) && directory.bytes(path).count > before.count)
    for first in [1, 20, 21, 60, 61, 62] { try await expectWhole(recording, archive, from: first) }
    #expect(try await state(recording) == .complete)
    #expect(try archive.unsealed().isEmpty)
  }

  @Test(
    "of a sealed recording only what follows its head is taken; anything else is told the head, and changes nothing")
  func follows() async throws {
    var recording = MadeRecording(rec: "r-1")
    try await goOnTwice(&recording)
    let head = try #require(try await archive.recording(recording.id)?.head)
    // Held long ago: whoever sends it again learns how far the recording is.
    let old = try await send(recording.lines[4] + [10])
    #expect(old.status == .conflict && old.head == head)
    var other = MadeRecording(rec: "r-1")
    for _ in 0..<60 { _ = other.next("something else") }
    let fork = try await send(other.next("something else"))
    #expect(fork.status == .conflict && fork.head == head)
    #expect(try await state(recording) == .abandoned)
    // The newest again is held, and no reason to open it.
    #expect(try await send(recording.lines[59] + [10]).status == .held)
    #expect(try await state(recording) == .abandoned)
    try await expectWhole(recording, archive)
  }

  @Test("a crash between the longer file and the catalogue's word of it leaves a recording that is read and sealed")
  func crashed() async throws {
    var recording = MadeRecording(rec: "r-1")
    try await goOnTwice(&recording)
    _ = try await send(recording.end())
    // Nothing is written meanwhile: the copy is of one moment.
    let copy = try ScratchDirectory()
    try FileManager.default.removeItem(atPath: copy.path)
    try FileManager.default.copyItem(atPath: directory.path, toPath: copy.path)
    try await archive.seal(recording.id)
    let path = try #require(try await archive.recording(recording.id)?.path)
    try copy.write(path, directory.bytes(path))
    let after = try Self.open(copy.path)
    try await expectWhole(recording, after)
    #expect(try after.unsealed() == [recording.id])
    try await after.seal(recording.id)
    try await expectWhole(recording, after)
    #expect(copy.bytes(path) == directory.bytes(path))
  }

  @Test("whoever follows a recording learns that it was abandoned")
  func followersAreTold() async throws {
    var recording = MadeRecording(rec: "r-1")
    _ = try await send(recording.next("one"))
    let id = recording.id
    async let waiting: Void = archive.waitForMore(in: id, after: 1)
    try await archive.abandon(before: 8)
    try await waiting
    #expect(try await state(recording) == .abandoned)
  }

  @Test("nothing follows an end, in the batch of the end as little as in a later one")
  func nothingAfterTheEnd() async throws {
    var recording = MadeRecording(rec: "r-1")
    let lines = recording.next("one") + recording.end() + recording.next("behind the end")
    let answer = try await send(lines)
    #expect(answer.status == .refused && answer.head == .none)
    let first = recording.lines[0] + [10]
    let end = recording.lines[1] + [10]
    #expect(try await send(first + end).status == .held)
    #expect(try await send(recording.lines[2] + [10]).status == .refused)
  }
}
