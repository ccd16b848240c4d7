package import SystemCalls

/// A configuration file as it was read.
package struct ConfigurationFile: Sendable {
  /// Reads the file at a path, of at most ``byteCountMax`` bytes; nil when there is none. ``read(_:)`` is the real one.
  package typealias Reader = (_ path: [UInt8]) throws(SystemError) -> ConfigurationFile?

  /// The most that a file may hold. A configuration has some two dozen keys.
  package static let byteCountMax = 1 << 20

  package let bytes: [UInt8]
  /// Nobody but root can have written it: a regular file of uid 0 that neither group nor others may write.
  package let isAdministrators: Bool

  package init(bytes: [UInt8], isAdministrators: Bool) {
    self.bytes = bytes
    self.isAdministrators = isAdministrators
  }

  package static func read(_ path: [UInt8]) throws(SystemError) -> ConfigurationFile? {
    guard let file = try SmallFile.read(path, limit: byteCountMax) else { return nil }
    return ConfigurationFile(bytes: file.bytes, isAdministrators: file.isRootsAlone)
  }
}
