import Events
package import SystemCalls

/// Why a recorder could not do its work, in the words that a person reads: lines, the deepest cause first, each next
/// line saying what that made impossible. tlog prints its errors so, and scripts look for its lines.
package struct Failure: Error {
  package private(set) var lines: [[UInt8]] = []
  /// The person who is recorded can bring it about at will: limits, quota, an environment that cannot be read.
  package var isCallersDoing = false

  /// Nothing left to say: the person has been told.
  package static let told = Failure()

  private init() {}

  package init(_ line: [UInt8]) { lines = [line] }

  package init(_ line: StaticString) { add(line) }

  package init(_ error: SystemError) { lines = [error.reason] }

  /// Adds the line that says what the lines before made impossible.
  package func adding(_ line: StaticString) -> Failure {
    var longer = self
    longer.add(line)
    return longer
  }

  package func adding(_ line: [UInt8]) -> Failure {
    var longer = self
    longer.lines.append(line)
    return longer
  }

  private mutating func add(_ line: StaticString) {
    lines.append(bytes(line))
  }
}
