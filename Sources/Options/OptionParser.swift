/// Reads a command line as tlog does with getopt_long(3): options end at the first argument that is none, a long one may
/// be cut short as long as it is told from the others, and a yes-or-no option needs no value.
///
/// `tlog-rec-session` stands where a shell is called, so there an option that tlog does not have is not refused but is the
/// shell's: `-lc`, `-x`, `--norc` go to it as they are, in their place, and so does all that follows the options. An
/// option that does take a value, as in `-o posix`, therefore needs no special care: what we take for the first argument
/// is handed over behind it.
package struct OptionParser {
  /// What the options and arguments say, to be laid over the configuration.
  private(set) var settings = NodeObject()
  private let rows: [Option]
  private let program: ProgramDescription
  private let arguments: [[UInt8]]
  /// The argument to be looked at next.
  private var next = 0
  /// What goes to the shell before the arguments; `tlog-rec-session` only.
  private var shellOptions: [[UInt8]] = []

  /// `--configuration` shows the options that are the shell's under this name; nothing can set it.
  package static let shellOptions: StaticString = "shell-options"

  /// - Parameter arguments: Without the name that the program was called by.
  init(_ arguments: [[UInt8]], of program: ProgramDescription) throws(Failure) {
    self.arguments = arguments
    self.program = program
    rows = program.rows.filter { $0.isOption }
    while next < arguments.count {
      let argument = arguments[next]
      guard argument.count > 1, argument[0] == UInt8(ascii: "-") else { break }
      next += 1
      if argument.equals("--") { break }
      if argument[1] == UInt8(ascii: "-") { try takeLong(argument) } else { try takeShort(argument) }
    }
    settings.append([UInt8]("args"), .array(arguments[next...].map { .string($0) }))
    if program.isShell { setShellOptions() }
    if case .none = program.operands, next < arguments.count {
      throw Failure("Positional arguments are not accepted")
    }
  }

  // MARK: Options

  private mutating func takeLong(_ argument: [UInt8]) throws(Failure) {
    let name = argument[2...].prefix { $0 != UInt8(ascii: "=") }
    let value = name.endIndex < argument.endIndex ? [UInt8](argument[(name.endIndex + 1)...]) : nil
    guard let option = option(called: name) else {
      return try takeUnknown(argument, Failure("Unknown option encountered"))
    }
    try take(option, value)
  }

  /// The option of that name, or the only one whose name begins so.
  private func option(called name: ArraySlice<UInt8>) -> Option? {
    var found: Option?
    var foundCount = 0
    for row in rows where row.longName.starts(with: name) {
      if row.longName.count == name.count { return row }
      // What tlog takes for its own option still is that one.
      if row.isOwn, let found, !found.isOwn { continue }
      found = row
      foundCount += 1
    }
    return foundCount == 1 ? found : nil
  }

  private mutating func takeShort(_ argument: [UInt8]) throws(Failure) {
    let value = argument.count > 2 ? [UInt8](argument[2...]) : nil
    let option = rows.first { $0.letter == argument[1] }
    // For a shell, letters behind the first one are options like it; tlog takes them for the value of the first.
    guard let option, !program.isShell || value == nil else {
      return try takeUnknown(argument, Failure(text: "Unknown option encountered: -\([argument[1]])"))
    }
    try take(option, value)
  }

  private mutating func takeUnknown(_ argument: [UInt8], _ failure: Failure) throws(Failure) {
    guard program.isShell else { throw failure }
    shellOptions.append(argument)
  }

  /// - Parameter value: As it stands in the same argument; nil when nothing does.
  private mutating func take(_ option: Option, _ value: [UInt8]?) throws(Failure) {
    let node: Node
    if case .boolean = option.kind {
      node = .boolean(try boolean(option, value))
    } else {
      node = try self.value(of: option, value ?? followingArgument())
    }
    settings.set(option, to: option.isRepeated ? settings.longer(option, by: node) : node)
    if program.isShell, let letter = option.letter, isForShell(letter) {
      shellOptions.append([UInt8(ascii: "-"), letter])
    }
  }

  private mutating func followingArgument() -> [UInt8]? {
    guard next < arguments.count else { return nil }
    next += 1
    return arguments[next - 1]
  }

  // MARK: Values

  private func boolean(_ option: Option, _ value: [UInt8]?) throws(Failure) -> Bool {
    guard let value else { return true }
    let lower = value.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
    if lower.equals("yes") || lower.equals("on") || lower.equals("true") { return true }
    if lower.equals("no") || lower.equals("off") || lower.equals("false") { return false }
    throw Failure(text: "Invalid \(option.label) option value: \(value),").adding(
      "expecting yes/on/true or no/off/false")
  }

  private func value(of option: Option, _ value: [UInt8]?) throws(Failure) -> Node {
    guard let value else { throw Failure(text: "Option \(option.label) argument is missing") }
    let invalid = Failure(text: "Invalid \(option.label) option value: \(value)")
    var node = Node.string(value)
    if case .integer = option.kind {
      guard let number = integer(value) else { throw invalid }
      node = .integer(number)
    } else if case .number(let read) = option.kind {
      guard let number = read(value) else { throw invalid }
      return .double(number)
    } else if case .list = option.kind {
      return node
    }
    if option.problem(with: node) != nil { throw invalid }
    return node
  }

  // MARK: The shell's options

  /// The options that tlog knows and a shell knows by the same letter.
  private func isForShell(_ letter: UInt8) -> Bool { letter == UInt8(ascii: "c") || letter == UInt8(ascii: "i") }

  /// Sets the options for the shell, unless tlog's flags say all about them already. As with tlog, `-i` gives way to `-c`
  /// when both were given apart.
  private mutating func setShellOptions() {
    let isCommand = settings.flag("command")
    let isInteractive = settings.flag("interactive") && !isCommand
    let given = shellOptions.filter {
      $0.equals("-c") ? isCommand : $0.equals("-i") ? isInteractive : true
    }
    guard given.contains(where: { !$0.equals("-c") && !$0.equals("-i") }) else { return }
    settings.append([UInt8](Self.shellOptions), .array(given.map { .string($0) }))
  }
}

/// The number that `text` is in the eyes of strtoll(3), blanks around it allowed and too large ones clamped; nil when it is
/// none.
private func integer(_ text: [UInt8]) -> Int64? {
  var rest = text[...]
  while let byte = rest.first, isBlank(byte) { rest.removeFirst() }
  while let byte = rest.last, isBlank(byte) { rest.removeLast() }
  let isNegative = rest.first == UInt8(ascii: "-")
  if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
  guard !rest.isEmpty else { return nil }
  var magnitude: UInt64 = 0
  for byte in rest {
    guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    // Stops growing beyond what Int64 holds, and short of what UInt64 does.
    magnitude = min(magnitude, UInt64.max / 10 - 1) * 10 + UInt64(byte - UInt8(ascii: "0"))
  }
  let number = Int64(clamping: magnitude)
  return isNegative ? -number : number
}

/// isspace(3) in the C locale.
private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) }
