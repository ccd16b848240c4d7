package import API
package import GRDB

/// A catalogue outlives the program that wrote it, and a disk may change what lies on it: a value that is not what its
/// column holds is an error, and not the end of the process.
extension Row {
  /// - Throws: ``ArchiveError/damaged`` where the column holds something else, or nothing.
  package func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    guard let value = Value.fromDatabaseValue(self[column] as DatabaseValue) else { throw ArchiveError.damaged }
    return value
  }

  /// - Returns: nil for NULL.
  package func optional<Value: DatabaseValueConvertible>(_ column: String) throws -> Value? {
    (self[column] as DatabaseValue).isNull ? nil : try value(column) as Value
  }

  /// A number that is never below zero.
  package func count(_ column: String) throws -> UInt64 {
    guard let count = UInt64(exactly: try value(column) as Int64) else { throw ArchiveError.damaged }
    return count
  }

  /// How far a recording is held: `seq`, `hash`, `off`.
  package func head() throws -> Head { Head(seq: try count("seq"), hash: try value("hash"), off: try count("off")) }
}
