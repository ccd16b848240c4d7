import CSys
package import Readers
import SystemCalls

/// Opens where a recording lies, as settings name it.
extension PlaySettings {
  /// - Returns: The source, and a reader of it.
  package func open() throws(ReadError) -> (source: any LineSource, reader: RecordingReader) {
    let source = try source.open(furtherFiles, follows: follows)
    return (source, reader(of: source))
  }

  /// The same recording once more; nil where it can be read once only: what is no file has no second reading.
  package var second: (() throws(ReadError) -> RecordingReader)? {
    guard source.canBeReadAgain else { return nil }
    return { () throws(ReadError) in reader(of: try source.open(furtherFiles, follows: false)) }
  }

  /// Whether what is read is standard input, so that no keys come from there.
  var readsStandardInput: Bool {
    guard case .file(let path, _) = source else { return false }
    var file = csys_file_facts()
    var input = csys_file_facts()
    return csys_was_open(0) && csys_fstat(0, &input) == 0 && withCString(path) { csys_stat($0, &file) } == 0
      && file.device == input.device && file.inode == input.inode
  }

  private func reader(of source: any LineSource) -> RecordingReader {
    RecordingReader(source, match: self.source.match, isLax: isLax, follows: follows)
  }
}

extension PlaySettings.Source {
  package func open(_ furtherFiles: [[UInt8]] = [], follows: Bool) throws(ReadError) -> any LineSource {
    switch self {
    case .file(let path, _): return try FileSource([path] + furtherFiles, follows: follows)
    case .journal(let search):
      return try JournalSource(
        search.namespace.map { .namespace($0) } ?? .local, matches: search.matches,
        sinceMicroseconds: microseconds(search.sinceSeconds), untilMicroseconds: microseconds(search.untilSeconds),
        follows: follows)
    case .distant(let recording):
      return try DeliveredSource(count: recording.messageCount) { number throws(ReadError) in
        try recording.begin(number, follows)
      }
    }
  }

  fileprivate var match: [UInt8]? {
    if case .file(_, let match) = self { return match }
    return nil
  }

  fileprivate var canBeReadAgain: Bool {
    guard case .file(let path, _) = self else { return true }
    var facts = csys_file_facts()
    // S_IFMT and S_IFREG of inode(7).
    return withCString(path) { csys_stat($0, &facts) } == 0 && facts.mode & 0o170000 == 0o100000
  }

  private func microseconds(_ seconds: UInt64) -> UInt64 {
    let (product, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return isOver ? .max : product
  }
}
