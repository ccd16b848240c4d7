import API
import Hummingbird
import Options

/// The query of a request, looked at: what is not as it should be is a problem that says so.
struct Query: Sendable {
  private let parameters: Parameters

  init(_ request: Request) { parameters = request.uri.queryParameters }

  func text(_ name: String) -> String? { parameters[name[...]].map { String($0) } }

  func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Problem(error: "malformed", why: "\(name) is \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Milliseconds from a recording's start.
  func place(_ name: String) throws -> UInt64? { try number(name, 0...Int(Int32.max) * 1000).map { UInt64($0) } }

  /// Milliseconds since the Epoch. What names no zone is in UTC: whose else it would be is not known here.
  func time(_ name: String, now: Int64, meaning moment: WrittenTime.Moment) throws -> Int64? {
    guard let text = text(name) else { return nil }
    do throws(WrittenTime.Problem) {
      return try WrittenTime(Array(text.utf8), now: now, zone: .utc, meaning: moment).milliseconds
    } catch {
      let why = String(decoding: error.text, as: UTF8.self)
      throw Problem(error: "malformed", why: "\(name): \(why); \(WrittenTime.accepted)")
    }
  }

  func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type) throws -> Word?
  where Word.RawValue == String {
    guard let text = text(name) else { return nil }
    guard let word = Word(rawValue: text) else {
      throw Problem(
        error: "malformed", why: "\(name) is one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
  }
}
