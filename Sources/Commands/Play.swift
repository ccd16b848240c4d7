package import ArgumentParser
import Client
import Playback

/// `steno play`: plays a recording of a centre, also while it goes on, or one in files.
package struct Play: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Play a recording.", usage: "steno play [OPTION...] ID | FILE...",
    discussion: """
      Options are those of tlog-play (steno play --help); -f goes on with a live recording. \
      --server, --ca and --token say which centre has ID. A file goes before an ID; ./NAME is always a file.
      """)

  @Argument(parsing: .captureForPassthrough)
  package var words: [String] = []

  package init() {}

  package func run() throws {
    let (options, rest) = CentreOptions.split(words)
    var recording: CentreRecording?
    let status = try LocalRecordings.play(rest.map { Array($0.utf8) }) { operand in
      guard case .recording(let id) = try Operand(String(decoding: operand, as: UTF8.self)) else { return nil }
      let found = try CentreRecording(options, id: id)
      recording = found
      return found.distant
    }
    if let failure = recording?.failure { throw failure }
    if status != 0 { throw ExitCode(status) }
  }
}
