import API
package import ArgumentParser
import Client
import Events
import Glibc
import Playback
import Synchronization
import SystemCalls

/// `steno export`: a recording as its lines, as what it showed, or as text.
package struct Export: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Write a recording to standard output.",
    discussion: """
      What comes after an end of what could be read, such as a damaged message, is told on standard error. So is a \
      recording that is incomplete, damaged or tampered: it is written as far as it is there, and the exit status is 4.
      """)

  package enum Format: String, ExpressibleByArgument, CaseIterable {
    /// The messages as they were sent.
    case tlog
    /// The bytes that were shown.
    case raw
    /// The lines that were on the screen.
    case text
    /// For asciinema's players.
    case asciicast
  }

  @OptionGroup package var centre: CentreOptions
  @Option(
    help: """
      tlog: its messages as they were sent; raw: the bytes that it showed; text: the lines of its screen; \
      asciicast: for asciinema's players.
      """)
  package var format: Format
  @Argument(help: "Its id, or four characters or more of it; or a file.")
  package var recording: String

  package init() {}

  package func run() throws {
    guard case .recording(let id) = try Operand(recording) else {
      let found = try LocalSummary.checkIsOne(recording)
      try write(.file(path: Array(recording.utf8), match: nil))
      try found?.checkIsWhole()
      return
    }
    if format == .tlog {
      let lines = isatty(1) == 1 ? VisibleLines() : nil
      let summary = try centre.asking { client in
        try await client.messages(of: id) { try show(lines?.take($0) ?? $0) }
        return try await client.recording(id)
      }
      try summary.checkIsWhole()
      return
    }
    let found = try CentreRecording(centre, id: id)
    try write(.distant(found.distant))
    if let failure = found.failure { throw failure }
    try found.summary.checkIsWhole()
  }

  private func write(_ source: PlaySettings.Source) throws {
    let form: LocalRecordings.Form =
      switch format {
      case .tlog: .messages
      case .raw: .raw
      case .text: .text
      case .asciicast: .asciicast
      }
    let status = LocalRecordings.print(source, as: form)
    if status != 0 { throw ExitCode(status) }
  }
}

/// Messages for a terminal, in whole lines: they come in pieces that end anywhere.
private final class VisibleLines: Sendable {
  private let rest = Mutex<[UInt8]>([])

  func take(_ piece: [UInt8]) -> [UInt8] {
    let whole = rest.withLock { rest in
      rest += piece
      let whole = Array(rest[..<(rest.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)])
      rest.removeFirst(whole.count)
      return whole
    }
    return visibleJSON(whole)
  }
}

extension RecordingSummary {
  /// - Throws: `CommandFailure` when something of the recording is missing, or is not what was recorded.
  func checkIsWhole() throws {
    guard state.isDoubtful || gaps > 0 else { return }
    let gaps = gaps == 0 ? "" : gaps == 1 ? ": it has a gap" : ": it has \(gaps) gaps"
    throw CommandFailure(.incomplete, "the recording is \(state.isDoubtful ? state.rawValue : "incomplete")\(gaps)")
  }
}
