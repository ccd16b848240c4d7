import Foundation
import Options

/// A configuration file as it is installed: every key with its default and a comment. In the administrator's file the keys
/// are commented out, so that it changes nothing.
struct ConfigurationText {
  private let program: ProgramDescription
  private let isDefault: Bool

  init(_ program: ProgramDescription, isDefault: Bool) {
    self.program = program
    self.isDefault = isDefault
  }

  var text: String {
    let owner =
      isDefault
      ? "Defaults of \(program.name); they are replaced when it is upgraded."
      : "Settings of \(program.name) on this host."
    let lines =
      ["// \(owner)", "// JSON with comments; the keys are explained in \(program.name).conf(5).", "{"] + body + ["}"]
    return lines.joined(separator: "\n") + "\n"
  }

  private var body: [String] {
    let groups = rows.grouped { "\($0.section)" }
    return groups.enumerated().flatMap { place, group in
      let isLast = place == groups.count - 1
      if group.key.isEmpty { return lines(for: group.options, indent: "    ", isLastGroup: isLast) }
      return ["    \"\(group.key)\": {"] + lines(for: group.options, indent: "        ", isLastGroup: true)
        + (isLast ? ["    }"] : ["    },", ""])
    }
  }

  /// The keys that a file may set. tlog's come in the order in which it prints them when both files are installed as they
  /// come, ours in front.
  private var rows: [Option] {
    let rows = program.rows.filter { $0.origin == .file }
    let isLate: (Option) -> Bool = { "\($0.name)" == "writer" }
    return rows.filter(\.isOwn) + rows.filter { !$0.isOwn && !isLate($0) } + rows.filter(isLate)
  }

  private func lines(for options: [Option], indent: String, isLastGroup: Bool) -> [String] {
    options.enumerated().flatMap { place, option in
      let isLast = isLastGroup && place == options.count - 1
      let summary = "\(option.details)".components(separatedBy: "\n\n")[0]
      let isSet = isDefault && option.defaultValue != nil
      let value = option.defaultValue == nil ? "\"\"" : option.defaultText
      let setting = "\"\(option.name)\": \(value)\(isLast ? "" : ",")"
      return Self.wrapped(summary.components(separatedBy: " "), behind: "\(indent)// ")
        + Self.wrapped(elements(of: setting), behind: isSet ? indent : "\(indent)// ") + (isLast ? [] : [""])
    }
  }

  /// Where a setting may be broken: behind the commas of an array, never inside a string.
  private func elements(of setting: String) -> [String] {
    let parts = setting.components(separatedBy: "\", ")
    return parts.dropLast().map { $0 + "\"," } + parts.suffix(1)
  }

  /// Words in lines of at most 100 columns.
  private static func wrapped(_ words: [String], behind prefix: String) -> [String] {
    var lines: [String] = []
    var line = words[0]
    for word in words.dropFirst() {
      if prefix.count + line.count + 1 + word.count > 100 {
        lines.append(prefix + line)
        line = word
      } else {
        line += " \(word)"
      }
    }
    return lines + [prefix + line]
  }
}
