import API
import Archive
import ArgumentParser
import Foundation

/// Copies everything that the centre keeps to another directory, while it runs.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy all that the centre keeps to another directory, also while it runs.",
    discussion:
      "A directory that has an earlier backup gets what is new. It holds the authority's key: keep it as safe.")

  @OptionGroup var data: DataOption
  @Option(name: .long, help: "Directory of the backup, which the owner of --data can write; made if it is not there.")
  var to: String

  func run() throws {
    umask(0o077)
    guard FileManager.default.fileExists(atPath: data.data) else { throw Failure("\(data.data): not there") }
    let directory = try data.directory()
    guard directory.hasAuthority else { throw Failure("\(data.data): no centre has run here") }
    let target = URL(fileURLWithPath: to, isDirectory: true)
    let count: Int
    do {
      count = try directory.openArchive().backUp(to: target)
      try directory.copyAuthority(to: target)
    } catch {
      throw Failure("\(to): \(sentence(of: error))")
    }
    try show("stenod: the catalogue, and \(count) sealed recordings that were not in the backup yet")
  }
}
