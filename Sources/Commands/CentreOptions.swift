import API
package import ArgumentParser
import Client
import FoundationEssentials
import Glibc
import SystemCalls
import YAML

/// Which centre a command asks, and as whom: flags, then the environment, then `~/.config/steno/config.yaml`, then the
/// socket of a centre on this machine.
package struct CentreOptions: ParsableArguments {
  /// Where an installed centre has its socket.
  private static let localSocket = "/var/lib/steno/stenod.sock"

  @Option(name: .long, help: "https://HOST:PORT, or unix:PATH of a centre on this machine (STENO_SERVER).")
  package var server: String?
  @Option(name: .long, help: "File with the centre's authority (STENO_CA).")
  package var ca: String?
  @Option(name: .long, help: "Access token, or @FILE that holds it (STENO_TOKEN).")
  package var token: String?

  package init() {}

  /// Takes these options out of words that are another parser's.
  static func split(_ words: [String]) -> (options: CentreOptions, rest: [String]) {
    var options = CentreOptions()
    options.server = nil
    options.ca = nil
    options.token = nil
    var rest: [String] = []
    var left = words[...]
    while let word = left.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
      guard let target = targets[parts[0]] else {
        rest.append(word)
        continue
      }
      options[keyPath: target] = parts.count == 2 ? parts[1] : left.popFirst()
    }
    return (options, rest)
  }

  private static var targets: [String: WritableKeyPath<CentreOptions, String?>] {
    ["--server": \.server, "--ca": \.ca, "--token": \.token]
  }

  func client() throws -> CentreClient {
    let (address, identity) = try centre()
    return CentreClient(address: address, identity: identity)
  }

  /// Where the centre is, and as whom it is asked.
  func centre() throws -> (CentreAddress, ClientIdentity) {
    let file = try UserConfiguration.read()
    let environment = ProcessInfo.processInfo.environment
    let server = server ?? environment["STENO_SERVER"] ?? file["server"]
    guard let server = server ?? (access(Self.localSocket, W_OK) == 0 ? "unix:" + Self.localSocket : nil) else {
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
        ? try text(ofFile: String(word.dropFirst())).filter { !$0.isWhitespace } : word
    }
    return (address, identity)
  }

  /// Does `work` with a client, and closes it.
  ///
  /// - Throws: `CommandFailure`, with the exit status that says what the centre answered; `OutputError` of `work`.
  func asking<Value: Sendable>(
    _ work: @escaping @Sendable (CentreClient) async throws -> Value
  ) throws -> Value {
    let client = try client()
    return try waiting {
      let value = try await Self.failing { try await work(client) }
      await client.close()
      return value
    }
  }

  /// Gives errors of the client the words and exit statuses of a command.
  static func failing<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
    do { return try await work() } catch let error as OutputError { throw error } catch {
      throw CommandFailure(anyError: error)
    }
  }

  private func text(ofFile path: String) throws -> String {
    do throws(SystemError) {
      if let file = try SmallFile.read(Array(path.utf8), limit: 1 << 20) {
        return String(decoding: file.bytes, as: UTF8.self)
      }
      throw SystemError("open", path: Array(path.utf8), code: ENOENT)
    } catch {
      throw CommandFailure(.failed, error.sentence)
    }
  }
}

/// The person's own configuration: three keys, unknown ones refused with their line.
private enum UserConfiguration {
  static func read() throws -> [String: String] {
    let path = FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".config/steno/config.yaml").path
    let file: SmallFile?
    do throws(SystemError) { file = try SmallFile.read(Array(path.utf8), limit: YAMLNode.byteCountMax) } catch {
      throw CommandFailure(.usage, error.sentence)
    }
    guard let file else { return [:] }
    do throws(YAMLNode.Problem) { return try values(in: file.bytes) } catch {
      throw CommandFailure(.usage, "\(path):\(error.place.line):\(error.place.column): \(error.why)")
    }
  }

  private static func values(in yaml: [UInt8]) throws(YAMLNode.Problem) -> [String: String] {
    guard let root = try YAMLNode.read(yaml) else { return [:] }
    guard case .mapping(let entries) = root.content else { throw root.problem("not a mapping") }
    var values: [String: String] = [:]
    for (key, place, value) in entries {
      guard ["server", "ca", "token"].contains(key) else { throw YAMLNode.Problem(place, "unknown key") }
      guard let word = value.scalar else { throw value.problem("\(key) must be text") }
      values[key] = word
    }
    return values
  }
}

extension CommandFailure {
  /// - Parameter error: The client's, or one of these already.
  init(anyError error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case ClientError.unreachable(let why):
      self.init(.unreachable, "the centre cannot be reached: \(why)\nhint: is stenod running, and --server right?")
    case ClientError.refused(let status, let problem, _):
      let exit: CommandExit =
        switch status {
        case 401, 403: .notAllowed
        case 404: .nothingFound
        case 429, 500...: .unreachable
        default: .failed
        }
      self.init(exit, problem.why)
    default: self.init(.failed, API.sentence(of: error))
    }
  }
}
