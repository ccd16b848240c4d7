import Foundation
import Options
import Shipping

/// What a shell completes behind a program's name: its options, and what their values may be.
///
/// For bash, zsh and fish. `steno` and `stenod` make theirs themselves (`--generate-completion-script`).
struct CompletionText {
  struct Choice {
    /// Without dashes.
    var name: String
    var letter: Character?
    var summary: String
    var value: Value
  }

  enum Value {
    case none, file, directory
    case words([String])
    /// Nothing that a shell knows; what the help calls it.
    case text(String)
  }

  let program: String
  let choices: [Choice]

  /// As the option table has them.
  init(_ program: ProgramDescription) {
    self.program = "\(program.name)"
    choices = program.rows.filter(\.isOption).map { option in
      Choice(
        name: String(decoding: option.longName, as: UTF8.self),
        letter: option.letter.map { Character(Unicode.Scalar($0)) }, summary: "\(option.summary)",
        value: option.completion)
    }
  }

  /// As the agent's help has them: `  -h, --help   Print this`.
  init(agentUsage usage: String) {
    program = "steno-agent"
    choices = usage.split(separator: "\n").compactMap { line in
      guard let match = line.wholeMatch(of: /\s+(?:-(\w), )?--([a-z-]+)(?: ([A-Z]+))?\s+(.+)/) else { return nil }
      let value: Value =
        switch match.3 {
        case nil: .none
        case "DIR": .directory
        case "FILE": .file
        case let name?: .text(String(name))
        }
      return Choice(name: String(match.2), letter: match.1?.first, summary: String(match.4), value: value)
    }
  }

  var documents: [Document] {
    [
      Document(path: "share/completions/\(program).bash", text: bash),
      Document(path: "share/completions/_\(program)", text: zsh),
      Document(path: "share/completions/\(program).fish", text: fish),
    ]
  }

  // MARK: bash

  private var bash: String {
    let function = "_" + program.replacingOccurrences(of: "-", with: "_")
    let cases = choices.compactMap { choice -> String? in
      let names = ([choice.letter.map { "-\($0)" }].compactMap { $0 } + ["--\(choice.name)"]).joined(separator: "|")
      switch choice.value {
      case .none: return nil
      case .file: return "    \(names)) compopt -o filenames; reply -f; return ;;"
      case .directory: return "    \(names)) compopt -o filenames; reply -d; return ;;"
      case .words(let words): return "    \(names)) reply -W '\(words.joined(separator: " "))'; return ;;"
      case .text: return "    \(names)) return ;;"
      }
    }
    return """
      # bash completion for \(program), made from its options by `make documents`
      \(function)() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
        # --name=value is three words here.
        if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
        reply() { mapfile -t COMPREPLY < <(compgen "$@" -- "$word"); }
        COMPREPLY=()
        case $before in
      \(cases.joined(separator: "\n"))
        esac
        if [[ $word == -* ]]; then
          reply -W '\(choices.map { "--\($0.name)" }.joined(separator: " "))'
        else
          compopt -o filenames
          reply -f
        fi
      }
      complete -F \(function) \(program)

      """
  }

  // MARK: zsh

  private var zsh: String {
    let lines = choices.flatMap { choice -> [String] in
      let summary = choice.summary.replacing(/['\[\]:\\]/) { $0.0 == "'" ? "'\\''" : "\\\($0.0)" }
      let value: String? =
        switch choice.value {
        case .none: nil
        case .file: ":file:_files"
        case .directory: ":directory:_files -/"
        case .words(let words): ":value:(\(words.joined(separator: " ")))"
        case .text(let name): ":\(name): "
        }
      let long = "  '--\(choice.name)\(value == nil ? "" : "=")[\(summary)]\(value ?? "")'"
      return (choice.letter.map { ["  '-\($0)\(value == nil ? "" : "+")[\(summary)]\(value ?? "")'"] } ?? []) + [long]
    }
    return """
      #compdef \(program)
      # zsh completion for \(program), made from its options by `make documents`
      _arguments -s -S \\
      \(lines.joined(separator: " \\\n")) \\
        '*:file:_files'

      """
  }

  // MARK: fish

  private var fish: String {
    let lines = choices.map { choice -> String in
      let value =
        switch choice.value {
        case .none: ""
        case .file: " -r -F"
        case .directory: " -x -a '(__fish_complete_directories)'"
        case .words(let words): " -x -a '\(words.joined(separator: " "))'"
        case .text: " -x"
        }
      let summary = choice.summary.replacing(/['\\]/) { "\\\($0.0)" }
      let letter = choice.letter.map { " -s \($0)" } ?? ""
      return "complete -c \(program)\(letter) -l \(choice.name)\(value) -d '\(summary)'"
    }
    return """
      # fish completion for \(program), made from its options by `make documents`
      \(lines.joined(separator: "\n"))

      """
  }
}

extension Option {
  /// What the shell may offer as its value.
  fileprivate var completion: CompletionText.Value {
    switch kind {
    case .boolean: .none
    case .path: .file
    case .choice(_, of: let names): .words(names.map { "\($0)" })
    default: .text(valueName.utf8CodeUnitCount == 0 ? "VALUE" : "\(valueName)")
    }
  }
}
