/// What is particular to a program that reads a configuration; all else in this room is the same for each.
package struct ProgramDescription: Sendable {
  package let name: StaticString
  /// Every key, in the order in which `--help` lists them.
  package let rows: [Option]
  package let operands: Operands
  /// The lines of `--help` before the options, for the name that the program was called by.
  package let synopsis: @Sendable (_ name: [UInt8]) -> [UInt8]
  package let variables: Variables

  /// What may follow the options.
  package enum Operands: Sendable {
    case none
    /// A program with its arguments.
    case command
    /// The program stands where a shell is called: what follows, and options that are not known, are the shell's, and the
    /// program's own name can say something.
    case shell
  }

  /// Names of environment variables; nil where a program has none.
  package struct Variables: Sendable {
    /// Names a further configuration file.
    package let file: StaticString?
    /// Holds further configuration.
    package let text: StaticString?
    /// Holds the shell's path.
    package let shell: StaticString?

    package init(file: StaticString? = nil, text: StaticString? = nil, shell: StaticString? = nil) {
      self.file = file
      self.text = text
      self.shell = shell
    }
  }

  package init(
    name: StaticString, rows: [Option], operands: Operands, variables: Variables,
    synopsis: @escaping @Sendable (_ name: [UInt8]) -> [UInt8]
  ) {
    self.name = name
    self.rows = rows
    self.operands = operands
    self.variables = variables
    self.synopsis = synopsis
  }

  /// What the package sets; read first.
  package var defaultPath: [UInt8] { Text("/usr/share/tlog/\(name).default.conf").bytes }

  /// What the administrator sets; read after ``defaultPath``.
  package var systemPath: [UInt8] { Text("/etc/tlog/\(name).conf").bytes }

  /// Stands where a shell is called.
  var isShell: Bool { operands == .shell }
}
