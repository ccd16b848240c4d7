import API
import Foundation
import TestSupport
import Testing

/// Each command of `steno` and `stenod` at a real centre, into pipes that are slow or closed, and onto a full disk.
@Suite("Output of commands at a centre", .serialized)
struct OutputTests {
  /// What a command is given; `ID` is a recording's. One that is added to a program must be added here.
  private static let steno: [String: Call] = [
    "ls": Call("--json"), "show": Call("ID"), "play": Call("--raw", "ID"), "export": Call("--format", "text", "ID"),
    "hosts": Call(), "incidents": Call(), "help": Call(), "admin user list": Call(),
    "admin user add": Call("ann", "--role", "auditor", prints: false),
    "admin user remove": Call("ann", prints: false),
  ]
  private static let stenod: [String: Call] = [
    "join-token": Call("--host", "h3", "--data", "DATA"), "token": Call("--role", "admin", "--data", "DATA"),
    "link": Call("--data", "DATA"), "backup": Call("--to", "BACKUP", "--data", "DATA"), "help": Call(),
    "revoke": Call("--host", "h1", "--data", "DATA", prints: false),
    // A service: what it prints says that it listens, and it goes on when nobody reads that.
    "serve": Call("--help"),
  ]

  private struct Call {
    let words: [String]
    let prints: Bool

    init(_ words: String..., prints: Bool = true) {
      self.words = words
      self.prints = prints
    }
  }

  /// What `--experimental-dump-help` says of a command, as far as its name.
  private struct Command: Decodable {
    var commandName: String
    var subcommands: [Command]?

    /// Those that do something, each with what comes before its name.
    var leaves: [String] {
      (subcommands ?? []).flatMap { each in
        each.leaves.isEmpty ? [each.commandName] : each.leaves.map { "\(each.commandName) \($0)" }
      }
    }
  }

  private struct Tool: Decodable { var command: Command }

  @Test("each command is among those that these tests run", arguments: ["steno", "stenod"])
  func all(program: String) async throws {
    let dump = try DrivenProgram(onPipes: [Centre.built(program), "--experimental-dump-help"])
    #expect(try await dump.end() == .status(0))
    let tool = try JSONDecoder().decode(Tool.self, from: Data(dump.shown))
    let table = program == "steno" ? Self.steno : Self.stenod
    #expect(Set(tool.command.leaves.map { $0.hasSuffix(" help") ? "help" : $0 }) == Set(table.keys))
  }

  @Test("each is written whole to who reads slowly, fails on a full disk, and ends when its reader is gone")
  func commands() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    // A token that is used twice is something to look into.
    let token = try await centre.stenod("join-token", "--host", "h2")
    for _ in 1...2 { _ = try await centre.send("join", "h2", "h2", token) }
    _ = try await centre.send("send", "h1", "h1", "r-1", "200", "--end")
    let found = try JSONDecoder().decode(RecordingPage.self, from: Data(try await centre.get("/v1/recordings")))
    let id = try #require(found.recordings.first?.id)
    let folder = centre.directory
    let places = ["ID": id, "DATA": folder.file("data"), "BACKUP": folder.file("backup")]
    try folder.write("password", "correct horse battery\n")
    func start(
      _ program: String, _ name: String, _ call: Call, _ output: DrivenProgram.Output
    ) async throws -> DrivenProgram {
      // What is taken away must be there first, and what is listed.
      if name == "admin user remove" || name == "admin user list", let add = Self.steno["admin user add"] {
        _ = try await start("steno", "admin user add", add, .pipe).end()
      }
      return try DrivenProgram(
        onPipes: [Centre.built(program)] + name.split(separator: " ").map { String($0) }
          + call.words.map { places[$0] ?? $0 }, input: .file(folder.file("password")), output: output,
        environment: ["STENO_SERVER": "unix:" + folder.file("data/stenod.sock"), "HOME": folder.path])
    }
    for (program, table) in [("steno", Self.steno), ("stenod", Self.stenod)] {
      for (name, call) in table.sorted(by: { $0.key < $1.key }) {
        for isNonBlocking in [false, true] {
          let pipe = try NarrowPipe(isNonBlocking: isNonBlocking)
          let slow = try await start(program, name, call, .descriptor(pipe.writer))
          #expect(try await pipe.read(from: slow) == .status(0), "\(program) \(name): \(slow.errorText)")
          #expect(pipe.taken.isEmpty != call.prints, "\(program) \(name)")
          #expect(slow.errorText == "" && pipe.isNonBlocking == isNonBlocking, "\(program) \(name)")
          let whole = try await start(program, name, call, .pipe)
          _ = try await whole.end()
          if program == "steno" { #expect(pipe.taken == whole.shown, "\(program) \(name)") }
        }
        let full = try await start(program, name, call, .file("/dev/full"))
        #expect(try await full.end() == .status(call.prints ? 1 : 0), "\(program) \(name)")
        let sentence = "\(program): standard output: no space left on device\n"
        #expect(full.errorText == (call.prints ? sentence : ""), "\(program) \(name)")
        let pipe = try NarrowPipe()
        pipe.closeReader()
        let closed = try await start(program, name, call, .descriptor(pipe.writer))
        #expect(try await closed.end() == (call.prints ? .signal(SIGPIPE) : .status(0)), "\(program) \(name)")
        #expect(closed.errorText == "", "\(program) \(name)")
      }
    }
  }

  @Test("a centre whose first line nobody reads goes on")
  func unread() async throws {
    let scratch = try ScratchDirectory()
    let pipe = try NarrowPipe()
    pipe.closeReader()
    let program = try DrivenProgram(
      onPipes: [Centre.program, "--data", scratch.file("data"), "--listen", "127.0.0.1:0"],
      output: .descriptor(pipe.writer))
    try await program.until("write its address") {
      FileManager.default.fileExists(atPath: scratch.file("data/address"))
    }
    program.signal(SIGTERM)
    #expect(try await program.end() == .status(0))
  }
}
