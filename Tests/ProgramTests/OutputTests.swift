import Foundation
import TestSupport
import Testing

/// What becomes of a program's output when whoever reads it is slow, gone, or a full disk.
@Suite("Output of the programs", .inTurn)
struct OutputTests {
  /// All that prints something without a centre. `LOG` is a recording, `STATE` and `RUN` are folders.
  static let calls: [[String]] = [
    ["tlog-play", "--help"], ["tlog-play", "--version"], ["tlog-play", "--configuration"],
    ["tlog-play", "--list", "-i", "LOG"], ["tlog-play", "--text", "-i", "LOG"], ["tlog-play", "--raw", "-i", "LOG"],
    ["tlog-play", "-g", "end", "-i", "LOG"],
    ["tlog-rec", "--help"], ["tlog-rec", "--version"], ["tlog-rec", "--configuration"],
    ["steno-agent", "--help"],
    ["steno", "--help"], ["steno", "--version"], ["steno", "ls", "LOG"], ["steno", "ls", "--json", "LOG"],
    ["steno", "show", "LOG"], ["steno", "show", "--json", "LOG"], ["steno", "play", "--raw", "LOG"],
    ["steno", "export", "--format", "tlog", "LOG"], ["steno", "export", "--format", "raw", "LOG"],
    ["steno", "export", "--format", "text", "LOG"], ["steno", "export", "--format", "asciicast", "LOG"],
    ["stenod", "--help"], ["stenod", "link", "--data", "STATE"],
    ["stenod", "token", "--role", "admin", "--data", "STATE"],
    ["stenod", "join-token", "--host", "h", "--data", "STATE"],
  ]

  private let log: MadeLog
  private let scratch: ScratchDirectory

  init() throws {
    let lines = (1...100).map { "line \($0) of a recording that is longer than a page\r\n" }.joined()
    log = try MadeLog((0..<40).map { ($0, lines) })
    scratch = try ScratchDirectory()
  }

  private func start(_ call: [String], output: DrivenProgram.Output) throws -> DrivenProgram {
    let words = call.dropFirst().map { $0 == "LOG" ? log.path : $0 == "STATE" ? scratch.file("state") : $0 }
    return try DrivenProgram(onPipes: [Surroundings.ours(call[0])] + words, output: output)
  }

  /// What a call writes into a file; nil where each time it is something else.
  private func wanted(_ call: [String]) async throws -> [UInt8]? {
    let file = scratch.file("output")
    #expect(try await start(call, output: .file(file)).end() == .status(0))
    defer { try? FileManager.default.removeItem(atPath: file) }
    return call[0] == "stenod" && call.count > 2 ? nil : [UInt8](try Data(contentsOf: URL(filePath: file)))
  }

  @Test("a reader that is slow gets all of it, whether or not it made its pipe non-blocking", arguments: calls)
  func slow(_ call: [String]) async throws {
    let wanted = try await wanted(call)
    for isNonBlocking in [false, true] {
      let pipe = try NarrowPipe(isNonBlocking: isNonBlocking)
      let program = try start(call, output: .descriptor(pipe.writer))
      #expect(try await pipe.read(from: program) == .status(0), "\(program.errorText)")
      #expect(program.errorText == "")
      #expect(!pipe.taken.isEmpty && (wanted == nil || pipe.taken == wanted))
      // Others may have the same pipe.
      #expect(pipe.isNonBlocking == isNonBlocking)
    }
  }

  @Test("a full disk is said to be one, and the status says that it failed", arguments: calls)
  func full(_ call: [String]) async throws {
    let program = try start(call, output: .file("/dev/full"))
    #expect(try await program.end() == .status(1))
    #expect(program.errorText == "\(call[0]): standard output: no space left on device\n")
  }

  @Test("what a disk took before it was full does not make it a success", .enabled(if: geteuid() == 0, "needs root"))
  func small() async throws {
    let script = """
      mount -t tmpfs -o size=64k none /mnt && \(Surroundings.ours("tlog-play")) --raw -i \(log.path) >/mnt/output
      echo "$? $(stat -c %s /mnt/output)"
      """
    let program = try DrivenProgram(onPipes: ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script])
    #expect(try await program.end() == .status(0))
    #expect(program.text == "1 65536\n" && program.errorText == "tlog-play: standard output: no space left on device\n")
  }

  @Test("a reader that is gone ends a program by SIGPIPE, and nothing is said", arguments: calls)
  func closed(_ call: [String]) async throws {
    let pipe = try NarrowPipe()
    pipe.closeReader()
    let program = try start(call, output: .descriptor(pipe.writer))
    #expect(try await program.end() == .signal(SIGPIPE))
    #expect(program.errorText == "")
  }

  @Test("what a program says is wrong waits for a reader that is slow")
  func slowErrors() async throws {
    for call in [["steno", "show", "/nowhere"], ["steno", "--no"], ["stenod", "--no"], ["tlog-play", "--no"]] {
      let pipe = try NarrowPipe(isNonBlocking: true)
      let program = try DrivenProgram(
        onPipes: [Surroundings.ours(call[0])] + call.dropFirst(), errors: .descriptor(pipe.writer))
      #expect(try await pipe.read(from: program) != .status(0))
      #expect(pipe.taken.last == UInt8(ascii: "\n"), "\(call)")
    }
  }

  @Test("errors name what failed in words, and no library's type or domain")
  func words() async throws {
    try scratch.write("text", "not what is looked for")
    let (file, folder) = (scratch.file("text"), scratch.path)
    for (call, expected) in [
      (["stenod", "link", "--data", file], "stenod: open \(file)/"),
      (["stenod", "--data", folder, "--config", folder], "stenod: read \(folder): is a directory\n"),
      (["stenod", "--data", folder, "--config", "/nowhere"], "stenod: /nowhere: not there\n"),
      (["stenod", "backup", "--data", folder, "--to", file], "stenod: \(folder): no centre has run here\n"),
      (["steno", "ls", "--server", "https://h:1", "--ca", "/nowhere"], "steno: open /nowhere: no such file"),
      (["steno", "ls", "--server", "unix:/nowhere"], "steno: the centre cannot be reached: no such file"),
      (["steno", "show", "nothing.log"], "steno: nothing.log: no such file, and not the beginning of an id"),
      (["steno-agent", "--state", file, "--run", folder], "steno-agent: "),
    ] as [([String], String)] {
      let program = try DrivenProgram(onPipes: [Surroundings.ours(call[0])] + call.dropFirst())
      #expect(try await program.end() != .status(0), "\(call)")
      #expect(program.errorText.hasPrefix(expected), "\(call): \(program.errorText)")
      for word in ["Error", "NSCocoa", "Domain", "Optional("] {
        #expect(!program.errorText.contains(word), "\(call): \(program.errorText)")
      }
    }
  }
}
