import API
package import Archive
import Events
import Foundation
import Identity
import Screen

/// Forms in which a recording can be taken away.
package enum ExportFormat: String, Sendable, CaseIterable {
  /// Its messages as they were sent.
  case tlog
  /// The bytes that it showed.
  case raw
  /// The lines of its screen.
  case text
  /// For asciinema's players.
  case asciicast

  package var contentType: String {
    switch self {
    case .tlog: "application/x-ndjson"
    case .raw: "application/octet-stream"
    case .text: "text/plain; charset=utf-8"
    case .asciicast: "application/x-asciicast"
    }
  }

  /// What a file of that form is called.
  package var suffix: String {
    switch self {
    case .tlog: "jsonl"
    case .raw: "raw"
    case .text: "txt"
    case .asciicast: "cast"
    }
  }
}

extension Projector {
  /// The recording in another form. Use it from one task.
  package func export(_ row: RecordingRow, as format: ExportFormat) throws -> Export {
    guard let id = RecordingID(row.summary.id) else { throw ArchiveError.damaged }
    return Export(self, row, id, format)
  }
}

/// A recording in another form, piece by piece, so that memory stays bounded.
package final class Export {
  private enum State {
    case new, reading, atEnd
  }

  private let projector: Projector
  private let row: RecordingRow
  private let id: RecordingID
  private let format: ExportFormat
  private var exporter: Exporter?
  private var state = State.new
  private var seq: UInt64 = 1

  init(_ projector: Projector, _ row: RecordingRow, _ id: RecordingID, _ format: ExportFormat) {
    self.projector = projector
    self.row = row
    self.id = id
    self.format = format
  }

  /// The next piece, which may be empty; nil at the end.
  package func next() async throws -> [UInt8]? {
    switch state {
    case .new:
      await projector.pool.enter()
      state = .reading
      if format != .tlog { exporter = Exporter(format, row) }
      return exporter?.take() ?? []
    case .reading:
      let lines = try await projector.archive.lines(of: id, from: seq)
      guard let last = lines.last else {
        state = .atEnd
        exporter?.finish()
        return exporter?.take() ?? []
      }
      seq = last.seq + 1
      guard let exporter else { return lines.flatMap { Array($0.bytes) + [UInt8(ascii: "\n")] } }
      for line in lines { exporter.add(line) }
      return exporter.take()
    case .atEnd: return nil
    }
  }

  /// To be called once, after the last piece or instead.
  package func close() async {
    if case .new = state { return }
    exporter = nil
    await projector.pool.leave()
  }
}

/// Turns lines into another form.
private final class Exporter {
  private let format: ExportFormat
  private var messages: MessageReader
  private var emulator: Emulator
  private var asciicast = Asciicast()
  private let lines = ExportedLines()
  private var output = ByteBuilder(capacity: 4096)

  init(_ format: ExportFormat, _ row: RecordingRow) {
    self.format = format
    // What an asciicast's header says needs no event.
    let window = Keyframe.start(of: row).window
    messages = MessageReader(window: window)
    emulator = Emulator(window: window)
    if format == .text { emulator.report(to: lines) }
    if format == .asciicast { appendHeader(row, window) }
  }

  func take() -> [UInt8] {
    output.append(lines.take())
    defer { output.clear() }
    return output.array
  }

  func add(_ line: StoredLine) {
    // The reader's pointers are used inside this closure only.
    line.bytes.withUnsafeBufferPointer { bytes in
      // What cannot be read is not in an export of what it showed; the tlog form has it.
      guard let message = try? messages.read(bytes) else { return }
      if format == .asciicast, case .gap(let loss) = message.kind {
        asciicast.append(gap: loss, at: message.milliseconds, to: &output)
      }
      while let event = try? messages.next() { add(event) }
    }
  }

  func finish() {
    if format == .text { emulator.reportAll() }
  }

  private func add(_ event: MessageEvent) {
    switch (format, event.content) {
    case (.raw, .data(let stream, _, let bytes)): if stream != .input { output.append(bytes) }
    case (.text, .data(let stream, _, let bytes)):
      if stream != .input { emulator.feed(bytes, at: event.milliseconds) }
    case (.text, .window(let window)): emulator.resize(to: window)
    case (.asciicast, .data(.input, let mark, let bytes)):
      asciicast.append(input: bytes, mark, at: event.milliseconds, to: &output)
    case (.asciicast, .data(_, _, let bytes)): asciicast.append(output: bytes, at: event.milliseconds, to: &output)
    case (.asciicast, .window(let window)): asciicast.append(window: window, at: event.milliseconds, to: &output)
    default: break
    }
  }

  private func appendHeader(_ row: RecordingRow, _ window: Window) {
    asciicast.appendHeader(
      window: window, startMilliseconds: UInt64(max(row.startMilliseconds, 0)), terminal: Array(row.summary.term.utf8),
      to: &output)
  }
}

/// Lines as the emulator reports them.
private final class ExportedLines: LineObserver {
  private var text = ByteBuilder(capacity: 4096)

  func settled(line: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64) {
    text.append(line)
    text.append("\n")
  }

  func received(osc: [UInt8], isCut: Bool) {}

  func take() -> [UInt8] {
    defer { text.clear() }
    return text.array
  }
}
