import Options

/// The page of section 8 about a program.
struct ProgramPage {
  private let program: ProgramDescription
  private let prose: ProgramProse

  init(_ program: ProgramDescription, _ prose: ProgramProse) {
    self.program = program
    self.prose = prose
  }

  var text: String {
    var page = ManualText(name: "\(program.name)", section: 8, purpose: prose.purpose)
    page.section("SYNOPSIS")
    page.raw(prose.synopsis)
    page.section("DESCRIPTION")
    page.raw(".Nm")
    page.prose(prose.description)
    listOptions(&page)
    addSurroundings(&page)
    page.section("EXAMPLES")
    for (place, example) in prose.examples.enumerated() {
      if place > 0 { page.raw(".Pp") }
      page.prose(example.purpose)
      page.example(example.lines)
    }
    page.section("SEE ALSO")
    page.raw(".Xr \(prose.relative) 1 ,\n.Xr \(program.name).conf 5 ,\n.Xr \(prose.sibling) 8")
    page.section("STANDARDS")
    page.prose(prose.compatibility)
    page.section("SECURITY CONSIDERATIONS")
    page.prose(prose.security)
    return page.text
  }

  private func listOptions(_ page: inout ManualText) {
    page.section("OPTIONS")
    if !prose.optionsNote.isEmpty { page.prose(prose.optionsNote) }
    let rows = program.rows.filter { $0.isOption }
    for group in rows.grouped(by: { "\($0.group)" }) {
      page.subsection(group.key)
      page.list(width: "Ds", group.options.map { ($0.term, explanation(of: $0)) })
    }
  }

  /// For a key that a file may set, too, its values are those of the file.
  private func explanation(of option: Option) -> String {
    option.origin == .file ? "\(option.details)\n\n\(option.values)" : "\(option.details)"
  }

  private func addSurroundings(_ page: inout ManualText) {
    page.section("ENVIRONMENT")
    page.list(width: "Ds", variables)
    page.section("FILES")
    page.list(
      width: "Ds",
      [
        (
          "Pa /usr/share/tlog/\(program.name).default.conf",
          "What the package sets. Read first; without it the same values are built in."
        ),
        ("Pa /etc/tlog/\(program.name).conf", "What the administrator sets. Read second; it need not exist."),
      ])
    page.section("EXIT STATUS")
    page.prose(prose.exitStatus)
    page.section("ASYNCHRONOUS EVENTS")
    page.prose(prose.events)
  }

  private var variables: [(term: String, explanation: String)] {
    // What only a program with rights of its own ignores is of no interest where nobody installs it so.
    let exception = program.operands == .shell ? "\n\nIgnored by a program with rights that its caller lacks." : ""
    var variables: [(term: String, explanation: String)] = []
    if let file = program.variables.file {
      variables.append(
        (
          "Ev \(file)",
          "Names a further configuration file, read after the two that \(program.name).conf(5) describes.\(exception)"
        ))
    }
    if let text = program.variables.text {
      variables.append(("Ev \(text)", "Holds further configuration, read after that.\(exception)"))
    }
    if let shell = program.variables.shell {
      variables.append(
        (
          "Ev \(shell)",
          "Names the shell to start, in place of the configured one. SSSD sets it to the shell that a person would have had."
        ))
    }
    return variables + prose.variables
  }
}
