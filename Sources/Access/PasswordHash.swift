import CryptoExtras
import Foundation
import Identity

/// A password as it is kept: scrypt (RFC 7914) with a salt of its own.
struct PasswordHash: Sendable {
  /// Some 60 ms and 32 MiB for each guess.
  private static let rounds = 1 << 15

  let salt: Data
  let hash: Data

  init(salt: Data, hash: Data) {
    self.salt = salt
    self.hash = hash
  }

  init(of password: String) throws {
    salt = randomBytes(16)
    hash = try Self.derive(password, salt)
  }

  /// Takes as long for a wrong password as for the right one.
  func matches(_ password: String) throws -> Bool {
    let other = try Self.derive(password, salt)
    return zip(hash, other).reduce(hash.count ^ other.count) { $0 | Int($1.0 ^ $1.1) } == 0
  }

  private static func derive(_ password: String, _ salt: Data) throws -> Data {
    let key = try KDF.Scrypt.deriveKey(
      from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: rounds, blockSize: 8, parallelism: 1)
    return key.withUnsafeBytes { Data($0) }
  }
}
