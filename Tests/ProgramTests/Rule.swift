import TestSupport
import Testing

/// A rule was found broken.
struct Broken: Error, CustomStringConvertible {
  let description: String
  let sourceLocation: SourceLocation
}

/// Says, within a rule, that something must be so.
func holds(
  _ condition: Bool, _ what: String = "not so", sourceLocation: SourceLocation = #_sourceLocation
) throws(Broken) {
  if !condition { throw Broken(description: what, sourceLocation: sourceLocation) }
}

/// Says, within a rule, what something must be.
func holds<Value: Equatable>(
  _ got: Value, is wanted: Value, sourceLocation: SourceLocation = #_sourceLocation
) throws(Broken) {
  if got != wanted {
    throw Broken(description: "\(got) is not \(wanted)".prefix(1000).description, sourceLocation: sourceLocation)
  }
}

/// Says, within a rule, that bytes must be the same; tells the first place where they differ rather than all of them.
func holdsSame(
  _ got: [UInt8], _ wanted: [UInt8], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) throws(Broken) {
  if got == wanted { return }
  let place = zip(got, wanted).enumerated().first { $1.0 != $1.1 }?.offset ?? min(got.count, wanted.count)
  func excerpt(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.dropFirst(max(0, place - 20)).prefix(60), as: UTF8.self).debugDescription
  }
  throw Broken(
    description:
      "\(what): \(got.count) bytes, not \(wanted.count); at \(place): \(excerpt(got)), not \(excerpt(wanted))",
    sourceLocation: sourceLocation)
}

/// Expects the same bytes.
func expectSame(
  _ got: [UInt8], _ wanted: [UInt8], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  do throws(Broken) {
    try holdsSame(got, wanted, what, sourceLocation: sourceLocation)
  } catch {
    Issue.record("\(error)", sourceLocation: sourceLocation)
  }
}

/// Checks a rule that stock tlog breaks: ours must keep it, and the same rule must be found broken with stock. A test
/// that stock passes would prove nothing.
///
/// With stock only these count: a broken ``holds(_:_:sourceLocation:)``, something expected that never came, a log that
/// cannot be read. Any other error, say that it could not be started, fails the test.
/// - Parameter defect: What stock does instead.
func expectDefect(
  inStock defect: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ rule: (Recorder) async throws -> Void
) async throws {
  do {
    try await rule(.ours)
  } catch let broken as Broken {
    Issue.record("\(broken)", sourceLocation: broken.sourceLocation)
  }
  do {
    try await rule(.stock)
    Issue.record("stock keeps the rule, so this does not show that it \(defect)", sourceLocation: sourceLocation)
  } catch is Broken, is DrivenProgram.TookTooLong, is Recording.Malformed {
    // As it should be.
  }
}
