package import Options
import SystemCalls

/// What a player is to do: the merged configuration as plain values, checked.
package struct PlaySettings: Sendable {
  package var source: Source
  /// Files that go on where that of ``source`` ends.
  package var furtherFiles: [[UInt8]] = []
  package var mode: Mode
  package var speed: Double = 1
  package var follows = false
  package var goto: Moment?
  package var isPaused = false
  package var persists = false
  package var isLax = false
  package var showsInput = false
  /// nil: as long as it was.
  package var idleLimitSeconds: Double?
  package var isUTC = false
  /// Counts what was kept from the terminal.
  package var showsDropped = false

  package enum Source: Sendable {
    case file(path: [UInt8], match: [UInt8]?)
    case journal(JournalSearch)
    case distant(DistantRecording)
  }

  /// Where ``source`` is one.
  var distant: DistantRecording? {
    if case .distant(let recording) = source { return recording }
    return nil
  }

  package struct JournalSearch: Sendable {
    package var matches: [[UInt8]]
    package var sinceSeconds: UInt64
    package var untilSeconds: UInt64
    package var namespace: [UInt8]?
  }

  package enum Mode: Equatable, Sendable {
    case play
    case list
    /// All output at once; `isUnsafe`: to a terminal, too, as it is.
    case raw(isUnsafe: Bool)
    case text
    /// The messages as they are, one a line.
    case messages
    /// For asciinema's players.
    case asciicast
  }

  package init(source: Source, mode: Mode) {
    self.source = source
    self.mode = mode
  }

  /// - Parameter merged: Everything that was set over what is built in.
  package init(_ merged: NodeObject) throws(Failure) {
    // tlog looks at the time first, and at the source only then.
    if let text = merged.text("goto") {
      let zone = merged.flag("utc") ? LocalZone.utc : .here
      guard let moment = Moment(text, now: Int64(Clock.wallMilliseconds), zone: zone) else {
        throw Failure(text: "Failed parsing timestamp to go to: \(text)")
          .adding("hint: write start, end, 1:30, 90s or, of the clock, 2026-12-01 02:21")
      }
      goto = moment
    }
    source = try Source(merged)
    mode =
      merged.flag("list")
      ? .list : merged.flag("text") ? .text : merged.flag("raw") ? .raw(isUnsafe: merged.flag("unsafe")) : .play
    speed = merged.fraction("speed") ?? 1
    follows = merged.flag("follow")
    isPaused = merged.flag("paused")
    persists = merged.flag("persist")
    isLax = merged.flag("lax")
    showsInput = merged.flag("input")
    idleLimitSeconds = merged.fraction("idle-limit")
    isUTC = merged.flag("utc")
    showsDropped = merged.flag("show-dropped")
  }
}

extension PlaySettings.Source {
  fileprivate init(_ merged: NodeObject) throws(Failure) {
    switch merged.choice("reader") ?? ReaderName.file {
    case .file:
      let section = merged.object("file")
      guard let path = section.text("path") else { throw Failure("Log file path is not specified").whileCreating }
      self = .file(path: path, match: section.text("match"))
    case .journal:
      let section = merged.object("journal")
      let matches = section.texts("match")
      guard !matches.isEmpty else { throw Failure("Journal match list not specified").whileCreating }
      self = .journal(
        PlaySettings.JournalSearch(
          matches: matches, sinceSeconds: section.count("since") ?? 0, untilSeconds: section.count("until") ?? .max,
          namespace: section.text("namespace")))
    case .es:
      let section = merged.object("es")
      if section.text("baseurl") == nil { throw Failure("Elasticsearch base URL is not specified").whileCreating }
      if section.text("query") == nil { throw Failure("Elasticsearch query is not specified").whileCreating }
      throw Failure("Elasticsearch is not read by this version").whileCreating
        .adding("hint: save the messages to a file, one a line, and play that with --file-path")
    }
  }
}

extension Failure {
  fileprivate var whileCreating: Failure { adding("Failed creating log source") }
}

extension NodeObject {
  fileprivate func fraction(_ name: StaticString) -> Double? {
    guard case .double(let text)? = self[name] else { return nil }
    return Number.value(of: text)
  }

  fileprivate func count(_ name: StaticString) -> UInt64? {
    guard case .integer(let value)? = self[name] else { return nil }
    return UInt64(clamping: value)
  }
}
