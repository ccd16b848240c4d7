import Events
import SystemCalls

/// The places outside the command line that configuration comes from, and how they are trusted and merged.
package struct ConfigurationSources {
  package let program: ProgramDescription
  /// The environment, each entry as `NAME=value`.
  package let environment: [[UInt8]]
  /// The program has rights that its caller lacks. The caller's environment then sets nothing but the shell, and the files
  /// must be the administrator's.
  package let isPrivileged: Bool
  /// Passed in, so that tests need no files.
  package let readFile: ConfigurationFile.Reader

  package init(
    program: ProgramDescription, environment: [[UInt8]], isPrivileged: Bool,
    readFile: @escaping ConfigurationFile.Reader
  ) {
    self.program = program
    self.environment = environment
    self.isPrivileged = isPrivileged
    self.readFile = readFile
  }

  /// The value of the environment variable called `name`; nil when it is not set.
  package func variable(_ name: StaticString) -> [UInt8]? {
    for entry in environment where entry.hasPrefix(name) {
      let end = name.utf8CodeUnitCount
      if entry.count > end, entry[end] == UInt8(ascii: "=") { return [UInt8](entry[(end + 1)...]) }
    }
    return nil
  }

  /// What is built in, under the files, under the environment.
  func merged() throws(Failure) -> NodeObject {
    let rows = program.rows
    let files: [(path: [UInt8], meaning: StaticString)] = [
      (program.defaultPath, "Failed loading default configuration"),
      (program.systemPath, "Failed loading system configuration"),
    ]
    var result = Self.defaults(rows)
    for file in files {
      do throws(Failure) {
        result = result.overlaid(by: try fixedFile(file.path, rows))
      } catch {
        throw error.adding(file.meaning)
      }
    }
    return result.overlaid(by: try environmentSettings(rows))
  }

  /// The values of the keys that a file could set, in the order of the table.
  private static func defaults(_ rows: [Option]) -> NodeObject {
    var result = NodeObject()
    for row in rows where row.origin == .file {
      if let value = row.defaultValue {
        result.set(row, to: value)
      } else {
        result.set([UInt8](row.section), to: .object(result.object(row.section)))
      }
    }
    return result
  }

  // MARK: Environment

  /// What is wrong with it is the caller's doing: nobody else sets it.
  private func environmentSettings(_ rows: [Option]) throws(Failure) -> NodeObject {
    var result = NodeObject()
    do throws(Failure) {
      if !isPrivileged, let name = program.variables.file, let path = variable(name) {
        result = try settings(fromFileAt: path, of: name, rows)
      }
      if !isPrivileged, let name = program.variables.text, let text = variable(name) {
        result = result.overlaid(by: try settings(fromText: text, of: name, rows))
      }
    } catch {
      throw error.asCallersDoing.adding("Failed retrieving configuration from environment variables")
    }
    if let name = program.variables.shell, let shell = variable(name) {
      var upper = NodeObject()
      upper.append([UInt8]("shell"), .string(shell))
      result = result.overlaid(by: upper)
    }
    return result
  }

  private func settings(
    fromFileAt path: [UInt8], of name: StaticString, _ rows: [Option]
  ) throws(Failure) -> NodeObject {
    do throws(Failure) {
      guard let file = try read(path) else {
        throw Failure("No such file or directory").adding(text: "Failed loading \"\(path)\"")
      }
      return try settings(file.bytes, at: path, rows, from: .environment)
    } catch {
      throw error.adding(text: "Failed loading the file referenced by \(name) environment variable")
    }
  }

  private func settings(
    fromText text: [UInt8], of name: StaticString, _ rows: [Option]
  ) throws(Failure) -> NodeObject {
    do throws(Failure) {
      return try parsed(
        text, rows, from: .environment, unreadable: "Failed parsing the configuration string",
        invalid: "Failed validating configuration from the string")
    } catch {
      throw error.adding(text: "Failed parsing the contents of \(name) environment variable")
    }
  }

  // MARK: Files

  /// One of the two files whose place is fixed. Without it, what is built in holds.
  private func fixedFile(_ path: [UInt8], _ rows: [Option]) throws(Failure) -> NodeObject {
    guard let file = try read(path) else { return NodeObject() }
    if isPrivileged, !file.isAdministrators {
      throw Failure("Not a regular file that only root can write").adding(text: "Failed loading \"\(path)\"")
    }
    return try settings(file.bytes, at: path, rows, from: .file)
  }

  private func read(_ path: [UInt8]) throws(Failure) -> ConfigurationFile? {
    do throws(SystemError) { return try readFile(path) } catch {
      throw Failure(error).adding(text: "Failed loading \"\(path)\"")
    }
  }

  private func settings(
    _ text: [UInt8], at path: [UInt8], _ rows: [Option], from origin: Option.Origin
  ) throws(Failure) -> NodeObject {
    try parsed(
      text, rows, from: origin, unreadable: "Failed loading \"\(path)\"",
      invalid: "Failed validating contents of \"\(path)\"")
  }

  // MARK: Text

  /// - Parameters:
  ///   - unreadable: What it means when `text` is not JSON.
  ///   - invalid: What it means when it says something that the table does not allow.
  private func parsed(
    _ text: [UInt8], _ rows: [Option], from origin: Option.Origin, unreadable: Text, invalid: Text
  ) throws(Failure) -> NodeObject {
    let node: Node
    do throws(JSONError) { node = try Node(json: text) } catch {
      throw Failure(error.text).adding(text: unreadable)
    }
    do throws(Failure) {
      guard case .object(let object) = node else {
        throw Failure(text: "Invalid configuration type: \(node.typeName), expecting an object")
      }
      try object.validate(against: rows, from: origin)
      return object
    } catch {
      throw error.adding(text: invalid)
    }
  }
}
