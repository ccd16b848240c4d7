import Foundation
import Options

/// A manual page in mdoc(7), put together from prose and from macros.
struct ManualText {
  /// The day of the last change that a reader would notice.
  private static let date = "November 23, 2026"

  private(set) var text: String

  /// - Parameter name: With the section it makes the heading of the page.
  init(name: String, section: Int, purpose: String) {
    text = """
      .\\" Made by make-documents from the option table; changes belong there.
      .Dd \(Self.date)
      .Dt \(name.uppercased()) \(section)
      .Os Steno \(Version.number)
      .Sh NAME
      .Nm \(name)
      .Nd \(purpose)

      """
  }

  /// Adds lines as they stand.
  mutating func raw(_ lines: String) { text += lines + "\n" }

  mutating func section(_ title: String) { raw(".Sh \(title)") }

  mutating func subsection(_ title: String) { raw(".Ss \(title)") }

  /// Adds paragraphs, with an empty line in between.
  mutating func prose(_ paragraphs: String) {
    for (place, paragraph) in paragraphs.components(separatedBy: "\n\n").enumerated() {
      if place > 0 { raw(".Pp") }
      for sentence in Self.sentences(paragraph) { fold(sentence) }
    }
  }

  /// Adds a list of terms, each explained.
  mutating func list(width: String, _ items: [(term: String, explanation: String)]) {
    raw(".Bl -tag -width \(width)")
    for item in items {
      raw(".It \(item.term)")
      prose(item.explanation)
    }
    raw(".El")
  }

  /// Adds what is to be typed or written, line by line.
  mutating func example(_ lines: String) {
    raw(".Bd -literal -offset indent")
    for line in lines.split(separator: "\n", omittingEmptySubsequences: false) { raw(Self.escaped(String(line))) }
    raw(".Ed")
  }

  /// Adds a sentence in lines of at most 80 columns.
  private mutating func fold(_ sentence: String) {
    var line = ""
    for word in sentence.split(separator: " ") {
      let longer = line.isEmpty ? "\(word)" : "\(line) \(word)"
      if !line.isEmpty, Self.escaped(longer).count > 80 {
        raw(Self.escaped(line))
        line = "\(word)"
      } else {
        line = longer
      }
    }
    raw(Self.escaped(line))
  }

  /// mdoc wants each sentence on a line of its own, to space them as the reader likes.
  private static func sentences(_ paragraph: String) -> [String] {
    paragraph.replacing("\n", with: " ").replacing(". ", with: ".\n").split(separator: "\n").map(String.init)
  }

  /// A text line in which nothing is taken for a request or an escape, and a dash is what a shell wants.
  static func escaped(_ line: String) -> String {
    let safe = line.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
  }
}

extension Option {
  var title: String { section.description.isEmpty ? "\(name)" : "\(section).\(name)" }

  /// The option as mdoc macros.
  var term: String {
    let long = "Fl \\-\(String(decoding: longName, as: UTF8.self).replacing("-", with: "\\-"))"
    let short = letter.map { "Fl \(Character(UnicodeScalar($0))) , " } ?? ""
    if "\(valueName)".isEmpty { return short + long }
    if case .boolean = kind { return "\(short)\(long) Ns Op = Ns Ar \(valueName)" }
    return "\(short)\(long) Ns = Ns Ar \(valueName)"
  }

  /// What a value may be, and what it is when nobody sets it.
  var values: String {
    switch kind {
    case .boolean(let value): "true or false; by default \(value ?? false)."
    case .integer(let value, let minimum): "A whole number, at least \(minimum); by default \(value)."
    case .string: "A string; by default \(defaultText)."
    case .path(nil): "A file name as a string; not set by default."
    case .path: "A file name as a string; by default \(defaultText)."
    case .choice(_, let names):
      "\(names.dropLast().map { "\"\($0)\"" }.joined(separator: ", ")) or \"\(names[names.count - 1])\"; "
        + "by default \(defaultText)."
    case .text: "A string; not set by default."
    case .number: "A number."
    case .list: "A string; the option may come more than once."
    case .strings: "An array of strings; by default \(defaultText)."
    }
  }

  /// The default value as JSON; empty without one.
  var defaultText: String {
    guard let value = defaultValue else { return "" }
    let text = String(decoding: value.prettyText, as: UTF8.self)
    return text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
      .replacing("\\/", with: "/").replacing("[ ", with: "[").replacing(" ]", with: "]")
  }
}

extension [Option] {
  /// Grouped as neighbours under the same value, in their order.
  func grouped(by key: (Option) -> String) -> [(key: String, options: [Option])] {
    var groups: [(key: String, options: [Option])] = []
    for option in self {
      if groups.last?.key == key(option) {
        groups[groups.count - 1].options.append(option)
      } else {
        groups.append((key(option), [option]))
      }
    }
    return groups
  }
}
