import Events
import Screen
import SystemCalls

/// The line at the foot of a painted terminal: what is played, where, and how.
struct StatusLine {
  enum Word {
    case playing, paused, waiting, seeking, searching, ended

    var text: StaticString {
      switch self {
      case .playing: "playing"
      case .paused: "paused"
      case .waiting: "waiting for more"
      case .seeking: "seeking"
      case .searching: "searching"
      case .ended: "end"
      }
    }
  }

  var word: Word
  /// Of the recording, when it is known.
  var state: RecordingState?
  var milliseconds: UInt64
  var endMilliseconds: UInt64?
  var wallClock: UInt64?
  var isUTC: Bool
  var speed: Double
  var isIdleSkipped: Bool
  var recorded: Window
  var terminal: Window
  /// Rows that the footer takes.
  var footerCount: Int
  /// What the person is typing, or is to be told once.
  var note: [UInt8]

  var text: [UInt8] {
    var text = ByteBuilder(capacity: 160)
    text.append(" ")
    if !note.isEmpty {
      text.append(visible: note)
      text.append("  ")
    }
    text.append(word.text)
    if word == .ended, let state, state != .complete {
      text.append(": ")
      text.append(state.name)
    }
    text.append(" ")
    text.append(duration: milliseconds, isPrecise: true)
    if let endMilliseconds {
      text.append("/")
      text.append(duration: endMilliseconds, isPrecise: true)
    }
    text.append(speedText)
    if isIdleSkipped { text.append(" idle skipped") }
    if isTooLarge {
      text.append(" recorded ")
      text.append(decimal: UInt64(recorded.columns))
      text.append("x")
      text.append(decimal: UInt64(recorded.rows))
      text.append(", move by hjkl")
    }
    if let wallClock {
      text.append("  ")
      text.append(wallClock: wallClock, isUTC: isUTC)
    }
    text.append("  ? help")
    return text.array
  }

  private var speedText: [UInt8] {
    speed == 1 ? [] : Array((speed > 0 && speed < 1 ? " x1/\(Self.short(1 / speed))" : " x\(Self.short(speed))").utf8)
  }

  private static func short(_ number: Double) -> String {
    guard number.isFinite, number < 1e9 else { return "\(number)" }
    return number == number.rounded() ? "\(Int(number))" : "\((number * 100).rounded() / 100)"
  }

  private var isTooLarge: Bool {
    recorded.columns > terminal.columns || Int(recorded.rows) > Int(terminal.rows) - footerCount
  }
}
