import Events
import Foundation
import Screen
import TestSupport
import Testing

/// Another terminal emulator that the machine has, as a program: see the folder Oracles.
struct Oracle {
  enum Name: String, CaseIterable {
    case libvterm, pyte, tmux
  }

  let name: Name
  private let command: [String]
  /// What the program is made in, or works in.
  private let directory: ScratchDirectory

  /// - Returns: nil when it is not installed.
  init?(_ name: Name, in directory: ScratchDirectory) async throws {
    self.name = name
    self.directory = directory
    let folder = SequenceCase.folder.appending(path: "Oracles")
    switch name {
    case .pyte: command = ["/usr/bin/python3", folder.appending(path: "pyte-screens").path]
    case .tmux: command = ["/usr/bin/python3", folder.appending(path: "tmux-screens").path, directory.path]
    case .libvterm:
      let program = directory.path + "/libvterm"
      let source = folder.appending(path: "libvterm.c").path
      guard let compiler = Surroundings.installed("cc", "gcc", "clang") else { return nil }
      let build = try DrivenProgram(onPipes: [compiler, "-O2", "-o", program, source, "-lvterm"])
      guard try await build.end() == .status(0) else { return nil }
      command = [program]
    }
  }

  static var isPyteInstalled: Bool {
    FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/pyte/__init__.py")
  }

  static var isTmuxInstalled: Bool { Surroundings.installed("tmux") != nil && Surroundings.installed("python3") != nil }

  static var isLibvtermInstalled: Bool {
    FileManager.default.fileExists(atPath: "/usr/include/vterm.h")
      && Surroundings.installed("cc", "gcc", "clang") != nil
  }

  /// What it shows for each input, in the words of ``Picture``.
  func pictures(_ inputs: [(columns: UInt16, rows: UInt16, bytes: [UInt8])]) async throws -> [Picture] {
    let lines = inputs.map { input in
      "\(input.columns) \(input.rows) " + input.bytes.map { String(format: "%02x", $0) }.joined()
    }
    // By files: tests that compute beside this one hold the threads that would serve its pipes.
    let exchange = try ScratchDirectory()
    let input = try exchange.write("input", lines.joined(separator: "\n") + "\n")
    let program = try DrivenProgram(onPipes: command, input: .file(input), output: .file(exchange.file("output")))
    try await program.end(within: .seconds(1800))
    let blocks = exchange.text("output").components(separatedBy: "--\n")
    return zip(inputs, blocks).map { input, block in picture(block, columns: Int(input.columns), rows: Int(input.rows))
    }
  }

  /// Puts the mark where the cursor is, by the columns that our own emulator gives the characters.
  private func picture(_ block: String, columns: Int, rows count: Int) -> Picture {
    let lines = block.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let place = lines[0].split(separator: " ").compactMap { Int($0) }
    var rows = lines.dropFirst().prefix(count).map { row in
      var row = row
      while row.hasSuffix(" ") { row.removeLast() }
      return row
    }
    guard place.count == 2, rows.indices.contains(place[0]) else { return Picture(rows: ["no screen: \(block)"]) }
    let ruler = Terminal(columns: UInt16(columns), rows: 1)
    ruler.feed(rows[place[0]])
    ruler.feed("\u{1b}[1;\(place[1] + 1)H")
    rows[place[0]] = ruler.pictureRows.first ?? ""
    while let last = rows.last, last.isEmpty { rows.removeLast() }
    return Picture(rows: rows)
  }
}
