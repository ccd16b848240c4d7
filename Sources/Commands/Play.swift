package import ArgumentParser
import Client
import Foundation
import Identity
import Playback

/// `steno play`: plays a recording of a centre, also while it goes on, or one in files.
package struct Play: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Play a recording.", usage: "steno play [OPTION...] ID | FILE...",
    discussion: """
      Options are those of tlog-play (steno play --help); -f goes on with a live recording. \
      --server, --ca and --token say which centre has ID.
      """)

  @Argument(parsing: .captureForPassthrough)
  package var words: [String] = []

  package init() {}

  package func run() throws {
    let (options, rest) = CentreOptions.split(words)
    guard let place = rest.indices.last, let id = recordingID(rest[place]) else {
      return try play(rest)
    }
    let recording = try CentreRecording(options, id: id)
    defer { if let failure = recording.failure { complain("steno: \(failure)") } }
    try play(rest, recording.distant)
  }

  private func play(_ words: [String], _ distant: DistantRecording? = nil) throws {
    let status = LocalRecordings.play(words.map { Array($0.utf8) }, distant: distant)
    if status != 0 { throw ExitCode(status) }
  }
}

/// `operand` as the id of a recording, or the beginning of one: nil when it is an option, or a file here.
func recordingID(_ operand: String) -> String? {
  guard RecordingID.isPrefix(operand) else { return nil }
  return FileManager.default.fileExists(atPath: operand) ? nil : operand
}
