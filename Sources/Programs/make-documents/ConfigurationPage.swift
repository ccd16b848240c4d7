import Options

/// The page of section 5 about a program's configuration file.
struct ConfigurationPage {
  private let program: ProgramDescription
  private let prose: ProgramProse

  init(_ program: ProgramDescription, _ prose: ProgramProse) {
    self.program = program
    self.prose = prose
  }

  var text: String {
    var page = ManualText(
      name: "\(program.name).conf", section: 5, purpose: "configuration of \(program.name)")
    describe(&page)
    listKeys(&page)
    page.section("FILES")
    page.list(
      width: "Ds",
      [
        (
          "Pa /usr/share/tlog/\(program.name).default.conf",
          "Read first. It belongs to the package and lists every key."
        ),
        ("Pa /etc/tlog/\(program.name).conf", "Read second. It belongs to the administrator."),
      ])
    addExample(&page)
    page.section("DIAGNOSTICS")
    page.prose(
      """
      A text that cannot be read, a key that is not known or comes twice, and a value of the wrong type or out of range \
      are errors: the program says what is wrong and where, and exits with status 1. A file that does not exist is none.
      """)
    page.section("SEE ALSO")
    page.raw(".Xr \(program.name) 8")
    return page.text
  }

  private func describe(_ page: inout ManualText) {
    page.section("DESCRIPTION")
    page.prose(
      """
      The file holds one JSON object with the keys described below, all of which may be left out. Comments as in C and \
      C++, single quotes and a comma after the last member are allowed. A key that lies in another object is written here \
      with a dot, so that limit.rate means the key "rate" of the object "limit".

      Of several sources that set a key, the last one read wins. An array replaces another as a whole. The file has no \
      more than 1 MiB.
      \(prose.privilegeNote)
      """)
  }

  private func listKeys(_ page: inout ManualText) {
    page.section("KEYS")
    let rows = program.rows.filter { $0.origin == .file }
    for group in rows.grouped(by: { "\($0.group)" }) {
      page.subsection(group.key)
      page.list(
        width: "Ds",
        group.options.map { option in
          let administrators =
            option.isAdministrators
            ? "\n\nA program with rights that its caller lacks takes this key from the two files only." : ""
          let own = option.isOwn ? "\n\ntlog does not know this key." : ""
          return ("Cm \(option.title)", "\(option.values)\n\n\(option.details)\(administrators)\(own)")
        })
    }
  }

  private func addExample(_ page: inout ManualText) {
    page.section("EXAMPLES")
    page.prose(prose.configurationExample.purpose)
    page.example(prose.configurationExample.lines)
  }
}
