import FoundationEssentials
import Glibc
package import SystemCalls

/// An error that says itself what a person is told of it: lower case, no full stop.
package protocol DescribedError: Error {
  var sentence: String { get }
}

/// What a person is told of `error`, in a terminal or a log. No library's own text is among it: those name types and
/// domains, where a person needs to know what failed, on what, and why.
package func sentence(of error: any Error) -> String {
  switch error {
  case let error as any DescribedError: error.sentence
  case let error as DecodingError: "it does not have the form that this version expects\(place(of: error))"
  case let error as CocoaError: sentence(of: error)
  default: "\(error)"
  }
}

/// What errno(3) `code` means: `connection refused`.
package func meaning(ofErrno code: Int32) -> String {
  String(decoding: SystemError("", code: code).meaning, as: UTF8.self)
}

extension SystemError: DescribedError {
  package var sentence: String { String(decoding: text, as: UTF8.self) }
}

extension OutputError: DescribedError {
  package var sentence: String { String(decoding: text, as: UTF8.self) }
}

/// Where in a JSON text: ` (at users.0.name)`.
private func place(of error: DecodingError) -> String {
  let path: [any CodingKey]
  switch error {
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
    path = context.codingPath
  case .keyNotFound(let key, let context): path = context.codingPath + [key]
  @unknown default: path = []
  }
  if path.isEmpty { return "" }
  return " (at \(path.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")))"
}

/// Files are not read and written by Foundation here, but a library may do so.
private func sentence(of error: CocoaError) -> String {
  let cause = error.underlying as? POSIXError
  let why = cause.map { meaning(ofErrno: $0.code.rawValue) } ?? "it cannot be read or written"
  return error.filePath.map { "\($0): \(why)" } ?? why
}
