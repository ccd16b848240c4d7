// Feeds the message reader with lines that libFuzzer makes up.
//
// What must hold for any bytes: reading ends, in an error or at the end of the line; events are not empty, lie in memory
// that may be read, and do not go back in time; after an error there are no more. And what was read without an error,
// written by the encoder and read again, is the same.

import Events

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let line = UnsafeBufferPointer(start: data, count: count)
  var reader = MessageReader(window: nil)
  if let crossings = Crossings(line, &reader), crossings.end <= MessageReader.millisecondsMax {
    let again = Crossings(lines: crossings.encoded(), &reader)
    precondition(crossings.input.map(\.byte) == again.input.map(\.byte), "input is not read back")
    precondition(crossings.output.map(\.byte) == again.output.map(\.byte), "output is not read back")
    // Bytes that are no text by themselves may become text together, and then count for one time and one stream.
    if crossings.isText {
      precondition(crossings.input == again.input, "input is not read back as it was")
      precondition(crossings.output == again.output, "output is not read back as it was")
    }
  }
  return 0
}

private struct Crossing: Equatable {
  var milliseconds: UInt64
  var stream: Events.Stream
  var mark: InputMark
  var byte: UInt8
}

/// Each byte that a message says crossed the recorder. Between the two directions there is no order in a millisecond.
private struct Crossings {
  var input: [Crossing] = []
  var output: [Crossing] = []
  /// Each event's bytes are UTF-8.
  var isText = true
  var end: UInt64 = 0
  private var events: [(UInt64, Events.Stream, InputMark, [UInt8])] = []

  /// nil when the line is refused, whole or in part.
  init?(_ line: UnsafeBufferPointer<UInt8>, _ reader: inout MessageReader) {
    do throws(MessageError) {
      let message = try reader.read(line)
      touch(message)
      end = message.milliseconds
      while let event = try reader.next() { add(event) }
      let more = try reader.next()
      precondition(more == nil, "an event after the last")
    } catch {
      precondition(!isEmpty(error), "an error without words")
      let more = try? reader.next()
      precondition(more == nil, "an event after an error")
      return nil
    }
  }

  /// Reads lines that the encoder wrote, in which nothing may be wrong.
  init(lines: [UInt8], _ reader: inout MessageReader) {
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      Array(line).withUnsafeBufferPointer { line in
        guard let crossings = Crossings(line, &reader) else { preconditionFailure("our own line is refused") }
        input += crossings.input
        output += crossings.output
      }
    }
  }

  private mutating func add(_ event: MessageEvent) {
    precondition(event.milliseconds >= end, "time goes back")
    end = event.milliseconds
    guard case .data(let stream, let mark, let bytes) = event.content else { return }
    precondition(!bytes.isEmpty, "an empty event")
    precondition(stream == .input || mark == .none, "output has a mark")
    events.append((end, stream, mark, Array(bytes)))
    isText = isText && String(validating: bytes, as: UTF8.self) != nil
    let crossings = bytes.map { Crossing(milliseconds: event.milliseconds, stream: stream, mark: mark, byte: $0) }
    if stream == .input { input += crossings } else { output += crossings }
  }

  func encoded() -> [UInt8] {
    let header = RecordingHeader(
      host: [], recording: [], user: [], terminal: [], session: 1, startMilliseconds: 1_700_000_000_000)
    var encoder = MessageEncoder(header: header, payload: 2048)
    var lines = ByteBuilder(capacity: 4096)
    for (milliseconds, stream, mark, bytes) in events {
      var rest = bytes[...]
      while !rest.isEmpty {
        let taken = Array(rest).withUnsafeBufferPointer {
          encoder.append($0, stream, mark: mark, at: milliseconds)
        }
        rest = rest.dropFirst(taken)
        if !rest.isEmpty { encoder.finish(into: &lines) }
      }
    }
    while !encoder.cut() { encoder.finish(into: &lines) }
    if !encoder.isEmpty { encoder.finish(into: &lines) }
    return lines.array
  }
}

/// Reads every byte that the message points to.
private func touch(_ message: Message) {
  for text in [message.host, message.user, message.terminal, message.recording, message.previous] {
    precondition(text?.array.count ?? 0 <= text?.raw.count ?? 0, "a text is longer than what is written")
  }
  switch message.kind {
  case .data, .start, .gap: break
  case .end(let end): _ = end.transfer.map { Array($0) }
  case .other(let name): _ = name.array
  }
}

private func isEmpty(_ error: MessageError) -> Bool {
  var text = ByteBuilder(capacity: 64)
  error.append(to: &text)
  return text.isEmpty
}
