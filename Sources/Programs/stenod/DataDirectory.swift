import API
import Archive
import Foundation
import Identity
import SystemCalls

/// The centre's directory: the catalogue, sealed files, keys. Only its owner may look inside.
struct DataDirectory {
  let url: URL

  /// Opens it, or makes it.
  ///
  /// Root becomes its owner for good, so that what a command makes there is not root's: the centre could not write it.
  init(_ url: URL) throws {
    self.url = url
    try Self.becomeOwner(of: url)
    try makeDirectory(url, mode: 0o700)
  }

  private init(backup: URL) { url = backup }

  private static func becomeOwner(of url: URL) throws {
    guard geteuid() == 0, let facts = try? FileManager.default.attributesOfItem(atPath: url.path),
      let owner = facts[.ownerAccountID] as? UInt32, owner != 0
    else { return }
    guard let entry = getpwuid(owner), initgroups(entry.pointee.pw_name, entry.pointee.pw_gid) == 0 else {
      throw Failure("its owner is no user of this machine")
    }
    do throws(SystemError) {
      try SystemCalls.Process.become(user: owner, group: entry.pointee.pw_gid)
    } catch {
      throw Failure("cannot become its owner: \(error.sentence)")
    }
  }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  func openArchive(bounds: ArchiveBounds = ArchiveBounds()) throws -> Archive {
    try Archive(directory: url, bounds: bounds)
  }

  /// The authority; made when there is none. Its key is written first, and both are on disk before anybody learns of
  /// them: a certificate without key would be of no use, and an authority that is lost costs every host its place.
  func authority(now: Date) throws -> Authority {
    if let certificate = try text("ca.pem") {
      guard let key = try text("ca-key.pem") else { throw Failure("\(file("ca-key.pem").path): not there") }
      do {
        return try Authority(certificatePEM: certificate, keyPEM: key)
      } catch {
        throw Failure("\(url.path): ca.pem and ca-key.pem are not a certificate and its key")
      }
    }
    let made = try Authority(now: now)
    try write(made.keyPEM, to: "ca-key.pem", mode: 0o600)
    try write(try made.certificatePEM, to: "ca.pem", mode: 0o644)
    return made
  }

  var hasAuthority: Bool { FileManager.default.fileExists(atPath: file("ca-key.pem").path) }

  /// Certificate and key, for a backup.
  func copyAuthority(to target: URL) throws {
    let other = DataDirectory(backup: target)
    for (name, mode) in [("ca-key.pem", 0o600), ("ca.pem", 0o644)] as [(String, mode_t)] {
      guard let text = try text(name) else { throw Failure("\(file(name).path): not there") }
      try other.write(text, to: name, mode: mode)
    }
  }

  /// What a small file holds; nil when there is none.
  func text(_ name: String) throws(SystemError) -> String? {
    try SmallFile.read(Array(file(name).path.utf8), limit: 1 << 20).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  func write(_ text: String, to name: String, mode: mode_t) throws(SystemError) {
    var durable = try DurableFile(replacing: file(name), below: url, mode: mode)
    try durable.append(Array(text.utf8))
    try durable.finish()
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
