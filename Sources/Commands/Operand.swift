import Glibc
import Identity

/// What a command is asked to look at. A file goes before a recording at a centre; a slash, as in `./NAME`, makes it a file
/// for certain.
enum Operand {
  case file(String)
  /// The id of a recording, or the beginning of one.
  case recording(String)

  /// - Throws: `CommandFailure` when `word` can be neither.
  init(_ word: String) throws {
    let isFile = word.contains("/") || access(word, F_OK) == 0
    switch (isFile, RecordingID.isPrefix(word)) {
    case (true, let isPrefix):
      if isPrefix {
        complain("steno: \(word): taken for the file of that name here, and not for a recording's id")
      }
      self = .file(word)
    case (false, true): self = .recording(word)
    case (false, false):
      throw CommandFailure(
        .nothingFound,
        "\(visible(word)): no such file, and not the beginning of an id, which is four characters or more of a-z and 2-7"
      )
    }
  }
}
