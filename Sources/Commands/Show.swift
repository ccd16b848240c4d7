import API
package import ArgumentParser
import Client
import SystemCalls

/// `steno show`: all that is known about one recording, of a centre or in a file.
package struct Show: ParsableCommand {
  package static let configuration = CommandConfiguration(abstract: "Describe a recording.")

  @OptionGroup package var centre: CentreOptions
  @Flag(help: "As an object.")
  package var json = false
  @Flag(help: "Times in UTC.")
  package var utc = false
  @Argument(help: "Its id, or four characters or more of it; or a file.")
  package var recording: String

  package init() {}

  package func run() throws {
    let found = try find()
    if json { return try SystemCalls.show(try encoded(found)) }
    let ending = found.exit.map { ", exit status \($0)" } ?? found.signal.map { ", signal \($0)" } ?? ""
    let silent = found.silent.map { "its host says nothing since " + shownTime($0, isUTC: utc) } ?? ""
    let clock = found.clockMilliseconds.map { shownSkew($0) } ?? ""
    let gaps = found.gaps == 0 ? "" : String(found.gaps)
    let rows: [[String]] = [
      ["id", found.id], ["rec", visible(found.rec)], ["host", visible(found.host)], ["user", visible(found.user)],
      ["start", shownTime(found.start, isUTC: utc)], ["end", shownTime(found.end, isUTC: utc)],
      ["duration", shownDuration(found.durationMilliseconds)],
      ["state", found.state.rawValue], ["gaps", gaps], ["silent", silent], ["clock", clock],
      ["why", visible(found.why ?? "") + ending], ["trust", visible(found.trust)],
      ["terminal", visible(found.term)], ["tty", visible(found.tty)], ["command", visible(found.cmd)],
      ["messages", String(found.messages)], ["bytes", String(found.bytes)],
    ]
    try SystemCalls.show(Array(aligned(rows.filter { !$0[1].isEmpty }).utf8))
  }

  private func find() throws -> RecordingSummary {
    switch try Operand(recording) {
    case .file(let file): return try LocalSummary.only(in: file)
    case .recording(let id): return try centre.asking { try await $0.recording(percentEncoded(id)) }
    }
  }
}
