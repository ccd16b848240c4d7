import CSys
import Events
package import Options
import Readers
import Screen
import SystemCalls

/// All that a player program does with its settings.
package enum PlayMain {
  /// What tlog-play leaves at the end of its output, wherever that goes: plain characters, the cursor, a new line, NUL.
  package static let streamEnd = bytes("\u{1b}[0m\u{1b}[?25h\n\0")

  /// Plays or prints, and tells on standard error what is wrong.
  ///
  /// - Parameter program: What calls itself so when its output cannot be written.
  /// - Returns: The exit status. A player that a signal ended, or whose output nobody takes, does not return.
  package static func run(_ settings: PlaySettings, as program: StaticString = "tlog-play") -> Int32 {
    do throws(PlayError) {
      switch settings.mode {
      case .list:
        var printer = Printer(settings)
        try printer.list()
      case .text:
        var printer = Printer(settings)
        try printer.printText()
      case .messages:
        var printer = Printer(settings)
        try printer.printMessages()
      case .asciicast:
        var printer = Printer(settings)
        try printer.printAsciicast()
      case .raw(let isUnsafe): try printRaw(settings, isFiltered: !isUnsafe && csys_is_terminal(1))
      case .play: try play(settings)
      }
      return 0
    } catch {
      if case .output(let error) = error { Process.exit(program, after: error) }
      complain(error.text)
      return 1
    }
  }

  /// Writes what was asked for instead of a recording, such as `--help`.
  ///
  /// - Returns: The exit status.
  package static func print(_ text: [UInt8], as program: StaticString = "tlog-play") -> Int32 {
    do throws(OutputError) { try show(text) } catch { Process.exit(program, after: error) }
    return 0
  }

  /// Tells why nothing is played, and exits. Where output is no terminal, it ends as tlog's does even then.
  package static func refuse(_ failure: Failure) -> Never {
    writeStreamEnd()
    complain([UInt8](failure.lines.map { $0 + [0x0a] }.joined()))
    Process.exit(1)
  }

  /// Where output is no terminal. Why nothing is played is said next, and that says more than that this was not written.
  private static func writeStreamEnd() {
    if !csys_is_terminal(1) { try? show(streamEnd) }
  }

  private static func printRaw(_ settings: PlaySettings, isFiltered: Bool) throws(PlayError) {
    var printer = Printer(settings)
    let dropped = try printer.printRaw(isFiltered: isFiltered)
    guard settings.showsDropped else { return }
    var text = ByteBuilder(capacity: 256)
    for kind in dropped.kinds {
      text.append(decimal: kind.count)
      text.append("\t")
      text.append(visible: Array(kind.name.utf8))
      text.append("\n")
    }
    complain(text.array)
  }

  private static func play(_ settings: PlaySettings) throws(PlayError) {
    let terminal = csys_is_terminal(1) ? windowOfTerminal(1) ?? .usual : nil
    let opened: (source: any LineSource, reader: RecordingReader)
    do throws(PlayError) {
      opened = try reading { () throws(ReadError) in try settings.open() }
    } catch {
      writeStreamEnd()
      throw error
    }
    let timeline = Timeline(
      opened.reader, second: terminal == nil ? nil : settings.second, distant: settings.distant, draws: terminal != nil)
    let player = try onTerminal { () throws(SystemError) in
      try Player(settings, source: opened.source, timeline: timeline, terminal: terminal)
    }
    if case .signal(let number) = try player.run() { Process.die(of: number) }
  }
}
