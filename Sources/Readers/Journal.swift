import CJournal
import Events
import Glibc
import SystemCalls

/// A journal open for reading: the one owner of what libsystemd keeps for it. For one thread.
struct Journal: ~Copyable {
  private let handle: OpaquePointer

  init(_ place: JournalSource.Place) throws(ReadError) {
    var handle: OpaquePointer?
    let result: Int32
    switch place {
    case .local: result = sd_journal_open(&handle, 0)
    case .namespace(let name): result = withCString(name) { sd_journal_open_namespace(&handle, $0, 0) }
    case .directory(let path): result = withCString(path) { sd_journal_open_directory(&handle, $0, 0) }
    case .file(let path):
      result = withCString(path) { path in
        var paths: [UnsafePointer<CChar>?] = [path, nil]
        return sd_journal_open_files(&handle, &paths, 0)
      }
    }
    guard result >= 0, let handle else { throw failure(result, bytes("Failed opening the journal") + name(of: place)) }
    self.handle = handle
    // Without it a long field would be cut at 64 KiB.
    sd_journal_set_data_threshold(handle, 0)
  }

  deinit { sd_journal_close(handle) }

  /// - Parameter symbol: `FIELD=value`.
  /// - Returns: Whether it is one that the journal can have.
  func add(match symbol: [UInt8]) -> Bool { sd_journal_add_match(handle, symbol, symbol.count) >= 0 }

  func addDisjunction() { sd_journal_add_disjunction(handle) }

  func addConjunction() { sd_journal_add_conjunction(handle) }

  /// - Parameter microseconds: Since the Epoch.
  func seek(toTime microseconds: UInt64) throws(ReadError) {
    try check(sd_journal_seek_realtime_usec(handle, microseconds), "Failed seeking in the journal")
  }

  func seek(toCursor cursor: [UInt8]) throws(ReadError) {
    try check(withCString(cursor) { sd_journal_seek_cursor(handle, $0) }, "Failed seeking in the journal")
  }

  /// Whether the entry that is read is the one that was called `cursor`.
  func isAt(_ cursor: [UInt8]) -> Bool { withCString(cursor) { sd_journal_test_cursor(handle, $0) } > 0 }

  /// Goes to the next entry that matches.
  ///
  /// - Returns: Whether there is one.
  func advance() throws(ReadError) -> Bool {
    try check(sd_journal_next(handle), "Failed advancing in the journal") > 0
  }

  /// The name by which the entry that is read can be found again.
  func cursor() throws(ReadError) -> [UInt8] {
    var text: UnsafeMutablePointer<CChar>?
    let result = sd_journal_get_cursor(handle, &text)
    defer { free(text) }
    try check(result, "Failed naming a journal entry")
    return SystemCalls.bytes(ofC: text)
  }

  /// When the entry that is read was received, microseconds since the Epoch.
  func time() throws(ReadError) -> UInt64 {
    var microseconds: UInt64 = 0
    try check(sd_journal_get_realtime_usec(handle, &microseconds), "Failed reading a journal entry's time")
    return microseconds
  }

  /// The value of a field of the entry that is read; valid until the journal is used again.
  ///
  /// - Returns: nil when the entry has no such field.
  func value(of field: StaticString) throws(ReadError) -> UnsafeBufferPointer<UInt8>? {
    var data: UnsafeRawPointer?
    var count = 0
    let name = UnsafeRawPointer(field.utf8Start).assumingMemoryBound(to: CChar.self)
    let result = sd_journal_get_data(handle, name, &data, &count)
    if result == -ENOENT { return nil }
    try check(result, "Failed reading a journal entry")
    let prefix = field.utf8CodeUnitCount + 1  // the name and `=`
    guard let data, count >= prefix else { return nil }
    let start = data.assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(start: start + prefix, count: count - prefix)
  }

  /// What poll(2) is to wait for; from this call on changes are noticed.
  func descriptor() throws(ReadError) -> Int32 {
    try check(sd_journal_get_fd(handle), "Failed following the journal")
  }

  /// Takes note of all changes that were noticed: new entries, rotated files, files that came and went.
  func process() throws(ReadError) {
    while try check(sd_journal_process(handle), "Failed following the journal") != SD_JOURNAL_NOP {}
  }
}

@discardableResult
private func check(_ result: Int32, _ doing: StaticString) throws(ReadError) -> Int32 {
  if result < 0 { throw failure(result, bytes(doing)) }
  return result
}

private func failure(_ result: Int32, _ doing: [UInt8]) -> ReadError {
  let isRefused = result == -EACCES || result == -EPERM
  return ReadError(
    SystemError("sd_journal", code: -result), doing,
    hint: isRefused ? bytes("the groups systemd-journal and adm may read the journal") : nil)
}

private func name(of place: JournalSource.Place) -> [UInt8] {
  switch place {
  case .local: []
  case .namespace(let name): bytes(" of namespace ") + quoted(name)
  case .directory(let path), .file(let path): bytes(" at ") + quoted(path)
  }
}
