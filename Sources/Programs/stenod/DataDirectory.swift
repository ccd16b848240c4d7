import Archive
import Crypto
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

  /// The authority; made when there is none. Its key is written first: a certificate without key would be of no use.
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

  /// A certificate for the centre itself, made anew at each start: its key never lies on disk.
  func serverIdentity(
    _ authority: Authority, names: [String], addresses: [[UInt8]], now: Date
  ) throws -> (certificatePEM: String, keyPEM: String) {
    let key = P256.Signing.PrivateKey()
    let certificate = try authority.serverCertificatePEM(names: names, addresses: addresses, key: key, now: now)
    return (certificate, key.pemRepresentation)
  }

  func write(_ text: String, to name: String, mode: Int) throws {
    let temporary = file(name + ".new")
    // A file that was left half written by a crash.
    try? FileManager.default.removeItem(at: temporary)
    guard
      FileManager.default.createFile(
        atPath: temporary.path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
    else { throw Failure("cannot write \(name)") }
    guard rename(temporary.path, file(name).path) == 0 else { throw Failure("cannot write \(name)") }
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
