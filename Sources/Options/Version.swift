/// Which program this is: the one place that knows the version, its licence and what of tlog it stands in for.
package enum Version {
  /// Steno's own version: major.minor.patch.
  package static let number: StaticString = "0.1.0"
  /// The tlog whose options, keys, defaults and texts are kept.
  package static let tlog: StaticString = "12"

  /// What `--version` prints. The first two words are tlog's, because scripts take the second one for its version.
  package static var text: [UInt8] {
    let text: Text = """
      tlog \(tlog) compatible (Steno \(number))
      Copyright (C) 2026 the Steno authors
      License Apache-2.0: Apache License, version 2.0 <https://www.apache.org/licenses/LICENSE-2.0>.

      This is free software: you are free to change and redistribute it.
      There is NO WARRANTY, to the extent permitted by law.

      """
    return text.bytes
  }
}
