import CSys
import Events
import SystemCalls

/// What a session's shell gets for its descriptors 0, 1 and 2, and the routes between them and the caller's.
///
/// The shell sees what it would see without a recorder: a terminal where the caller gave one, a pipe where the caller
/// gave something else, nothing where the caller gave nothing. Standard error stays apart from standard output.
struct InnerEnds {
  /// N of /dev/pts/N; nil when the caller gave no terminal.
  private(set) var number: UInt32?
  /// The recorder's end of the inner terminal.
  private(set) var master: Endpoint?
  private(set) var routes: [Route] = []
  /// What become the shell's descriptors; -1 for closed.
  private(set) var standard: (Int32, Int32, Int32) = (-1, -1, -1)
  /// What becomes the shell's controlling terminal; -1 for none.
  private(set) var terminal: Int32 = -1
  /// The shell's ends, open in the recorder until the shell has them.
  private var shellEnds: [Endpoint] = []

  /// - Parameters:
  ///   - owner: The person: whose the inner terminal and the pipes are.
  ///   - recording: What the inner terminal is marked with.
  init(_ outer: OuterTerminal?, owner: UInt32, recording: [UInt8]) throws(SystemError) {
    if let outer {
      try addTerminal(like: outer, owner: owner)
      if let number { master?.mark = TerminalLock.take(terminal, number: number, recording: recording) }
    }
    standard = (try end(0, .input, owner), try end(1, .output, owner), try end(2, .errorOutput, owner))
  }

  /// Closes the ends that the shell has by now, so that it is alone with them.
  func giveAway() { for end in shellEnds { end.close() } }

  private mutating func addTerminal(like outer: OuterTerminal, owner: UInt32) throws(SystemError) {
    let inner = try PseudoTerminal(like: outer, owner: owner)
    number = inner.number
    let (own, shells) = inner.give { (Endpoint($0), Endpoint($1)) }
    routes.append(Route(.output, from: own, to: Endpoint(standard: outer.descriptor), isTerminal: true))
    if outer.hasKeyboard {
      routes.append(Route(.input, from: Endpoint(standard: outer.descriptor), to: own, isTerminal: true))
    }
    master = own
    terminal = shells.raw
    shellEnds.append(shells)
  }

  /// The shell's end for one of 0, 1, 2.
  private mutating func end(_ number: Int32, _ stream: Stream, _ owner: UInt32) throws(SystemError) -> Int32 {
    if !csys_was_open(number) { return -1 }
    if csys_is_terminal(number) { return terminal }
    let pipe = try Pipe(owner: owner)
    let outer = Endpoint(standard: number)
    let (reader, writer) = pipe.give { (Endpoint($0), Endpoint($1)) }
    let own = stream == .input ? writer : reader
    let shells = stream == .input ? reader : writer
    if csys_forbid_waiting(own.raw) != 0 { throw SystemError("fcntl") }
    let route =
      stream == .input
      ? Route(stream, from: outer, to: own, isTerminal: false) : Route(stream, from: own, to: outer, isTerminal: false)
    routes.append(route)
    shellEnds.append(shells)
    return shells.raw
  }
}
