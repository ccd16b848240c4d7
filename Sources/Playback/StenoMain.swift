import CSystem
import Configuration
import Events
import Glibc
import Readers
import System

/// The `steno` program: subcommands and what they are called with.
package enum StenoMain {
  /// Exit statuses, the same for every subcommand.
  private enum Status {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let nothingFound: Int32 = 3
  }

  private static let usage = """
    usage: steno play [OPTION...] FILE...       play a recording; options are those of tlog-play
           steno ls [--json] [--utc] FILE|DIR...   list recordings
           steno ls [--json] [--utc] --journal [--namespace=NAME]   list those of the journal
           steno help | version

    """

  /// - Parameter arguments: With the program's name as the first one.
  /// - Returns: The exit status.
  package static func run(_ arguments: [[UInt8]]) -> Int32 {
    let rest = [[UInt8]](arguments.dropFirst(2))
    guard arguments.count > 1 else { return misused("a subcommand is missing") }
    switch String(decoding: arguments[1], as: UTF8.self) {
    case "play": return play(rest)
    case "ls": return list(rest)
    case "help", "--help", "-h":
      say(Array(usage.utf8), on: 1)
      return Status.done
    case "version", "--version":
      say(bytes("steno ") + [UInt8](Version.number) + [0x0a], on: 1)
      return Status.done
    default: return misused("there is no such subcommand")
    }
  }

  private static func misused(_ why: String) -> Int32 {
    say(Array("steno: \(why)\n\(usage)".utf8))
    return Status.usage
  }

  // MARK: play

  /// Everything up to the first file is an option of tlog-play; several files are one recording, in their order.
  private static func play(_ arguments: [[UInt8]]) -> Int32 {
    let sources = ConfigurationSources(
      program: PlayTable.program(operands: .command), environment: Process.environment, isPrivileged: false,
      readFile: ConfigurationFile.read)
    do throws(Failure) {
      switch try Call.read(from: sources, arguments: [bytes("steno play")] + arguments) {
      case .print(let text): say(text, on: 1)
      case .configured(var merged):
        let files = merged.texts("args")
        if files.isEmpty && merged.choice("reader") != ReaderName.journal && merged.object("file").text("path") == nil {
          return misused("no file to play")
        }
        if let first = files.first { merged.set(path: first) }
        var settings = try PlaySettings(merged)
        settings.furtherFiles = [[UInt8]](files.dropFirst())
        return PlayMain.run(settings)
      }
      return Status.done
    } catch {
      say([UInt8](error.lines.map { $0 + [0x0a] }.joined()))
      return Status.usage
    }
  }

  // MARK: ls

  /// What `steno ls` is called with.
  private struct ListCall {
    var files: [[UInt8]] = []
    var asJSON = false
    var isUTC = false
    var isJournal = false
    /// Of the journal; nil: the one that is not in a namespace.
    var namespace: [UInt8]?

    /// - Returns: nil when an option is none.
    init?(_ arguments: [[UInt8]]) {
      for argument in arguments {
        switch String(decoding: argument, as: UTF8.self) {
        case "--json": asJSON = true
        case "--utc": isUTC = true
        case "--journal": isJournal = true
        case let option where option.hasPrefix("--namespace="): namespace = [UInt8](argument.dropFirst(12))
        case let option where option.hasPrefix("-") && option.count > 1: return nil
        default: files.append(argument)
        }
      }
    }
  }

  private static func list(_ arguments: [[UInt8]]) -> Int32 {
    guard let call = ListCall(arguments) else { return misused("there is no such option") }
    guard call.isJournal != !call.files.isEmpty else { return misused("either files, or --journal") }
    guard call.isJournal || call.namespace == nil else { return misused("only the journal has namespaces") }
    var listing = Listing()
    var hasFailed = false
    if call.isJournal {
      hasFailed = !read({ () throws(ReadError) in try openJournal(call.namespace) }, into: &listing)
    }
    for file in call.files.flatMap({ logs(at: $0) }) {
      hasFailed =
        !read({ () throws(ReadError) in try FileSource([file], follows: false, keeps: false) }, into: &listing)
        || hasFailed
    }
    return print(listing, call, hasFailed: hasFailed)
  }

  private static func print(_ listing: borrowing Listing, _ call: ListCall, hasFailed: Bool) -> Int32 {
    var settings = PlaySettings(source: .file(path: [], match: nil), mode: .list)
    settings.isUTC = call.isUTC
    if !listing.recordings.isEmpty || call.asJSON {
      var printer = Printer(settings)
      do throws(PlayError) { try printer.print(listing, asJSON: call.asJSON) } catch {
        say(error.text)
        return Status.failed
      }
    }
    if hasFailed { return Status.failed }
    return listing.recordings.isEmpty ? Status.nothingFound : Status.done
  }

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

  private static func read(_ open: () throws(ReadError) -> any LineSource, into listing: inout Listing) -> Bool {
    do throws(ReadError) {
      listing.readAll(of: try open())
      guard let failure = listing.failure else { return true }
      throw failure
    } catch {
      say(error.text)
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
      let name = System.bytes(ofC: start.assumingMemoryBound(to: CChar.self))
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
