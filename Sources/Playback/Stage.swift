import Events
import SystemCalls

/// The terminal that a player paints, with its footer and what stands there.
struct Stage {
  var painter: Painter
  /// The line that says where playback is.
  var hasStatus = true
  var showsHelp = false
  /// What was typed in the recording lately, as visible text; its end is shown.
  var input: [UInt8] = []
  static let inputByteCountMax = 512

  init(_ terminal: Window) { painter = Painter(terminal: terminal) }

  mutating func took(input bytes: UnsafeBufferPointer<UInt8>, _ mark: InputMark) {
    var text = ByteBuilder(capacity: 64)
    text.append(visible: mark == .secret || mark == .echoOff ? Array("***".utf8) : Array(bytes))
    input = [UInt8]((input + text.array).suffix(Self.inputByteCountMax))
  }
}

/// The keys, as `?` shows them.
let helpLines: [[UInt8]] = [
  "space p   pause                      } {       twice, half as fast",
  "DEL       speed as recorded          . ,       next, last event",
  "right left  5 seconds on, back       12:30G    go to that time",
  "g G       start, end                 /text     search; n N again, backwards",
  "i         skip idle time             h j k l   move a screen that is too large",
  "s         status line                q         quit",
].map { Array($0.utf8) }
