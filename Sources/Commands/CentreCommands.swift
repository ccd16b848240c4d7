import API
package import ArgumentParser
import Client
import Events
import Foundation

/// `steno ls` at a centre: the latest recordings first.
package struct CentreLs: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(commandName: "ls", abstract: "List recordings.")

  @OptionGroup package var centre: CentreOptions
  @Flag(help: "An array of objects.")
  package var json = false
  @Option(help: "Only this person's.")
  package var user: String?
  @Option(help: "Only this host's.")
  package var host: String?
  @Option(help: "live, complete or abandoned.")
  package var state: String?
  @Option(help: "Begun at or after this time (RFC 3339, or a date).")
  package var since: String?
  @Option(help: "Begun before this time.")
  package var until: String?

  package init() {}

  package func run() async throws {
    try await Commands.run {
      let found = try await recordings()
      if json {
        try show(try encoded(found))
      } else {
        let head = ["ID", "START", "DURATION", "USER", "HOST", "STATE", "BYTES"]
        let rows = found.map {
          [
            $0.id, $0.start, "\($0.durationMilliseconds / 1000)s", visible($0.user), visible($0.host),
            $0.state.rawValue, String($0.bytes),
          ]
        }
        if !rows.isEmpty { try show(Array(table([head] + rows).utf8)) }
      }
      if found.isEmpty { throw CommandFailure(.nothingFound, "no recordings") }
    }
  }

  private func recordings() async throws -> [RecordingSummary] {
    let client = try centre.client()
    let words = [("user", user), ("host", host), ("state", state), ("since", since), ("until", until)]
    let given = words.compactMap { name, value in value.map { "&\(name)=\(percentEncoded($0))" } }.joined()
    var all: [RecordingSummary] = []
    var after = ""
    while true {
      let page = try await client.recordings(query: "?count=\(RecordingPage.countMax)" + given + after)
      all += page.recordings
      guard let next = page.next else { break }
      after = "&after=\(percentEncoded(next))"
    }
    await client.close()
    return all
  }
}

/// `steno show`: all that is known about one recording.
package struct CentreShow: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(commandName: "show", abstract: "Describe a recording.")

  @OptionGroup package var centre: CentreOptions
  @Flag(help: "As an object.")
  package var json = false
  @Argument(help: "Its id, or four characters or more of it.")
  package var id: String

  package init() {}

  package func run() async throws {
    try await Commands.run {
      let found = try await centre.client().recording(percentEncoded(id))
      if json { return try show(try encoded(found)) }
      let rows = [
        ["id", found.id], ["rec", visible(found.rec)], ["host", visible(found.host)], ["user", visible(found.user)],
        ["start", found.start], ["end", found.end], ["duration", "\(found.durationMilliseconds) ms"],
        ["state", found.state.rawValue], ["why", visible(found.why ?? "")], ["trust", visible(found.trust)],
        ["terminal", visible(found.term)], ["tty", visible(found.tty)], ["command", visible(found.cmd)],
        ["messages", String(found.messages)], ["bytes", String(found.bytes)],
      ]
      try show(Array(table(rows).utf8))
    }
  }
}

/// `steno hosts`: who is enrolled.
package struct CentreHosts: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(commandName: "hosts", abstract: "List hosts.")

  @OptionGroup package var centre: CentreOptions
  @Flag(help: "An array of objects.")
  package var json = false

  package init() {}

  package func run() async throws {
    try await Commands.run {
      let hosts = try await centre.client().hosts()
      if json { return try show(try encoded(hosts)) }
      if hosts.isEmpty { throw CommandFailure(.nothingFound, "no hosts") }
      let rows = hosts.map { [visible($0.name), $0.state, $0.enrolled, $0.seen ?? "-", String($0.live)] }
      try show(Array(table([["HOST", "STATE", "ENROLLED", "SEEN", "LIVE"]] + rows).utf8))
    }
  }
}

/// `steno export`: a recording as its lines, or as what it showed.
package struct CentreExport: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(commandName: "export", abstract: "Write a recording out.")

  package enum Format: String, ExpressibleByArgument {
    /// The messages as they were sent.
    case tlog
    /// The bytes that were shown.
    case raw
  }

  @OptionGroup package var centre: CentreOptions
  @Option(help: "tlog: its messages as they were sent; raw: the bytes that it showed.")
  package var format: Format
  @Argument(help: "Its id, or four characters or more of it.")
  package var id: String

  package init() {}

  package func run() async throws {
    try await Commands.run {
      let output = ExportOutput(isRaw: format == .raw)
      let client = try centre.client()
      try await client.messages(of: percentEncoded(id)) { try await output.take($0) }
      await client.close()
    }
  }
}

/// Puts pieces of an answer together to lines, and writes what is asked of each.
private actor ExportOutput {
  private let isRaw: Bool
  /// A line that has begun: at most what a line may have, since longer ones are refused by the reader.
  private var rest: [UInt8] = []

  init(isRaw: Bool) { self.isRaw = isRaw }

  func take(_ piece: [UInt8]) throws {
    guard isRaw else { return try show(piece) }
    rest += piece
    var start = 0
    var shown: [UInt8] = []
    while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
      try appendOutput(of: Array(rest[start..<end]), to: &shown)
      start = end + 1
    }
    rest.removeFirst(start)
    guard rest.count <= MessageEncoder.lineByteCountMax else { throw CommandFailure(.failed, "a line is too long") }
    try show(shown)
  }

  private func appendOutput(of line: [UInt8], to shown: inout [UInt8]) throws {
    var reader = MessageReader()
    let broken = line.withUnsafeBufferPointer { bytes -> Bool in
      do throws(MessageError) {
        _ = try reader.read(bytes)
        while let event = try reader.next() {
          if case .data(let stream, _, let data) = event.content, stream != .input { shown.append(contentsOf: data) }
        }
        return false
      } catch {
        return true
      }
    }
    if broken { throw CommandFailure(.failed, "a message cannot be read") }
  }
}

private func encoded(_ value: some Encodable) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return [UInt8](try encoder.encode(value)) + [UInt8(ascii: "\n")]
}

/// `text` so that it can stand in a query or a path: all but letters, digits, `-`, `_`, `.` as `%XX`.
private func percentEncoded(_ text: String) -> String {
  let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
  return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
}
