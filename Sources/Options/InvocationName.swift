/// What the name that a program was called by says. To `tlog-rec-session` a dash in front means a login shell, and a
/// symbolic link to it called `tlog-rec-session-shell-bin-zsh` starts `/bin/zsh`; `tlog-rec` looks for neither.
struct InvocationName {
  /// The name without directories, and without the dash and the path that mean something: for messages.
  let name: [UInt8]
  let isLogin: Bool
  /// The path that the name encodes; nil when it encodes none.
  let shell: [UInt8]?

  /// - Parameter argument: The first argument of the program, `argv[0]`.
  init(_ argument: [UInt8], of program: ProgramDescription) {
    let start = argument.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    var base = argument[start...]
    guard program.isShell else {
      name = [UInt8](base)
      isLogin = false
      shell = nil
      return
    }
    isLogin = base.first == UInt8(ascii: "-")
    if isLogin { base.removeFirst() }
    guard let mark = base.firstRange(of: "-shell-") else {
      name = [UInt8](base)
      shell = nil
      return
    }
    name = [UInt8](base[..<mark.lowerBound])
    // The last dash of the mark is the first slash of the path.
    shell = Self.path(base[(mark.upperBound - 1)...])
  }

  /// Each `-` is a slash; a backslash keeps the character behind it as it is.
  private static func path(_ code: ArraySlice<UInt8>) -> [UInt8] {
    var path: [UInt8] = []
    var isEscaped = false
    for byte in code {
      if !isEscaped, byte == UInt8(ascii: "\\") {
        isEscaped = true
        continue
      }
      path.append(!isEscaped && byte == UInt8(ascii: "-") ? UInt8(ascii: "/") : byte)
      isEscaped = false
    }
    return path
  }
}

extension ArraySlice<UInt8> {
  fileprivate func firstRange(of text: StaticString) -> Range<Int>? {
    guard count >= text.utf8CodeUnitCount else { return nil }
    for start in startIndex...(endIndex - text.utf8CodeUnitCount) {
      let range = start..<(start + text.utf8CodeUnitCount)
      if self[range].elementsEqual(text.bytes) { return range }
    }
    return nil
  }
}
