/// Writes what is made from the option table: the manual pages, the configuration files that are installed, and what shells
/// complete.
///
///     make-documents [--check] DIRECTORY
///
/// DIRECTORY is the source tree. With `--check` nothing is written: files that are not what they would be made into are
/// named on standard error, and the exit status is 1.

import Capture
import Foundation
import Options
import Playback
import Shipping

let programs: [(ProgramDescription, ProgramProse)] = [
  (Program.rec.description, .rec), (Program.session.description, .session), (PlayTable.program, .play),
]
let documents =
  programs.flatMap { program, prose in
    [
      Document(path: "docs/man/\(program.name).8", text: ProgramPage(program, prose).text),
      Document(path: "docs/man/\(program.name).conf.5", text: ConfigurationPage(program, prose).text),
      Document(path: "share/tlog/\(program.name).default.conf", text: ConfigurationText(program, isDefault: true).text),
      Document(path: "share/tlog/\(program.name).conf", text: ConfigurationText(program, isDefault: false).text),
    ] + CompletionText(program).documents
  } + CompletionText(agentUsage: AgentSettings.usage).documents

var arguments = Array(CommandLine.arguments.dropFirst())
let checks = arguments.first == "--check"
if checks { arguments.removeFirst() }
guard arguments.count == 1 else { stop("usage: make-documents [--check] DIRECTORY", status: 2) }
let tree = URL(filePath: arguments[0], directoryHint: .isDirectory)

if checks {
  let stale = documents.filter { !$0.isUpToDate(in: tree) }
  if !stale.isEmpty {
    let names = stale.map { "make-documents: \($0.path): not what the option table says" }
    stop((names + ["hint: make documents"]).joined(separator: "\n"), status: 1)
  }
} else {
  for document in documents {
    do { try document.write(in: tree) } catch { stop("make-documents: \(document.path): \(error)", status: 1) }
  }
}

/// A file of the source tree that is made, and so is not edited.
struct Document {
  /// From the top of the source tree.
  let path: String
  let text: String

  func isUpToDate(in tree: URL) -> Bool {
    (try? Data(contentsOf: tree.appending(path: path))) == Data(text.utf8)
  }

  func write(in tree: URL) throws {
    let file = tree.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}

func stop(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("\(message)\n".utf8))
  exit(status)
}
