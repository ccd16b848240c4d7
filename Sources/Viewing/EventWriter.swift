import Archive
import Events
import Screen

/// Turns messages into events for a browser, as JSON: `[ms,"o","text"]`.
///
/// Output goes through the same allow list as on an auditor's terminal (THREATS 20), so that no title, query or pasteboard
/// gets to the player; sequences may be split over messages. What comes before the place that was asked for is read and
/// not written, since what follows may be in the middle of it.
final class EventWriter {
  /// What ends an answer before there are no more messages.
  enum Stop {
    /// The answer has as much as it may: the next event is at that time.
    case full(milliseconds: UInt64)
    /// The next event is at or behind the end that was asked for.
    case reached(milliseconds: UInt64)
  }

  private var range: EventRange
  private var isOpen = false
  private var messages: MessageReader
  private var filter = TerminalFilter()
  private var text = ByteBuilder(capacity: 4096)
  private(set) var json = ByteBuilder(capacity: 4096)
  private(set) var eventCount = 0
  private(set) var position: Position
  private var milliseconds: UInt64

  /// - Parameter keyframe: Where reading begins.
  init(_ range: EventRange, from keyframe: Keyframe) {
    self.range = range
    messages = keyframe.makeReader()
    position = Position(seq: keyframe.seq - 1)
    milliseconds = keyframe.milliseconds
  }

  /// From now on every event is written, and nothing stops it.
  func open() {
    range = EventRange()
    isOpen = true
  }

  /// The events that were written since the last time, joined by commas.
  func takeJSON() -> [UInt8] {
    defer {
      json.clear()
      eventCount = 0
    }
    return json.array
  }

  /// Writes what is to be seen of a line.
  ///
  /// - Returns: Why it did not get to the line's end; nil when it did. The writer is not used again after that.
  func take(_ line: StoredLine) -> Stop? {
    // The reader's pointers are used inside this closure only.
    line.bytes.withUnsafeBufferPointer { take($0, seq: line.seq) }
  }

  private func take(_ line: UnsafeBufferPointer<UInt8>, seq: UInt64) -> Stop? {
    position = Position(seq: seq - 1)
    do throws(MessageError) {
      let message = try messages.read(line)
      if case .gap(let loss) = message.kind, let stop = gap(message.milliseconds, loss.why, seq) { return stop }
      while let event = try messages.next() {
        if let stop = take(event, seq: seq) { return stop }
      }
    } catch {
      // What was taken in is whole, so this is what became of it since.
      if let stop = gap(milliseconds, Array("a message cannot be read".utf8), seq) { return stop }
    }
    position = Position(seq: seq)
    return nil
  }

  /// Writes that something is missing.
  func gap(_ time: UInt64, _ why: [UInt8], _ seq: UInt64) -> Stop? {
    if let stop = stop(before: time) { return stop }
    milliseconds = max(milliseconds, time)
    if isWanted(seq) { append("g", why) }
    position.count += 1
    return nil
  }

  private func take(_ event: MessageEvent, seq: UInt64) -> Stop? {
    if let stop = stop(before: event.milliseconds) { return stop }
    milliseconds = max(milliseconds, event.milliseconds)
    let isWanted = isWanted(seq)
    switch event.content {
    case .data(.input, let mark, let bytes):
      if isWanted { append("i", mark.hides ? hidden(bytes) : Array(bytes)) }
    case .data(_, _, let bytes):
      text.clear()
      filter.pass(bytes, into: &text)
      if isWanted && !text.isEmpty { append("o", text.array) }
    case .window(let window):
      if isWanted { append("r", Array("\(window.columns)x\(window.rows)".utf8)) }
    }
    position.count += 1
    return nil
  }

  private func isWanted(_ seq: UInt64) -> Bool {
    guard milliseconds >= range.from else { return false }
    guard let after = range.after else { return true }
    return seq > after.seq + 1 || seq == after.seq + 1 && position.count >= after.count
  }

  /// Events of one time are kept together, so that a time says where to go on; but not for ever.
  private func stop(before time: UInt64) -> Stop? {
    if isOpen { return nil }
    if let until = range.until, time >= until { return .reached(milliseconds: time) }
    if json.count >= EventRange.byteCountMax && time > milliseconds { return .full(milliseconds: time) }
    if json.count >= EventRange.byteCountAtOnceMax { return .full(milliseconds: time) }
    return nil
  }

  private func append(_ kind: StaticString, _ data: [UInt8]) {
    if eventCount > 0 { json.append(UInt8(ascii: ",")) }
    eventCount += 1
    json.append("[")
    json.append(decimal: milliseconds)
    json.append(",\"")
    json.append(kind)
    json.append("\",")
    json.append(jsonString: data)
    json.append("]")
  }

  /// A star for each character: what was typed at a prompt for a secret is not shown (THREATS 9).
  private func hidden(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    [UInt8](repeating: UInt8(ascii: "*"), count: String(decoding: bytes, as: UTF8.self).unicodeScalars.count)
  }
}

extension InputMark {
  /// Whether what was typed is not for everybody's eyes. Masked input is stars already.
  var hides: Bool { self == .secret || self == .echoOff }
}

/// Which events are wanted.
package struct EventRange: Sendable {
  /// Where an answer ends once an event of another time comes.
  static let byteCountMax = 1 << 20
  /// Where it ends in any case: a host may claim that everything happened at once.
  static let byteCountAtOnceMax = 4 << 20

  /// Milliseconds from the start.
  package var from: UInt64 = 0
  /// Only events before that time; nil for all.
  package var until: UInt64?
  /// Only events behind that place; nil for all.
  package var after: Position?
  /// Begin with the screen at or before ``from``, and with the events since then.
  package var hasKeyframe = false

  package init() {}
}
