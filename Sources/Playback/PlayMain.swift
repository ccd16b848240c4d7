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
  /// - Returns: The exit status. A player that a signal ended does not return, but dies of it.
  package static func run(_ settings: PlaySettings) -> Int32 {
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
      case .raw(let isUnsafe): try printRaw(settings, isFiltered: !isUnsafe && csys_is_terminal(1))
      case .play: try play(settings)
      }
      return 0
    } catch {
      say(error.text)
      return 1
    }
  }

  /// Tells why nothing is played, and exits. Where output is no terminal, it ends as tlog's does even then.
  package static func refuse(_ failure: Failure) -> Never {
    if !csys_is_terminal(1) { say(streamEnd, on: 1) }
    say([UInt8](failure.lines.map { $0 + [0x0a] }.joined()))
    Process.exit(1)
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
    say(text.array)
  }

  private static func play(_ settings: PlaySettings) throws(PlayError) {
    let terminal = csys_is_terminal(1) ? windowOfTerminal(1) ?? .usual : nil
    let opened: (source: any LineSource, reader: RecordingReader)
    do throws(PlayError) {
      opened = try reading { () throws(ReadError) in try settings.open() }
    } catch {
      if terminal == nil { say(streamEnd, on: 1) }
      throw error
    }
    let timeline = Timeline(
      opened.reader, second: terminal == nil ? nil : settings.second, distant: settings.distant, draws: terminal != nil)
    let player = try writing { () throws(SystemError) in
      try Player(settings, source: opened.source, timeline: timeline, terminal: terminal)
    }
    if case .signal(let number) = try player.run() { Process.die(of: number) }
  }
}
