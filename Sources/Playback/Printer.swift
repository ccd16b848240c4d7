import CSys
import Events
package import Readers
package import Screen
import SystemCalls

/// What is printed of a recording at once, without playing it.
package struct Printer: ~Copyable {
  private let settings: PlaySettings
  private var output: OutputQueue
  /// JSON for somebody's eyes, and not for another program.
  private let isForTerminal: Bool

  /// - Parameter descriptor: Where to; waited for.
  package init(_ settings: PlaySettings, to descriptor: Int32 = 1) {
    self.settings = settings
    output = OutputQueue(descriptor)
    isForTerminal = csys_is_terminal(descriptor)
  }

  // MARK: The list

  package mutating func list() throws(PlayError) {
    let source = try reading { () throws(ReadError) in try settings.source.open(follows: false) }
    var listing = Listing()
    listing.readAll(of: source)
    if let failure = listing.failure { throw .reading(failure) }
    try print(listing)
  }

  package mutating func print(_ listing: borrowing Listing) throws(PlayError) {
    RecordingTable(isUTC: settings.isUTC).append(listing, to: &output.bytes)
    try drain()
  }

  // MARK: What was recorded

  /// The messages byte for byte, but on a terminal; those of a spool file as an agent would make them of it.
  package mutating func printMessages() throws(PlayError) {
    let source = try reading { () throws(ReadError) in try settings.source.open(follows: false) }
    let failure = failure(of: { (printer) throws(PlayError) in
      while let line = try reading({ () throws(ReadError) in try source.next() }) {
        guard line.bytes.count <= MessageEncoder.lineByteCountMax else { throw .reading(.tooLong(source, line)) }
        if printer.isForTerminal {
          printer.output.bytes.append(visibleJSON: Array(line.bytes))
        } else {
          printer.output.bytes.append(line.bytes)
        }
        printer.output.bytes.append("\n")
        if printer.output.isFull { try printer.drain() }
      }
    })
    try drain()
    if let failure { throw failure }
  }

  /// All that programs wrote, and with `--input` what was typed, marked.
  ///
  /// - Parameter isFiltered: What could do something to a terminal beside showing text is left out.
  /// - Returns: What was left out.
  package mutating func printRaw(isFiltered: Bool) throws(PlayError) -> DroppedSequences {
    var filter = TerminalFilter()
    let showsInput = settings.showsInput
    let failure = failure(of: { (printer) throws(PlayError) in
      try printer.forEach(draws: false, before: { _ in }) { content, output in
        switch content {
        case .output(let bytes): if isFiltered { filter.pass(bytes, into: &output) } else { output.append(bytes) }
        case .input(let bytes, let mark): if showsInput { output.append(typed: bytes, mark) }
        default: break
        }
      }
    })
    if isFiltered { filter.finish(into: &output.bytes) }
    try drain()
    if let failure { throw failure }
    return filter.dropped
  }

  /// What was on the screen, as text: each line as it came to rest or scrolled off, and those of the last screen.
  package mutating func printText() throws(PlayError) {
    let lines = LineText()
    let showsInput = settings.showsInput
    let failure = failure(of: { (printer) throws(PlayError) in
      try printer.forEach(draws: true, before: { $0.report(to: lines) }) { content, output in
        output.append(lines.taken())
        if case .input(let bytes, let mark) = content, showsInput { output.append(typed: bytes, mark) }
      }
    })
    output.bytes.append(lines.taken())
    try drain()
    if let failure { throw failure }
  }

  /// For asciinema's players. The header has the first window, which is then no event of its own.
  package mutating func printAsciicast() throws(PlayError) {
    var cast = Asciicast()
    var hasHeader = false
    var head: Playhead?
    let isForTerminal = isForTerminal
    let failure = failure(of: { (printer) throws(PlayError) in
      try printer.forEach(draws: false, before: { head = $0 }) { content, queued in
        guard let head else { return }
        var output = ByteBuilder(capacity: 256)
        defer {
          if isForTerminal { queued.append(visibleJSON: output.array) } else { queued.append(output.bytes) }
        }
        let time = head.pendingMilliseconds
        if !hasHeader {
          hasHeader = true
          let first: Window? = if case .window(let window) = content { window } else { nil }
          cast.appendHeader(
            window: first ?? .usual, startMilliseconds: head.wallStart, terminal: head.terminal, to: &output)
          if first != nil { return }
        }
        switch content {
        case .output(let bytes): cast.append(output: bytes, at: time, to: &output)
        case .input(let bytes, let mark): cast.append(input: bytes, mark, at: time, to: &output)
        case .window(let window): cast.append(window: window, at: time, to: &output)
        case .gap(let loss): cast.append(gap: loss, at: time, to: &output)
        case .end, .broken: break
        }
      }
    })
    try drain()
    if let failure { throw failure }
  }

  private mutating func failure(of body: (inout Printer) throws(PlayError) -> Void) -> PlayError? {
    do throws(PlayError) { try body(&self) } catch { return error }
    return nil
  }

  private mutating func forEach(
    draws: Bool, before: (Playhead) -> Void, _ body: (Playhead.Content, inout ByteBuilder) -> Void
  ) throws(PlayError) {
    let (source, reader) = try reading { () throws(ReadError) in try settings.open() }
    let head = Playhead(reader, draws: draws)
    before(head)
    defer { head.reportAll() }
    while true {
      while let content = try reading({ () throws(ReadError) in try head.peek() }) {
        body(content, &output.bytes)
        head.advance()
        if output.isFull { try drain() }
      }
      try drain()
      guard try reading({ () throws(ReadError) in try source.waitForMore() }) else { return }
    }
  }

  private mutating func drain() throws(PlayError) {
    try writing { () throws(OutputError) in try output.drain() }
  }
}

extension ReadError {
  fileprivate static func tooLong(_ source: any LineSource, _ line: Line) -> ReadError {
    ReadError(lines: [
      bytes("Line too long"), bytes("Failed reading the source at ") + source.placeName(ofLine: line.number),
    ])
  }
}

extension ByteBuilder {
  /// Appends what was typed, told from what was shown by its brackets.
  fileprivate mutating func append(typed bytes: UnsafeBufferPointer<UInt8>, _ mark: InputMark) {
    append("⟨")
    append(visible: mark == .secret || mark == .echoOff ? Array("***".utf8) : Array(bytes))
    append("⟩")
  }
}

/// Lines as an emulator reports them.
private final class LineText: LineObserver {
  private var text = ByteBuilder(capacity: 4096)

  func settled(line: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64) {
    text.append(line)
    text.append("\n")
  }

  func received(osc: [UInt8], isCut: Bool) {}

  /// What was reported since the last time.
  func taken() -> [UInt8] {
    defer { text.clear() }
    return text.array
  }
}
