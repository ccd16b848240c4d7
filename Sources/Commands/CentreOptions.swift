import API
package import ArgumentParser
package import Client
import Foundation
import Yams

/// Which centre a command asks, and as whom: flags, then the environment, then `~/.config/steno/config.yaml`.
package struct CentreOptions: ParsableArguments {
  @Option(name: .long, help: "https://HOST:PORT, or unix:PATH of a centre on this machine (STENO_SERVER).")
  package var server: String?
  @Option(name: .long, help: "File with the centre's authority (STENO_CA).")
  package var ca: String?
  @Option(name: .long, help: "Access token, or @FILE that holds it (STENO_TOKEN).")
  package var token: String?

  package init() {}

  package func client() throws -> CentreClient {
    let file = try UserConfiguration.read()
    let environment = ProcessInfo.processInfo.environment
    guard let server = server ?? environment["STENO_SERVER"] ?? file["server"] else {
      throw CommandFailure(.usage, "no centre: give --server, STENO_SERVER, or server in ~/.config/steno/config.yaml")
    }
    guard let address = CentreAddress(server) else {
      throw CommandFailure(.usage, "server is https://HOST:PORT or unix:PATH")
    }
    var identity = ClientIdentity()
    if let path = ca ?? environment["STENO_CA"] ?? file["ca"] { identity.authorityPEM = try text(ofFile: path) }
    if let word = token ?? environment["STENO_TOKEN"] ?? file["token"] {
      identity.token =
        word.hasPrefix("@")
        ? try text(ofFile: String(word.dropFirst())).trimmingCharacters(in: .whitespacesAndNewlines) : word
    }
    return CentreClient(address: address, identity: identity)
  }

  private func text(ofFile path: String) throws -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw CommandFailure(.failed, "\(path): cannot be read")
    }
  }
}

/// The person's own configuration: three keys, unknown ones refused with their line.
private enum UserConfiguration {
  static func read() throws -> [String: String] {
    let path = FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".config/steno/config.yaml")
    guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [:] }
    guard let mapping = try Yams.compose(yaml: text)?.mapping else { return [:] }
    var values: [String: String] = [:]
    for (key, value) in mapping {
      guard let name = key.string, ["server", "ca", "token"].contains(name), let word = value.string else {
        let mark = key.mark
        throw CommandFailure(.usage, "\(path.path):\(mark?.line ?? 0):\(mark?.column ?? 0): unknown key, or no text")
      }
      values[name] = word
    }
    return values
  }
}

/// What `steno` ends with (DESIGN §12).
package enum CommandExit: Int32, Sendable {
  case failed = 1
  case usage = 2
  case nothingFound = 3
  case notAllowed = 5
  case unreachable = 6
}

/// Why a command was not done: a sentence for people, and how the program ends.
package struct CommandFailure: Error, CustomStringConvertible {
  package let exit: CommandExit
  package let description: String

  package init(_ exit: CommandExit, _ description: String) {
    self.exit = exit
    self.description = description
  }

  package init(_ error: ClientError) {
    switch error {
    case .unreachable(let why): self.init(.unreachable, "the centre cannot be reached: \(why)")
    case .refused(let status, let problem, _):
      let exit: CommandExit =
        switch status {
        case 401, 403: .notAllowed
        case 404: .nothingFound
        case 429, 500...: .unreachable
        default: .failed
        }
      self.init(exit, problem.why)
    case .answer(let why), .local(let why): self.init(.failed, why)
    }
  }
}

/// Runs a command's work, and ends the program as DESIGN §12 says when it fails.
func run(_ work: () async throws -> Void) async throws {
  do {
    do {
      try await work()
    } catch let error as ClientError {
      throw CommandFailure(error)
    }
  } catch let failure as CommandFailure {
    complain("steno: \(failure)")
    throw ExitCode(failure.exit.rawValue)
  }
}

func complain(_ sentence: String) { FileHandle.standardError.write(Data((sentence + "\n").utf8)) }

func show(_ bytes: [UInt8]) throws { try FileHandle.standardOutput.write(contentsOf: Data(bytes)) }

/// `text` with C0, C1 and bidirectional controls shown as `\u{…}`: a host's words never steer a terminal (THREATS 20).
func visible(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Columns two blanks apart, as wide as their widest word.
func table(_ rows: [[String]]) -> String {
  guard let first = rows.first else { return "" }
  let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
    return cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces) + "\n"
  }.joined()
}
