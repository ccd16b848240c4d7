package import Events
package import SystemCalls

/// Decides, read by read, what of typed input may be recorded: THREATS 9.
///
/// The terminal tells: a program that wants a secret turns the echo off and leaves line editing on (sudo, su, passwd, ssh,
/// getpass, `read -s`). Such input is masked, byte for byte, so that its length and time stay. But `stty -echo` in a
/// small shell looks exactly the same, and the mask must not become the switch with which a recorded person hides what
/// they do. So it ends at the third line end or after 256 bytes, whichever is first, and it is never on while the login
/// shell itself has the terminal. Typed beyond that, input is recorded and marked ``InputMark/echoOff``. The count
/// begins again when a read finds the echo on or line editing off: a shell's own line editor, such as bash's, turns
/// both off, and nobody could tell otherwise that a second sudo in an hour is not the first one's fourth line. A prompt
/// loop of one's own begins it again, too, so there is a limit on lines that are masked in a session: ``lineReserve``.
///
/// A program that reads keys in raw mode cannot be told from an editor, but for its prompt: see ``SecretPrompts``. Input
/// there is recorded as it is and marked ``InputMark/secret`` up to the line end. Output between the keys other than
/// stars ends that.
///
/// A value: no clock, no calls; it is told the time, and what the terminal was like just before the bytes were given to
/// the program. It says what is recorded and never touches what the program gets. Used only when input is recorded at
/// all.
package struct EchoMask {
  /// As many lines as one change of password asks for.
  package static let lineCountMax = 3
  /// Longer than any password that is typed.
  package static let byteCountMax = 256

  /// So many lines of a session are masked, and one more for each ``lineRegainNanoseconds`` that has passed: far more
  /// than people type passwords, and too few to work in.
  package static let lineReserve: UInt64 = 60
  package static let lineRegainNanoseconds: UInt64 = 600_000_000_000

  private enum Prompt {
    /// There was output since it was last looked at.
    case unread
    case asking
    case notAsking
  }

  private let shellGroup: Int32?
  private var prompts: SecretPrompts
  private var prompt = Prompt.notAsking
  /// What is left of the limits since the echo went off.
  private var linesLeft = Self.lineCountMax
  private var bytesLeft = Self.byteCountMax
  /// Lines that have been masked.
  private var lineCount: UInt64 = 0
  /// Whether the line that is being typed is among them; nil at its beginning.
  private var isLineMasked: Bool?

  /// - Parameter shellGroup: The process group of an interactive login shell, which reads commands from the terminal
  ///   itself. Nil for `-c COMMAND` and the like: the programs that such a shell starts, or becomes, stay in its group, as
  ///   in `ssh -t host sudo id`.
  package init(shellGroup: Int32?, prompts: SecretPrompts) {
    self.shellGroup = shellGroup
    self.prompts = prompts
  }

  /// Takes output, in the order in which it was read.
  package mutating func shown(_ bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.isEmpty { return }
    prompts.shown(bytes)
    prompt = .unread
  }

  /// Takes the bytes of one read of input.
  ///
  /// - Parameters:
  ///   - keyboard: What the terminal does with keys, asked just before the program gets these.
  ///   - nanoseconds: Since the start of the recording.
  /// - Returns: What is to be recorded of them, from the first byte to the last.
  package mutating func typed(
    _ bytes: UnsafeBufferPointer<UInt8>, _ keyboard: KeyboardState, at nanoseconds: UInt64
  ) -> InputRuns {
    if keyboard.echoes || !keyboard.isCanonical {
      linesLeft = Self.lineCountMax
      bytesLeft = Self.byteCountMax
      isLineMasked = nil
    }
    if keyboard.echoes { return InputRuns(.none, bytes.count) }
    if !keyboard.isCanonical { return typedRaw(bytes) }
    let lineCountMax = Self.lineReserve + nanoseconds / Self.lineRegainNanoseconds
    return typedUnechoed(bytes, atShell: keyboard.foreground == shellGroup, lineCountMax)
  }

  private mutating func typedUnechoed(
    _ bytes: UnsafeBufferPointer<UInt8>, atShell: Bool, _ lineCountMax: UInt64
  ) -> InputRuns {
    var runs = InputRuns()
    for byte in bytes {
      let endsLine = endsLine(byte)
      let isWithinLimits = linesLeft > 0 && bytesLeft > 0
      if isWithinLimits {
        bytesLeft &-= 1
        if endsLine { linesLeft &-= 1 }
      }
      let mayBeMasked = isWithinLimits && !atShell
      if mayBeMasked && isLineMasked == nil && !endsLine {
        isLineMasked = lineCount < lineCountMax
        if isLineMasked == true { lineCount &+= 1 }
      }
      runs.append(!mayBeMasked || isLineMasked == false ? .echoOff : endsLine ? .none : .masked)
      if endsLine { isLineMasked = nil }
    }
    return runs
  }

  private mutating func typedRaw(_ bytes: UnsafeBufferPointer<UInt8>) -> InputRuns {
    if prompt == .unread { prompt = prompts.areAsking ? .asking : .notAsking }
    var runs = InputRuns()
    for byte in bytes {
      if endsLine(byte) { prompt = .notAsking }
      runs.append(prompt == .asking ? .secret : .none)
    }
    return runs
  }
}

/// Whether a key ends a secret, or gives it up. Such a key is an act and no part of the secret, so it is never masked.
private func endsLine(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x0a, 0x0d: true  // Return: CR from a terminal, LF when pasted
  case 0x03, 0x04, 0x1a, 0x1c: true  // the usual keys for interrupt, end of file, suspend, quit: ^C ^D ^Z ^\
  default: false
  }
}

/// What to record of one read of input: consecutive runs that together are as long as the read.
package struct InputRuns {
  package struct Run: Equatable, Sendable {
    /// ``InputMark/masked``: a `*` is recorded for each byte, so that bytes and characters are the same in number.
    package var mark: InputMark
    /// Bytes, at least 1.
    package var count: Int
  }

  /// There are seven at most: a masked run and its line end for each of three lines, and what comes after the last.
  private var runs = InlineArray<7, Run>(repeating: Run(mark: .none, count: 0))
  package private(set) var count = 0

  init() {}

  /// One run of `byteCount` bytes, or none when that is 0.
  init(_ mark: InputMark, _ byteCount: Int) {
    guard byteCount > 0 else { return }
    runs[0] = Run(mark: mark, count: byteCount)
    count = 1
  }

  /// - Parameter index: 0 to ``count`` - 1.
  package subscript(_ index: Int) -> Run { runs[index] }

  fileprivate mutating func append(_ mark: InputMark) {
    if count > 0 && runs[count &- 1].mark == mark {
      runs[count &- 1].count &+= 1
    } else {
      runs[count] = Run(mark: mark, count: 1)
      count &+= 1
    }
  }

  /// Appends what may be recorded of `bytes`, the same that the runs were made from: masked ones as `*`.
  package func appendRecorded(_ bytes: UnsafeBufferPointer<UInt8>, to recorded: inout ByteBuilder) {
    var start = 0
    for index in 0..<count {
      let run = runs[index]
      let end = min(start &+ run.count, bytes.count)
      if run.mark == .masked {
        for _ in start..<end { recorded.append(UInt8(ascii: "*")) }
      } else {
        recorded.append(UnsafeBufferPointer(rebasing: bytes[start..<end]))
      }
      start = end
    }
  }
}
