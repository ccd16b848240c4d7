import Capture
import Events
import SystemCalls
import TestSupport
import Testing

private let shell: Int32 = 100
private let other: Int32 = 200
/// sudo, su, passwd: the terminal collects a line and shows nothing.
private let unechoed = KeyboardState(isCanonical: true, echoes: false, foreground: other)
/// The same while the login shell has the terminal.
private let unechoedByShell = KeyboardState(isCanonical: true, echoes: false, foreground: shell)
/// `cat`, or dash at its prompt.
private let echoed = KeyboardState(isCanonical: true, echoes: true, foreground: other)
/// bash at its prompt.
private let rawByShell = KeyboardState(isCanonical: false, echoes: false, foreground: shell)
/// vim, or sudo with pwfeedback.
private let raw = KeyboardState(isCanonical: false, echoes: false, foreground: other)
/// `stty -icanon`.
private let rawEchoed = KeyboardState(isCanonical: false, echoes: true, foreground: other)

@Suite struct `Masking by echo` {
  @Test func `a password is masked byte for byte, and its line end is kept`() {
    var mask = EchoMask(usualPrompts: ())
    #expect(mask.type("hunter2\r", unechoed) == [.init(.masked, "*******"), .init(.none, "\r")])
  }

  @Test(arguments: [echoed, rawByShell, raw, rawEchoed])
  func `input is plain where the terminal echoes, or a program reads keys`(keyboard: KeyboardState) {
    var mask = EchoMask(usualPrompts: ())
    #expect(mask.type("ls -l\r", keyboard) == [.init(.none, "ls -l\r")])
  }

