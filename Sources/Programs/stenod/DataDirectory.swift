import Archive
import Foundation
import Identity

/// The centre's directory: the catalogue, sealed files, keys. Only its owner may look inside.
struct DataDirectory {
  let url: URL

  /// Opens it, or makes it.
  init(_ url: URL) throws {
    self.url = url
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  func openArchive(bounds: ArchiveBounds = ArchiveBounds()) throws -> Archive {
    try Archive(directory: url, bounds: bounds)
  }

  /// The authority; made when there is none. Its key is written first, and both are on disk before anybody learns of
  /// them: a certificate without key would be of no use, and an authority that is lost costs every host its place.
  func authority(now: Date) throws -> Authority {
    if let certificate = try? String(contentsOf: file("ca.pem"), encoding: .utf8) {
      return try Authority(
        certificatePEM: certificate, keyPEM: try String(contentsOf: file("ca-key.pem"), encoding: .utf8))
    }
    let made = try Authority(now: now)
    try write(made.keyPEM, to: "ca-key.pem", mode: 0o600)
    try write(try made.certificatePEM, to: "ca.pem", mode: 0o644)
    return made
  }

  private func write(_ text: String, to name: String, mode: mode_t) throws {
    do {
      var durable = try DurableFile(replacing: file(name), below: url, mode: mode)
      try durable.append(Array(text.utf8))
      try durable.finish()
    } catch {
      throw Failure("cannot write \(name): \(error)")
    }
  }

  /// Holds the directory for one process: two writers would each believe its own heads.
  ///
  /// - Returns: A descriptor that is kept open for as long as the process lives.
  func lock() throws -> Int32 {
    let descriptor = open(file("lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure("another stenod uses this directory")
    }
    return descriptor
  }
}
