import Foundation
import TestSupport
import Testing

/// Whose `tlog-rec` a test runs. What ours promises beyond tlog is asked of stock too, to show that the test can fail.
struct Recorder: Sendable, CustomTestStringConvertible {
  static let ours = Recorder(path: Surroundings.ours("tlog-rec"), testDescription: "ours")
  static let stock = Recorder(path: "/usr/bin/tlog-rec", testDescription: "stock")

  let path: String
  let testDescription: String

  var isOurs: Bool { testDescription == Self.ours.testDescription }

  /// How long it is waited for. Where stock is expected to hang, there is no point in waiting long.
  var patience: Duration { !isOurs ? .seconds(2) : DrivenProgram.patience }

  /// What stock cannot do without on a terminal, where the machine lacks it: a /run of the program's own with a utmp file.
  fileprivate var terminalPrefix: [String] {
    guard !isOurs, access("/run/utmp", F_OK) != 0 else { return [] }
    let make = "mount -t tmpfs tmpfs /run && : >/run/utmp && exec \"$@\""
    return ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", make, "sh"]
  }

  /// Why stock cannot run here; nil when it can.
  static var stockObstacle: String? {
    if !Surroundings.isExecutable(stock.path) || !Surroundings.isExecutable("/usr/bin/tlog-play") {
      return "stock tlog is not installed (`make deps` installs it)"
    }
    if access("/run/utmp", F_OK) != 0 && !Surroundings.isRoot {
      return "stock tlog needs /run/utmp, which only root can give it"
    }
    return nil
  }
}

extension Trait where Self == ConditionTrait {
  static var needsStock: Self {
    .enabled(if: Recorder.stockObstacle == nil, Comment(rawValue: Recorder.stockObstacle ?? "stock tlog is there"))
  }

  static var needsRoot: Self { .enabled(if: Surroundings.isRoot, "a mount namespace of one's own needs root") }
}

/// Checks a rule that stock tlog breaks: ours must keep it, and the same body must fail with stock. A test that stock
/// passes would prove nothing.
///
/// - Parameter defect: What stock does instead, shown beside its failure.
func expectDefect(inStock defect: Comment, _ rule: (Recorder) async throws -> Void) async throws {
  try await rule(.ours)
  await withKnownIssue(defect) { try await rule(.stock) }
}

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

/// Expects the same bytes, and tells the first place where they differ rather than all of them.
func expectSame(
  _ got: [UInt8], _ wanted: [UInt8], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  if got == wanted { return }
  let place = zip(got, wanted).enumerated().first { $1.0 != $1.1 }?.offset ?? min(got.count, wanted.count)
  func excerpt(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.dropFirst(max(0, place - 20)).prefix(60), as: UTF8.self).debugDescription
  }
  Issue.record(
    "\(what): \(got.count) bytes, not \(wanted.count); at \(place): \(excerpt(got)), not \(excerpt(wanted))",
    sourceLocation: sourceLocation)
}
