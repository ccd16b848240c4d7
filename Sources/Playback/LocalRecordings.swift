import CSys
import Events
import Glibc
import Options
package import Readers
import SystemCalls

/// What `steno` does with recordings that lie on this machine. Every function returns an exit status of `steno`.
package enum LocalRecordings {
  private static var program: StaticString { "steno" }

  private enum Status {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let nothingFound: Int32 = 3
  }

  // MARK: play

  /// Plays: everything up to the first file is an option of tlog-play; several files are one recording, in their order.
  ///
  /// - Parameters:
  ///   - arguments: Without the program's name and the subcommand.
  ///   - distant: The recording elsewhere that a single argument names; nil when that is a file. Called once at most.
  package static func play(
    _ arguments: [[UInt8]], distant: (_ operand: [UInt8]) throws -> DistantRecording? = { _ in nil }
  ) throws -> Int32 {
    let sources = ConfigurationSources(
      program: PlayTable.program(operands: .command), environment: Process.environment, isPrivileged: false,
      readFile: ConfigurationFile.read)
    var files: [[UInt8]] = []
    var settings: PlaySettings
    do throws(Failure) {
      switch try Call.read(from: sources, arguments: [bytes("steno play")] + arguments) {
      case .print(let text): return PlayMain.print(text, as: program)
      case .configured(var merged):
        files = merged.texts("args")
        if files.isEmpty && merged.choice("reader") != ReaderName.journal && merged.object("file").text("path") == nil {
          complain(bytes("steno play: no recording to play\n"))
          return Status.usage
        }
        if let first = files.first { merged.set(path: first) }
        settings = try PlaySettings(merged)
      }
    } catch {
      complain([UInt8](error.lines.map { $0 + [0x0a] }.joined()))
      return Status.usage
    }
    settings.furtherFiles = [[UInt8]](files.dropFirst())
    if files.count == 1, let recording = try distant(files[0]) { settings.source = .distant(recording) }
    return PlayMain.run(settings, as: program)
  }

  // MARK: ls

  /// Where recordings may lie.
  package enum Place {
    /// Files, and the files of directories.
    case files([[UInt8]])
    /// nil: the one that is not in a namespace.
    case journal(namespace: [UInt8]?)
  }

  /// Finds the recordings in `place`.
  ///
  /// - Parameter isQuiet: What cannot be read is not told on standard error.
  /// - Returns: What was found; and whether all could be read.
  package static func find(_ place: Place, isQuiet: Bool = false) -> (listing: Listing, isWhole: Bool) {
    var listing = Listing()
    var isWhole = true
    switch place {
    case .journal(let namespace):
      isWhole = read({ () throws(ReadError) in try openJournal(namespace) }, into: &listing, isQuiet: isQuiet)
    case .files(let files):
      for file in files.flatMap({ logs(at: $0) }) {
        let isRead = read(
          { () throws(ReadError) in try FileSource([file], follows: false, keeps: false) }, into: &listing,
          isQuiet: isQuiet)
        isWhole = isRead && isWhole
      }
    }
    return (listing, isWhole)
  }

  /// Prints the table of what is in `place`.
  package static func list(_ place: Place, isUTC: Bool) -> Int32 {
    let (listing, isWhole) = find(place)
    var settings = PlaySettings(source: .file(path: [], match: nil), mode: .list)
    settings.isUTC = isUTC
    if !listing.recordings.isEmpty {
      var printer = Printer(settings)
      do throws(PlayError) { try printer.print(listing) } catch {
        if case .output(let error) = error { Process.exit(program, after: error) }
        complain(error.text)
        return Status.failed
      }
    }
    if !isWhole { return Status.failed }
    return listing.recordings.isEmpty ? Status.nothingFound : Status.done
  }

  // MARK: export

  /// What is written of a recording.
  package enum Form: Sendable {
    /// Its messages, one a line.
    case messages
    /// The bytes that it showed.
    case raw
    /// The lines of its screen as text.
    case text
    /// For asciinema's players.
    case asciicast
  }

  /// Writes a recording to standard output.
  package static func print(_ source: PlaySettings.Source, as form: Form) -> Int32 {
    let mode: PlaySettings.Mode =
      switch form {
      case .messages: .messages
      case .raw: .raw(isUnsafe: false)
      case .text: .text
      case .asciicast: .asciicast
      }
    return PlayMain.run(PlaySettings(source: source, mode: mode), as: program)
  }

  // MARK: where recordings lie

  /// Entries that say that they are of tlog's recorders, or ours, or of which journald says so: it cannot say it of the last
  /// ones of a recorder that is gone by then.
  private static func openJournal(_ namespace: [UInt8]?) throws(ReadError) -> any LineSource {
    try JournalSource(
      namespace.map { .namespace($0) } ?? .local,
      matches: [
        "SYSLOG_IDENTIFIER=tlog-rec-session", "SYSLOG_IDENTIFIER=tlog-rec", "OR", "_COMM=tlog-rec-sessio",
        "_COMM=tlog-rec",
      ].map { Array($0.utf8) }, follows: false)
  }

  private static func read(
    _ open: () throws(ReadError) -> any LineSource, into listing: inout Listing, isQuiet: Bool
  ) -> Bool {
    do throws(ReadError) {
      listing.readAll(of: try open())
      guard let failure = listing.failure else { return true }
      throw failure
    } catch {
      if !isQuiet { complain(error.text) }
      return false
    }
  }

  /// The files of a directory whose names do not begin with a dot, in the order of their names; any other path is itself.
  private static func logs(at path: [UInt8]) -> [[UInt8]] {
    guard let directory = withCString(path, { opendir($0) }) else { return [path] }
    defer { closedir(directory) }
    var names: [[UInt8]] = []
    while let entry = readdir(directory) {
      // The name lies at the end of a record that is as long as it needs, so that it is read where it lies.
      let start = UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
      let name = SystemCalls.bytes(ofC: start.assumingMemoryBound(to: CChar.self))
      if name.first != UInt8(ascii: "."), entry.pointee.d_type != DT_DIR { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.map { path + [UInt8(ascii: "/")] + $0 }
  }
}

extension NodeObject {
  fileprivate mutating func set(path: [UInt8]) {
    var section = object("file")
    section.set(bytes("path"), to: .string(path))
    set(bytes("file"), to: .object(section))
  }
}
