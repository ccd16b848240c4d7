import Options

/// Tells from the end of the output whether a program has just asked for a secret.
///
/// For programs that read a secret key by key in raw mode, where the terminal says nothing that would tell a password
/// from a line of shell: sudo with pwfeedback, systemd-ask-password, `read -s -n`. A guess from words, so its answer only
/// marks input, it hides nothing. What it misses is in docs/threat-model.md: prompts in other words, boxes drawn on the
/// screen, prompts of more than ``windowByteCount`` bytes.
///
/// Asked for is: one of the patterns stands in the last line, and after it nothing but a few words without `:`, `?` or
/// `>`, then the rest of the punctuation of a prompt, then stars for keys typed so far. So `[sudo] password for ann: **`
/// asks, and a shell's prompt with half a command behind it does not.
///
/// Output costs a copy of its last bytes; words are looked for only when a key is typed in raw mode.
package struct SecretPrompts {
  /// How much output is remembered, escape sequences included. One that was cut at its beginning reads as text, which
  /// does no harm in front of a prompt.
  package static let windowByteCount = 256

  /// What is looked for when `secret-prompts` is not configured.
  package static var usual: [[UInt8]] {
    let words: [StaticString] = [
      "password", "passwd", "passphrase", "passcode", "pin:", "pin for", "secret", "token", "verification code", "otp:",
      "no echo",  // systemd-ask-password adds "(press TAB for no echo)" to whatever it asks
    ]
    return words.map { [UInt8]($0) }
  }

  /// In small letters, none empty.
  private let patterns: [[UInt8]]
  private var window = InlineArray<256, UInt8>(repeating: 0)
  private var windowCount = 0

  /// - Parameter patterns: Bytes to look for, without regard to the case of ASCII letters; empty ones are left out.
  package init(_ patterns: [[UInt8]]) {
    self.patterns = patterns.filter { !$0.isEmpty }.map { $0.map(smallLetter) }
  }

  /// Takes output, in pieces of any size.
  package mutating func shown(_ bytes: UnsafeBufferPointer<UInt8>) {
    let added = min(bytes.count, Self.windowByteCount)
    let kept = min(windowCount, Self.windowByteCount &- added)
    let dropped = windowCount &- kept
    if dropped > 0 { for place in 0..<kept { window[place] = window[place &+ dropped] } }
    for place in 0..<added { window[kept &+ place] = bytes[bytes.count &- added &+ place] }
    windowCount = kept &+ added
  }

  /// Whether the last line of the output asks for a secret.
  package var areAsking: Bool {
    var line = PromptLine()
    for place in 0..<windowCount { line.take(window[place]) }
    for pattern in patterns where line.asks(pattern) { return true }
    return false
  }
}

/// The last line of a piece of output as a person sees it, more or less: escape sequences are skipped, not obeyed.
private struct PromptLine {
  /// Where in an escape sequence the output is (ECMA-48 §5.3 to 5.6).
  private enum Sequence {
    case none
    /// ESC, and perhaps intermediate bytes.
    case escape
    /// Control sequence: ESC [.
    case csi
    /// Device control, operating system command and the like: up to ESC \ or BEL.
    case string
  }

  private var text = InlineArray<256, UInt8>(repeating: 0)
  private var count = 0
  private var sequence = Sequence.none

  mutating func take(_ byte: UInt8) {
    switch sequence {
    case .none: takeText(byte)
    case .escape: takeAfterEscape(byte)
    case .csi: if (0x40...0x7e).contains(byte) { sequence = .none }
    case .string:
      if byte == 0x07 { sequence = .none }
      if byte == 0x1b { sequence = .escape }
    }
  }

  private mutating func takeAfterEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "["): sequence = .csi
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      sequence = .string
    case 0x20...0x2f: break
    default: sequence = .none
    }
  }

  private mutating func takeText(_ byte: UInt8) {
    switch byte {
    case 0x1b: sequence = .escape
    case 0x0a...0x0d: count = 0  // LF VT FF CR
    case 0x08: count = max(count &- 1, 0)  // BS, with which a star is taken back
    case 0x00..<0x20, 0x7f: break
    default:
      if count < text.count {
        text[count] = smallLetter(byte)
        count &+= 1
      }
    }
  }

  func asks(_ pattern: [UInt8]) -> Bool {
    guard pattern.count <= count else { return false }
    for start in 0...(count &- pattern.count)
    where has(pattern, at: start) && endsAsPrompt(from: start &+ pattern.count) { return true }
    return false
  }

  private func has(_ pattern: [UInt8], at start: Int) -> Bool {
    for place in 0..<pattern.count where text[start &+ place] != pattern[place] { return false }
    return true
  }

  /// Whether what follows a pattern is the rest of a prompt and no more.
  private func endsAsPrompt(from start: Int) -> Bool {
    var saysMore = false
    var asked = false
    for place in start..<count {
      switch text[place] {
      case UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: ">"): asked = true
      case UInt8(ascii: " "), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "*"): break
      case 0xe2, 0x80, 0xa2: saysMore = saysMore || !asked  // U+2022, the star of newer programs, a byte at a time
      default:
        if asked { return false }
        saysMore = true
      }
    }
    return asked || !saysMore
  }
}

private func smallLetter(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
