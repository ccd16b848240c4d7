import API
import Access
import Archive
import Events
import Fleet
import Foundation
import Identity
import Intake
import TestSupport
import Viewing
import Web

/// An archive in a scratch directory, without a centre around it.
final class ArchiveScene {
  let directory: ScratchDirectory
  let archive: Archive
  let projector: Projector

  init() throws {
    directory = try ScratchDirectory()
    var bounds = ArchiveBounds()
    bounds.freeByteCountMin = 0
    bounds.freePercentMin = 0
    archive = try Archive(directory: URL(fileURLWithPath: directory.path), bounds: bounds)
    projector = Projector(archive: archive)
  }

  func routes() throws -> Routes {
    Routes(
      archive: archive, fleet: Fleet(archive: archive, authority: try Authority(now: Date())),
      sessions: Sessions(archive: archive), projector: projector, metrics: Metrics(), now: { 0 })
  }

  func row(_ recording: MadeRecording) async throws -> RecordingRow? { try await archive.recording(recording.id) }
}

/// A recording put together by a test, message by message.
struct MadeRecording {
  enum Event {
    case output(String)
    case input(String)
    case window(Int, Int)
  }

  let host = "h1"
  let rec: String
  private(set) var messageCount = 0
  private var previous = ""
  private var last: UInt64 = 0
  private var pending: [UInt8] = []

  init(rec: String = "r-1") { self.rec = rec }

  var id: RecordingID { RecordingID(host: Array(host.utf8), rec: Array(rec.utf8)) }

  /// Adds a message of events, each with its time in milliseconds from the start; none: an `end`.
  mutating func add(_ events: [(UInt64, Event)]) throws {
    messageCount += 1
    var (timing, output, input) = ("", "", "")
    let start = events.first?.0 ?? last
    var time = start
    for (at, event) in events {
      if at > time { timing += "+\(at - time)" }
      time = at
      switch event {
      case .output(let text):
        timing += ">\(text.unicodeScalars.count)"
        output += text
      case .input(let text):
        timing += "<\(text.unicodeScalars.count)"
        input += text
      case .window(let columns, let rows): timing += "=\(columns)x\(rows)"
      }
    }
    last = time
    let end = events.isEmpty ? #","kind":"end","exit":0,"why":"exit","in_bytes":0,"out_bytes":0"# : ""
    let line =
      #"{"ver":"2.4","host":"\#(host)","rec":"\#(rec)","user":"ada","term":"xterm","session":1,"id":\#(messageCount),"#
      + #""pos":\#(start),"time":\#(1_700_000_000 + start / 1000).\#(String(1000 + start % 1000).dropFirst()),"#
      + #""timing":"\#(timing)","in_txt":\#(try text(input)),"in_bin":[],"out_txt":\#(try text(output)),"out_bin":[],"#
      + #""prev":"\#(previous)","off":\#(messageCount * 100)\#(end)}"#
    let bytes = Array(line.utf8)
    previous = bytes.withUnsafeBufferPointer { linkHash(of: $0) }
    pending += bytes + [10]
  }

  private func text(_ text: String) throws -> String {
    String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
  }

  /// Hands what was added to the archive.
  mutating func send(to archive: Archive) async throws {
    let batch = try Batch.read(pending, isCompressed: false, host: host)
    let answers = try await archive.append(batch.submissions, now: 7)
    guard answers.map(\.status) == [.held] else { throw CocoaError(.userCancelled) }
    pending = []
  }
}
