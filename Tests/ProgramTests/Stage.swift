import Foundation
import TestSupport
import Testing

/// One recording of a test: the recorder, and a directory with the log.
final class Stage: Sendable {
  let recorder: Recorder
  let scratch: ScratchDirectory

  init(_ recorder: Recorder) throws {
    self.recorder = recorder
    scratch = try ScratchDirectory()
  }

  var log: String { scratch.file("log") }

  /// The command line that records `program` into ``log``.
  ///
  /// - Parameter options: Later ones win over what stands here.
  func command(_ program: [String], _ options: [String] = []) -> [String] {
    [recorder.path, "--writer=file", "--file-path=" + log] + options + ["--"] + program
  }

  func onTerminal(
    _ program: [String], _ options: [String] = [], environment: [String: String?] = [:], columns: UInt16 = 80,
    rows: UInt16 = 24
  ) throws -> DrivenProgram {
    try startOnTerminal(command(program, options), environment: environment, columns: columns, rows: rows)
  }

  /// Starts a command line that has the recorder in it.
  func startOnTerminal(
    _ command: [String], environment: [String: String?] = [:], columns: UInt16 = 80, rows: UInt16 = 24
  ) throws -> DrivenProgram {
    try DrivenProgram(
      onTerminal: recorder.terminalPrefix + command, environment: environment, columns: columns, rows: rows,
      directory: scratch.path)
  }

  func onPipes(
    _ program: [String], _ options: [String] = [], input: DrivenProgram.Input = .nothing,
    environment: [String: String?] = [:]
  ) throws -> DrivenProgram {
    try DrivenProgram(
      onPipes: command(program, options), input: input, environment: environment, directory: scratch.path)
  }

  /// What the log holds.
  func recording() throws -> Recording { try Recording(log: scratch.bytes("log")) }

  /// What stock `tlog-play` shows of the log.
  func played() async throws -> [UInt8] {
    // Standard input must be open and have no end, or it spins; it ends what it shows with a reset of its own.
    let player = try DrivenProgram(onPipes: ["/usr/bin/tlog-play", "--goto=end", "--file-path=" + log], input: .pipe)
    let end = try await player.end()
    let reset = Array("\u{1b}[0m\u{1b}[?25h\n\0".utf8)
    guard end == .status(0), player.shown.suffix(reset.count).elementsEqual(reset) else {
      throw Recording.Malformed(description: "stock tlog-play: \(end) \(player.text) \(player.errorText)")
    }
    return player.shown.dropLast(reset.count)
  }

  /// Checks that the log holds what the terminal showed, all of it and nothing else, and that stock's player agrees.
  ///
  /// After the end a recorder may write one line end, so that a prompt begins on a line of its own.
  func expectFaithful(_ program: DrivenProgram, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let recorded = try recording().output
    let afterwards = String(decoding: program.shown.dropFirst(recorded.count), as: UTF8.self)
    expectSame(Array(program.shown.prefix(recorded.count)), recorded, "shown", sourceLocation: sourceLocation)
    #expect(["", "\n", "\r\n"].contains(afterwards), "shown and not recorded", sourceLocation: sourceLocation)
    expectSame(try await played(), recorded, "played by stock tlog-play", sourceLocation: sourceLocation)
  }
}
