import CTestSupport
package import Foundation
package import Testing

/// Where the programs of the tests are, and what they are given.
package enum Surroundings {
  /// What a program under test has in its environment, and nothing else of the tests'.
  package static let environment = [
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/tmp", "LANG": "C.UTF-8", "TERM": "xterm-256color",
    "SHELL": "/bin/sh",
  ]

  /// - Parameter more: nil takes a variable away.
  /// - Returns: `NAME=value` words.
  package static func environment(adding more: [String: String?]) -> [String] {
    var all = environment
    for (name, value) in more { all[name] = value }
    return all.map { "\($0)=\($1)" }
  }

  /// A program of ours: in the folder that STENO_BIN names, else in bin/ of the checkout, where `make build` puts it.
  package static func ours(_ name: String) -> String {
    let folder = ProcessInfo.processInfo.environment["STENO_BIN"] ?? checkout.appending(path: "bin").path
    return URL(fileURLWithPath: folder).appending(path: name).path
  }

  package static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The first of `names` that is installed, as an absolute path.
  package static func installed(_ names: String...) -> String? {
    for name in names {
      for folder in ["/usr/bin", "/bin", "/usr/sbin", "/sbin"] where isExecutable("\(folder)/\(name)") {
        return "\(folder)/\(name)"
      }
    }
    return nil
  }

  package static func makeExecutable(_ path: String) throws {
    guard chmod(path, 0o755) == 0 else { throw Trouble("chmod \(path)", errno) }
    guard ctest_wait_until_unwritten(path) == 0 else { throw Trouble("lease on \(path)", errno) }
  }

  package static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  package static var isRoot: Bool { geteuid() == 0 }

  /// Something the tests themselves need could not be done.
  package struct Trouble: Error, CustomStringConvertible {
    package let description: String

    package init(_ what: String, _ code: Int32) { description = "\(what): \(String(cString: strerror(code)))" }
  }
}

extension Trait where Self == ConditionTrait {
  /// For tests that need a program which a machine may lack.
  package static func needs(_ names: String...) -> Self {
    let missing = names.filter { Surroundings.installed($0) == nil }
    let reason = "not installed: \(missing.joined(separator: ", ")) (`make deps` installs what tests need)"
    return .enabled(if: missing.isEmpty, Comment(rawValue: reason))
  }
}
