package import Foundation
import GRDB
import Glibc

extension Archive {
  /// Copies the archive into `target` while it is in use.
  ///
  /// The catalogue comes first, as of one moment; what is sealed after that is in it as live rows. Sealed files only
  /// ever get longer, when a recording that was abandoned goes on: those that `target` has at their length are not copied
  /// again, and a longer one is right for an older catalogue too. What was in `target` before is a whole
  /// backup until the new catalogue takes the place of the old one, which is last.
  ///
  /// - Returns: How many sealed files were copied.
  package func backUp(to target: URL) throws -> Int {
    try makeDirectory(target, mode: 0o700)
    let new = target.appendingPathComponent("catalogue.sqlite.new")
    unlink(new.path)  // left by a backup that was broken off
    try copyCatalogue(to: new.path)
    let copied = try copySealed(to: target)
    guard rename(new.path, target.appendingPathComponent("catalogue.sqlite").path) == 0 else {
      throw systemError("rename", new)
    }
    try syncDirectory(target)
    return copied
  }

  private static let pieceByteCount = 1 << 20

  /// As one file, with nothing beside it.
  private func copyCatalogue(to path: String) throws {
    let copy = try DatabaseQueue(path: path)
    try pool.backup(to: copy)
    try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    try copy.close()
    let file = URL(fileURLWithPath: path)
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError("open", file) }
    defer { Glibc.close(descriptor) }
    if fsync(descriptor) != 0 { throw systemError("fsync", file) }
  }

  private func copySealed(to target: URL) throws -> Int {
    let paths = try pool.read { try String.fetchAll($0, sql: "SELECT path FROM recordings WHERE path IS NOT NULL") }
    var copied = 0
    for path in paths {
      let place = target.appendingPathComponent(path)
      if byteCount(of: place) == byteCount(of: directory.appendingPathComponent(path)) { continue }
      try copyFile(path, to: place, below: target)
      copied += 1
    }
    return copied
  }

  /// nil when there is no such file.
  private func byteCount(of file: URL) -> Int? {
    var facts = stat()
    return stat(file.path, &facts) == 0 ? facts.st_size : nil
  }

  private func copyFile(_ path: String, to place: URL, below target: URL) throws {
    let source = try KeptFile(directory.appendingPathComponent(path))
    var file = try DurableFile(replacing: place, below: target)
    while true {
      let piece = try source.read(Self.pieceByteCount, at: file.byteCount)
      if piece.isEmpty { break }
      try file.append(piece)
    }
    try file.finish()
  }
}
