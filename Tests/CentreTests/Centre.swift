import Foundation
import TestSupport

/// A real stenod on loopback, and the sender that speaks to it.
final class Centre {
  let directory: ScratchDirectory
  private(set) var program: DrivenProgram
  private(set) var url = ""
  private let environment: [String: String?]
  /// What comes before the program's name: another program that starts it.
  private let starter: [String]

  /// stenod as the tests' own build made it: beside the program that runs the tests.
  static let program = built("stenod")
  private static let sender = Surroundings.checkout.appending(path: "Tests/CentreTests/sender.py").path

  static let noFreeSpace = "free-bytes-min: 0\nfree-percent-min: 0\n"

  /// - Parameters:
  ///   - place: Where its data are to be, as `data`; nil makes a directory.
  ///   - prepare: Puts things into the directory before the centre is started.
  init(
    configuration: String = noFreeSpace, environment: [String: String?] = [:], starter: [String] = [],
    in place: ScratchDirectory? = nil, prepare: (ScratchDirectory) async throws -> Void = { _ in }
  ) async throws {
    directory = if let place { place } else { try ScratchDirectory() }
    self.environment = environment
    self.starter = starter
    try directory.write("stenod.yaml", configuration)
    try await prepare(directory)
    program = try Self.start(directory, starter, environment)
    try await awaitAddress()
  }

  private static func start(
    _ directory: ScratchDirectory, _ starter: [String], _ environment: [String: String?]
  ) throws -> DrivenProgram {
    try DrivenProgram(
      onPipes: starter + [
        program, "--data", directory.file("data"), "--listen", "127.0.0.1:0", "--config",
        directory.file("stenod.yaml"),
      ], errors: .file(directory.file("log")), environment: environment)
  }

  var port: UInt16 { UInt16(url.split(separator: ":").last ?? "") ?? 0 }

  private func awaitAddress() async throws {
    let prefix = "stenod: listening on "
    try await program.expect(prefix)
    try await program.expect("\n")
    let line = program.text.split(separator: "\n").first { $0.hasPrefix(prefix) } ?? ""
    url = "https://" + line.dropFirst(prefix.count)
  }

  /// Kills it as a power button would, and starts it again on the same directory; at another port.
  func killAndRestart() async throws {
    try await end(by: SIGKILL)
    try await start()
  }

  func end(by signal: Int32) async throws {
    program.signal(signal)
    try await program.end()
  }

  func start() async throws {
    program = try Self.start(directory, starter, environment)
    try await awaitAddress()
  }

  /// What a subcommand of stenod prints.
  func stenod(_ words: String...) async throws -> String {
    try await run([Self.program] + words + ["--data", directory.file("data")], environment)
  }

  /// What `steno` prints at this centre, and how it ends.
  func steno(_ words: String..., token: String) async throws -> (output: [UInt8], exit: Exit) {
    try await steno(words, token: token)
  }

  func steno(_ words: [String], token: String) async throws -> (output: [UInt8], exit: Exit) {
    let program = try DrivenProgram(
      onPipes: [Self.built("steno")] + words,
      environment: [
        "STENO_SERVER": url, "STENO_CA": directory.file("data/ca.pem"), "STENO_TOKEN": token, "HOME": directory.path,
      ])
    let exit = try await program.end()
    return (program.shown, exit)
  }

  static func built(_ name: String) -> String {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name)
      .path
  }

  /// What the sender prints; `host` names the folder with its keys.
  func send(_ command: String, _ host: String, _ words: String...) async throws -> String {
    try await send(command, host, words)
  }

  func send(_ command: String, _ host: String, _ words: [String]) async throws -> String {
    try await run(senderCommand(command, host, words))
  }

  func senderCommand(_ command: String, _ host: String, _ words: [String]) -> [String] {
    ["/usr/bin/python3", Self.sender, command, url, directory.file("data/ca.pem"), directory.file(host)] + words
  }

  /// Makes a host known, with keys in the folder of its name.
  func join(_ host: String) async throws {
    let token = try await stenod("join-token", "--host", host)
    let answer = try await send("join", host, host, token)
    guard answer.hasPrefix("200") else { throw CocoaError(.userCancelled) }
  }

  /// What the local socket answers.
  func get(_ path: String) async throws -> [UInt8] {
    let curl = [
      "/usr/bin/python3", "-c",
      """
      import http.client, socket, sys
      connection = http.client.HTTPConnection("localhost")
      connection.sock = socket.socket(socket.AF_UNIX)
      connection.sock.connect(sys.argv[1])
      connection.request("GET", sys.argv[2])
      sys.stdout.buffer.write(connection.getresponse().read())
      """, directory.file("data/stenod.sock"), path,
    ]
    return Array(try await run(curl).utf8)
  }

  private func run(_ words: [String], _ environment: [String: String?] = [:]) async throws -> String {
    let program = try DrivenProgram(onPipes: words, environment: environment)
    try await program.end()
    return program.text.trimmingCharacters(in: .whitespacesAndNewlines)
      + (program.errorText.isEmpty ? "" : "\n" + program.errorText)
  }
}
