import API
import ArgumentParser
import Events
import FoundationEssentials
import Identity
import Playback
import Readers

/// Recordings in files and in the journal, described as a centre describes its own.
enum LocalSummary {
  /// Those in `place`, in the order in which they begin there.
  ///
  /// - Returns: Those that were found; and whether all could be read, or else was told on standard error.
  static func all(in place: LocalRecordings.Place) -> (recordings: [RecordingSummary], isWhole: Bool) {
    let (listing, isWhole) = LocalRecordings.find(place)
    return (listing.recordings.map { RecordingSummary($0) }, isWhole)
  }

  /// The recording in `file`.
  ///
  /// - Throws: `CommandFailure` when there is none, or more than one: nobody is to take one of several for the whole.
  static func only(in file: String) throws -> RecordingSummary {
    let (found, isWhole) = all(in: .files([Array(file.utf8)]))
    guard let first = found.first else {
      if !isWhole { throw ExitCode(CommandExit.failed.rawValue) }
      throw CommandFailure(.nothingFound, "\(visible(file)): no recording in it")
    }
    if found.count > 1 { throw several(found.count, file) }
    return first
  }

  /// Looks whether `file` holds no more than one recording, before it is written as one. What can be read only once,
  /// such as a pipe, is not looked at.
  ///
  /// - Returns: What it holds; nil when that was not looked at.
  static func checkIsOne(_ file: String) throws -> RecordingSummary? {
    guard let kind = try? FileManager.default.attributesOfItem(atPath: file)[.type] as? FileAttributeType,
      kind == .typeRegular
    else { return nil }
    let (listing, _) = LocalRecordings.find(.files([Array(file.utf8)]), isQuiet: true)
    if listing.recordings.count > 1 { throw several(listing.recordings.count, file) }
    return listing.recordings.first.map { RecordingSummary($0) }
  }

  private static func several(_ count: Int, _ file: String) -> CommandFailure {
    CommandFailure(
      .failed, "\(visible(file)): it holds \(count) recordings, and one is needed\nhint: steno ls names them")
  }
}

extension RecordingSummary {
  /// A file cannot tell whether more will come: what does not say how it ended is abandoned here.
  fileprivate init(_ recording: ListedRecording) {
    let start = recording.startMilliseconds.map { Int64(clamping: $0) }
    let duration = recording.durationMilliseconds
    self.init(
      id: RecordingID(host: recording.host, rec: recording.recording).description, rec: text(recording.recording),
      host: text(recording.host), user: text(recording.user),
      // Old messages have no time: then nobody knows.
      start: start.map { timestamp(milliseconds: $0) } ?? "",
      end: start.map { timestamp(milliseconds: $0 &+ Int64(clamping: duration)) } ?? "",
      durationMilliseconds: duration, state: recording.state,
      bytes: recording.byteCount, messages: recording.messageCount, trust: text(recording.trust),
      term: text(recording.terminal), tty: text(recording.tty), cmd: text(recording.command),
      why: recording.hasEnd ? text(recording.why) : nil, exit: recording.exit.map { Int(clamping: $0) },
      signal: recording.signal.map { Int(clamping: $0) }, columns: recording.window?.columns ?? 0,
      rows: recording.window?.rows ?? 0, gaps: Int(clamping: recording.missingMessageCount &+ recording.gapCount),
      hasInput: recording.hasInput)
  }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