  @Test func `a password typed key by key is masked like one typed at once`() {
    var mask = EchoMask(usualPrompts: ())
    for key in "hunter2" { #expect(mask.type("\(key)", unechoed) == [.init(.masked, "*")]) }
    #expect(mask.type("\r", unechoed) == [.init(.none, "\r")])
  }

  @Test func `each byte of a character of several bytes is a star`() {
    var mask = EchoMask(usualPrompts: ())
    #expect(mask.type("é€😀\n", unechoed) == [.init(.masked, "*********"), .init(.none, "\n")])
  }

  @Test func `editing keys are part of what is masked`() {
    var mask = EchoMask(usualPrompts: ())
    #expect(mask.type("ab\u{7f}\u{15}\u{17}\u{08}c\u{1b}[A", unechoed) == [.init(.masked, "**********")])
  }

  @Test(arguments: ["\u{03}", "\u{04}", "\u{1a}", "\u{1c}", "\r", "\n"])
  func `keys that end or give up a secret are shown`(key: String) {
    var mask = EchoMask(usualPrompts: ())
    #expect(mask.type("abc\(key)", unechoed) == [.init(.masked, "***"), .init(.none, key)])
  }

  @Test func `an empty read has no runs`() {
    var mask = EchoMask(usualPrompts: ())
    for keyboard in [echoed, unechoed, unechoedByShell, raw] { #expect(mask.type("", keyboard).isEmpty) }
  }
}

@Suite struct `Limits of masking` {
  @Test func `the fourth line without echo is recorded and marked`() {
    var mask = EchoMask(usualPrompts: ())
    for _ in 0..<3 { #expect(mask.type("secret\r", unechoed) == [.init(.masked, "******"), .init(.none, "\r")]) }
    #expect(mask.type("rm -rf /\r", unechoed) == [.init(.echoOff, "rm -rf /\r")])
    #expect(mask.type("exit\r", unechoed) == [.init(.echoOff, "exit\r")])
  }

  @Test func `three lines and what follows them in one read are told apart`() {
    var mask = EchoMask(usualPrompts: ())
    let runs = mask.type("a\nbb\nccc\nwho\nam\n", unechoed)
    let line = Recorded(.none, "\n")
    #expect(
      runs == [
        .init(.masked, "*"), line, .init(.masked, "**"), line, .init(.masked, "***"), line,
        .init(.echoOff, "who\nam\n"),
      ])
  }

  @Test func `the 256th byte without echo is masked and the 257th is not`() {
    var mask = EchoMask(usualPrompts: ())
    let long = String(repeating: "x", count: 257)
    #expect(mask.type(long, unechoed) == [.init(.masked, String(repeating: "*", count: 256)), .init(.echoOff, "x")])

    var slow = EchoMask(usualPrompts: ())
    for _ in 0..<256 { #expect(slow.type("x", unechoed) == [.init(.masked, "*")]) }
    #expect(slow.type("x", unechoed) == [.init(.echoOff, "x")])
  }

  @Test func `line ends count among the 256 bytes`() {
    var mask = EchoMask(usualPrompts: ())
    _ = mask.type("\r", unechoed)
    let rest = mask.type(String(repeating: "x", count: 256), unechoed)
    #expect(rest == [.init(.masked, String(repeating: "*", count: 255)), .init(.echoOff, "x")])
  }

  @Test(arguments: ["\u{04}", "\u{03}", "\u{1a}", "\u{1c}"])
  func `another key than Return does not make the mask last longer`(key: String) {
    var mask = EchoMask(usualPrompts: ())
    for _ in 0..<3 { _ = mask.type("id\(key)", unechoed) }
    #expect(mask.type("id", unechoed) == [.init(.echoOff, "id")])
  }

  @Test func `three empty lines use the mask up`() {
    var mask = EchoMask(usualPrompts: ())
    #expect(mask.type("\r\r\r", unechoed) == [.init(.none, "\r\r\r")])
    #expect(mask.type("x", unechoed) == [.init(.echoOff, "x")])
  }

  @Test func `a prompt loop masks so many lines of a session, and one more every ten minutes`() {
    var mask = EchoMask(usualPrompts: ())
    func next(at nanoseconds: UInt64) -> [Recorded] {
      _ = mask.type("\r", echoed)
      return mask.type("id\r", unechoed, at: nanoseconds)
    }
    let masked = [Recorded(.masked, "**"), Recorded(.none, "\r")]
    for _ in 0..<EchoMask.lineReserve { #expect(next(at: 0) == masked) }
    let later = EchoMask.lineRegainNanoseconds
    #expect(next(at: later - 1) == [.init(.echoOff, "id\r")])
    #expect(next(at: later) == masked)
    #expect(next(at: later) == [.init(.echoOff, "id\r")])
  }

  @Test func `while the login shell has the terminal nothing is masked`() {
    var mask = EchoMask(usualPrompts: ())
    #expect(mask.type("whoami\r", unechoedByShell) == [.init(.echoOff, "whoami\r")])
    #expect(mask.type("x", unechoed) == [.init(.masked, "*")])
  }

  /// `ssh -t host sudo id`: bash becomes sudo, in its own process group.
  @Test func `a command without an interactive shell is masked in whatever group it is`() {
    var mask = EchoMask(shellGroup: nil, prompts: SecretPrompts([]))
    #expect(mask.type("hunter2", unechoedByShell) == [.init(.masked, "*******")])
    let unknown = KeyboardState(isCanonical: true, echoes: false, foreground: -1)
    #expect(mask.type("x", unknown) == [.init(.masked, "*")])
  }

  @Test func `what the login shell reads without echo uses up the limits too`() {
    var mask = EchoMask(usualPrompts: ())
    _ = mask.type("one\rtwo\rthree\r", unechoedByShell)
    #expect(mask.type("x", unechoed) == [.init(.echoOff, "x")])
  }

  @Test func `the count begins again only once a read has found the echo on or line editing off`() {
    for restart in [echoed, rawEchoed, raw, rawByShell] {
      var mask = EchoMask(usualPrompts: ())
      _ = mask.type("1\r2\r3\r", unechoed)
      #expect(mask.type("4", unechoed) == [.init(.echoOff, "4")])
      _ = mask.type("k", restart)
      #expect(mask.type("5", unechoed) == [.init(.masked, "*")], "\(restart)")

      _ = mask.type(String(repeating: "x", count: 255), unechoed)
      #expect(mask.type("6", unechoed) == [.init(.echoOff, "6")])
      _ = mask.type("k", restart)
      #expect(mask.type("7", unechoed) == [.init(.masked, "*")], "\(restart)")
    }
    var mask = EchoMask(usualPrompts: ())
    _ = mask.type("1\r2\r3\r", unechoed)
    mask.show("\r\nPassword: ")
    _ = mask.type("k", unechoedByShell)
    #expect(mask.type("5", unechoed) == [.init(.echoOff, "5")])
  }

  @Test func `each sudo of a long session at a line-editing shell is masked`() {
    var mask = EchoMask(usualPrompts: ())
    for _ in 0..<20 {
      _ = mask.type("sudo id\r", rawByShell)
      mask.show("[sudo] password for ann: ")
      #expect(mask.type("hunter2\r", unechoed) == [.init(.masked, "*******"), .init(.none, "\r")])
      mask.show("\r\nuid=0(root)\r\n$ ")
    }
  }

  /// A helper that turns the echo off for a small shell, against which the limits are made.
  @Test func `a shell without echo hides at most three lines of commands`() {
    var mask = EchoMask(usualPrompts: ())
    _ = mask.type("stty -echo; dash\r", rawByShell)
    let commands = (0..<50).map { "command \($0)\r" }
    let shown = commands.flatMap { mask.type($0, unechoed) }.filter { $0.mark == .echoOff }.map(\.text)
    #expect(shown == Array(commands.dropFirst(3)))
  }
}

@Suite struct `Secrets read in raw mode` {
  @Test(arguments: [
    "Password: ", "password:", "PASSWORD? ", "Enter passphrase for key '/home/ann/.ssh/id_ed25519': ",
    "[sudo] password for ann: ", "ann@host's password: ", "(current) UNIX password: ", "PIN: ", "Verification code: ",
    "Enter PIN for 'card' (slot 1): ", "New password (again)> ", "🔐 Password: (press TAB for no echo) ",
    "last login: today\r\nPassword: ", "half a line\rPassword: ", "\u{1b}[1mPassword:\u{1b}[0m ", "Password",
    "\u{1b}]0;a title: of > mine\u{07}Password: ", "\u{1b}(B\u{1b}[m\u{1b}]8;;x\u{1b}\\Password: ",
    "Password [hidden]: ",
  ])
  func `keys after a prompt for a secret are marked up to the line end`(prompt: String) {
    var mask = EchoMask(usualPrompts: ())
    mask.show(prompt)
    #expect(mask.type("s3", raw) == [.init(.secret, "s3")])
    #expect(mask.type("cret\rls\r", raw) == [.init(.secret, "cret"), .init(.none, "\rls\r")])
    #expect(mask.type("pwd\r", raw) == [.init(.none, "pwd\r")])
  }

  @Test(arguments: [
    "", "$ ", "ann@host:~$ ", "Password accepted\r\n", "Password: \r\n", "password is wrong", "the password: unknown, ",
    "Password: \r\n$ ", "> cat password.txt", "Password: abc", "passwor: ", "\u{1b}]0;Password: \u{07}$ ",
    "\u{1b}PPassword: \u{1b}\\$ ", "Password: \u{0b}", "Password: \u{0c}$ ",
  ])
  func `keys after anything else are plain`(output: String) {
    var mask = EchoMask(usualPrompts: ())
    mask.show(output)
    #expect(mask.type("s3cret\r", raw) == [.init(.none, "s3cret\r")])
  }

  @Test func `a prompt that comes in pieces is found, cut anywhere`() {
    let prompt = Array("line\r\n\u{1b}[1;31mEnter \u{1b}]0;t\u{07}PassPhrase\u{1b}[0m for x: ".utf8)
    for cut in 0...prompt.count {
      var mask = EchoMask(usualPrompts: ())
      mask.show(Array(prompt[..<cut]))
      mask.show(Array(prompt[cut...]))
      #expect(mask.type("k", raw) == [.init(.secret, "k")], "cut at \(cut)")
    }
    var mask = EchoMask(usualPrompts: ())
    for byte in prompt { mask.show([byte]) }
    #expect(mask.type("k", raw) == [.init(.secret, "k")])
  }

  @Test func `stars for keys keep the mark, and a star taken back too`() {
    for star in ["*", "•"] {
      var mask = EchoMask(usualPrompts: ())
      mask.show("[sudo] password for ann: ")
      for key in "hunter" {
        #expect(mask.type("\(key)", raw) == [.init(.secret, "\(key)")])
        mask.show(star)
      }
      #expect(mask.type("\u{7f}", raw) == [.init(.secret, "\u{7f}")])
      mask.show(star == "*" ? "\u{08} \u{08}" : "")
      #expect(mask.type("2\r", raw) == [.init(.secret, "2"), .init(.none, "\r")])
    }
  }

  /// The bytes are those of systemd 252.
  @Test func `all keys typed at systemd-ask-password are marked`() {
    var mask = EchoMask(usualPrompts: ())
    mask.show("\u{1b}[0;1;39m🔐 Password: \u{1b}[0;38;5;245m(press TAB for no echo) \u{1b}[0m")
    #expect(mask.type("a", raw) == [.init(.secret, "a")])
    mask.show(String(repeating: "\u{08} \u{08}", count: 24) + "*")
    #expect(mask.type("b", raw) == [.init(.secret, "b")])
    mask.show("*")
    #expect(mask.type("\u{7f}", raw) == [.init(.secret, "\u{7f}")])
    mask.show("\u{08} \u{08}")
    #expect(mask.type("c\r", raw) == [.init(.secret, "c"), .init(.none, "\r")])
    mask.show("*\r\n")
    #expect(mask.type("l", raw) == [.init(.none, "l")])
  }

  /// The bytes are those of bash 5.2.
  @Test func `all keys that bash reads for read -s -n are marked`() {
    var mask = EchoMask(usualPrompts: ())
    mask.show("read -s -n 3 -p \"PIN: \" x\r\n\u{1b}[?2004l\rPIN: ")
    for key in ["1", "2", "3"] { #expect(mask.type(key, rawByShell) == [.init(.secret, key)]) }
    mask.show("\u{1b}[?2004hbash-5.2# ")
    #expect(mask.type("exit\r", rawByShell) == [.init(.none, "exit\r")])
  }

  @Test func `keys that are echoed lose the mark`() {
    var mask = EchoMask(usualPrompts: ())
    mask.show("password> ")
    #expect(mask.type("l", raw) == [.init(.secret, "l")])
    mask.show("l")
    #expect(mask.type("s", raw) == [.init(.none, "s")])
    mask.show("s")
    #expect(mask.type("\r", raw) == [.init(.none, "\r")])
  }

  @Test func `a prompt shown again is looked at again`() {
    var mask = EchoMask(usualPrompts: ())
    mask.show("PIN: ")
    _ = mask.type("123\u{04}", raw)
    #expect(mask.type("x", raw) == [.init(.none, "x")])
    mask.show("\r\nSorry.\r\nPIN: ")
    #expect(mask.type("1", raw) == [.init(.secret, "1")])
  }

  @Test func `only raw mode without echo is guessed at`() {
    for (keyboard, expected) in [(echoed, InputMark.none), (rawEchoed, .none), (unechoed, .masked)] {
      var mask = EchoMask(usualPrompts: ())
      mask.show("Password: ")
      #expect(mask.type("x", keyboard).map(\.mark) == [expected])
    }
  }

  @Test func `the patterns are the configured ones, whatever the case of their letters`() {
    var mask = EchoMask(shellGroup: shell, prompts: SecretPrompts([[], Array("Kennwort".utf8), Array("пароль".utf8)]))
    for (prompt, expected) in [("kENNwort: ", InputMark.secret), ("пароль:", .secret), ("password: ", .none)] {
      mask.show("\r\n\(prompt)")
      #expect(mask.type("x", raw).map(\.mark) == [expected], "\(prompt)")
    }
  }

  @Test func `without patterns nothing is marked`() {
    var mask = EchoMask(shellGroup: shell, prompts: SecretPrompts([]))
    mask.show("Password: ")
    #expect(mask.type("x", raw) == [.init(.none, "x")])
  }

  @Test func `a prompt is found at the end of any amount of output, and not beyond the window`() {
    for before in 0...600 {
      var mask = EchoMask(usualPrompts: ())
      mask.show(String(repeating: ".", count: before) + "Password: ")
      #expect(mask.type("x", raw) == [.init(.secret, "x")], "\(before) bytes before")

      var far = EchoMask(shellGroup: shell, prompts: SecretPrompts([Array("start".utf8)]))
      far.show("start")
      for _ in 0..<before { far.show(" ") }
      let isInWindow = before + 5 <= SecretPrompts.windowByteCount
      #expect(far.type("x", raw).map(\.mark) == [isInWindow ? .secret : .none], "\(before) bytes after")
    }
  }
}

@Suite struct `Any input` {
  @Test func `runs cover every read, keep what is not masked and follow an independent count`() {
    var random = SeededNumbers()
    let keyboards = [unechoed, unechoed, unechoed, unechoed, unechoedByShell, echoed, raw, rawByShell, rawEchoed]
    let keys: [UInt8] = Array("abc\r\n\u{03}\u{04}\u{7f}\u{1b}".utf8) + [0x00, 0xc3, 0xff]
    let outputs = ["Password: ", "$ ", "*", "x", "\r\n", "\u{1b}[1m", "\u{1b}]", "\u{08} \u{08}"]
    for _ in 0..<400 {
      var mask = EchoMask(usualPrompts: ())
      var model = MaskModel()
      for _ in 0..<30 {
        if random.below(3) == 0 { mask.show(outputs[random.below(outputs.count)]) }
        let keyboard = keyboards[random.below(keyboards.count)]
        let isLong = random.below(9) == 0
        let bytes = (0..<random.below(isLong ? 400 : 6)).map { _ in isLong ? 0x78 : keys[random.below(keys.count)] }
        let marks = mask.typed(bytes, keyboard)
        #expect(marks.count == bytes.count, "seed \(random.seed)")
        #expect(
          marks.map { $0 == .secret ? .none : $0 } == model.marks(bytes, keyboard), "seed \(random.seed), \(bytes)")
      }
    }
  }
}

/// The rule once more, as THREATS 9 puts it, a byte at a time over the whole history.
private struct MaskModel {
  private var unechoedBytes = 0
  private var unechoedLineEnds = 0

  mutating func marks(_ bytes: [UInt8], _ keyboard: KeyboardState) -> [InputMark] {
    if keyboard != unechoed && keyboard != unechoedByShell {
      unechoedBytes = 0
      unechoedLineEnds = 0
      return bytes.map { _ in .none }
    }
    return bytes.map { byte in
      let isPast = unechoedBytes >= 256 || unechoedLineEnds >= 3
      let isEnd = [0x0a, 0x0d, 0x03, 0x04, 0x1a, 0x1c].contains(byte)
      unechoedBytes += 1
      unechoedLineEnds += isEnd ? 1 : 0
      if isPast || keyboard.foreground == shell { return .echoOff }
      return isEnd ? .none : .masked
    }
  }
}

/// One run, with what is recorded of it.
private struct Recorded: Equatable {
  var mark: InputMark
  var bytes: [UInt8]

  init(_ mark: InputMark, _ text: String) { self.init(mark: mark, bytes: Array(text.utf8)) }

  init(mark: InputMark, bytes: [UInt8]) {
    self.mark = mark
    self.bytes = bytes
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension EchoMask {
  fileprivate init(usualPrompts: Void) { self.init(shellGroup: shell, prompts: SecretPrompts(SecretPrompts.usual)) }

  fileprivate mutating func show(_ text: String) { show(Array(text.utf8)) }

  fileprivate mutating func show(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { shown($0) } }

  fileprivate mutating func type(
    _ text: String, _ keyboard: KeyboardState, at nanoseconds: UInt64 = 0
  ) -> [Recorded] {
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      let runs = typed(bytes, keyboard, at: nanoseconds)
      var recorded = ByteBuilder(capacity: 16)
      runs.appendRecorded(bytes, to: &recorded)
      var rest = recorded.array[...]
      return (0..<runs.count).map { index in
        defer { rest = rest.dropFirst(runs[index].count) }
        return Recorded(mark: runs[index].mark, bytes: Array(rest.prefix(runs[index].count)))
      }
    }
  }

  /// The mark of each byte; checks what is recorded against the bytes on the way.
  fileprivate mutating func typed(_ bytes: [UInt8], _ keyboard: KeyboardState) -> [InputMark] {
    bytes.withUnsafeBufferPointer { pointer in
      let runs = typed(pointer, keyboard, at: 0)
      let marks = (0..<runs.count).flatMap { [InputMark](repeating: runs[$0].mark, count: runs[$0].count) }
      var recorded = ByteBuilder(capacity: 16)
      runs.appendRecorded(pointer, to: &recorded)
      #expect(recorded.array == zip(bytes, marks).map { $1 == .masked ? UInt8(ascii: "*") : $0 })
      return marks
    }
  }
}
