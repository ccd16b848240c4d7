import CSys
import Events
package import SystemCalls

/// Lines of one file, or of several as if they were one: plain, gzip or zstd, a spool file, or a pipe.
///
/// A plain file that is last can be followed: what is appended comes; when it shrinks it is read from its start; when
/// another file takes its name, the old one is read to its end and then the new one. What a writer still appends to the
/// old file after that is not seen. Memory is bounded by ``LineBuffer``, whatever the files hold.
package final class FileSource: LineSource {
  /// Files open at once, so that years of rotation while following do not use up the process's descriptors.
  static let openPartCountMax = 16

  private var parts: [LogPart]
  private var current = 0
  private var buffer = LineBuffer()
  /// Of the current part, behind what is in the buffer.
  private var offset: UInt64 = 0
  private var number: UInt64 = 1
  private let follows: Bool
  private let keeps: Bool
  private var watch: FileWatch?
  /// The followed file was seen to have a successor: what is still in it is read first.
  private var hasSuccessor = false

  /// - Parameters:
  ///   - paths: At least one; in the order in which they were written, as ``rotatedSet(of:)`` gives them.
  ///   - follows: Whether to wait for more at the end of the last one.
  ///   - keeps: Whether ``seek(to:)`` will be asked: what comes only once is kept on disk then.
  /// - Throws: What tlog says when the first or the last cannot be opened. Those between are opened when they are reached.
  package init(_ paths: [[UInt8]], follows: Bool, keeps: Bool = true) throws(ReadError) {
    precondition(!paths.isEmpty, "no file to read")
    parts = paths.map { LogPart(path: $0) }
    self.follows = follows
    self.keeps = keeps
    do throws(ReadError) {
      try parts[0].open(keeps: keeps, follows: follows && paths.count == 1)
      if follows { watch = try FileWatch(parts[parts.count - 1].path) }
      try watchIfLast()
    } catch {
      throw error.whileCreating()
    }
  }

  /// - Parameter file: Standard input or the like.
  package init(_ file: consuming Descriptor, keeps: Bool = true) throws(ReadError) {
    follows = false
    self.keeps = keeps
    do throws(ReadError) {
      parts = [try LogPart(file, keeps: keeps)]
    } catch {
      throw error.whileCreating()
    }
  }

  package func next() throws(ReadError) -> Line? {
    while true {
      if let bytes = buffer.next() { return line(bytes) }
      switch try fill() {
      case .bytes: continue
      case .wouldBlock: return nil
      case .end:
        if try mayGrow() { return nil }
        if hasSuccessor, try fill() != .end { continue }
        if let bytes = buffer.rest() { return line(bytes) }
        guard try advance() else { return nil }
      }
    }
  }

  private func line(_ bytes: UnsafeBufferPointer<UInt8>) -> Line {
    defer { number &+= 1 }
    return Line(bytes: bytes, number: number)
  }

  private func fill() throws(ReadError) -> Transfer {
    if parts[current].hasFailed { return .end }
    do throws(ReadError) {
      try parts[current].open(keeps: keeps, follows: follows && current == parts.count - 1)
      guard let store = parts[current].store else { return .end }
      let transfer = try store.read(at: offset, into: buffer.room())
      if case .bytes(let count) = transfer {
        buffer.fill(count)
        offset &+= UInt64(count)
      }
      return transfer
    } catch {
      parts[current].hasFailed = true
      buffer.clear()
      var error = error
      error.add(at: placeName(ofLine: number))
      throw error
    }
  }

  // MARK: - Parts

  private var isFollowed: Bool {
    follows && current == parts.count - 1 && !parts[current].hasFailed && parts[current].followed != nil
  }

  /// At the end of the current part: whether there may be more of it.
  private func mayGrow() throws(ReadError) -> Bool {
    guard isFollowed, !hasSuccessor else { return false }
    guard isReplaced() || isShrunk() else { return true }
    hasSuccessor = true
    return false
  }

  /// Whether the name means another file by now. A name that means nothing may mean something again.
  private func isReplaced() -> Bool {
    var facts = csys_file_facts()
    guard withCString(parts[current].path, { csys_stat($0, &facts) }) == 0 else { return false }
    let found = LogPart.Identity(device: UInt64(facts.device), inode: UInt64(facts.inode))
    return found != parts[current].identity
  }

  private func isShrunk() -> Bool {
    guard parts[current].isPlain, let file = parts[current].followed else { return false }
    var facts = csys_file_facts()
    guard csys_fstat(file, &facts) == 0 else { return false }
    return UInt64(clamping: facts.size) < offset
  }

  /// Goes on to the next part, or to the file that took the current one's place.
  ///
  /// - Returns: Whether there is one.
  private func advance() throws(ReadError) -> Bool {
    if hasSuccessor {
      parts.append(LogPart(path: parts[current].path))
      hasSuccessor = false
    }
    guard current + 1 < parts.count else { return false }
    begin(current + 1)
    try watchIfLast()
    return true
  }

  private func begin(_ part: Int) {
    current = part
    offset = 0
    number = 1
    buffer.clear()
    let open = parts.indices.dropLast().filter { $0 != part && parts[$0].store != nil }
    if open.count > Self.openPartCountMax { parts[open[0]].close() }
  }

  private func watchIfLast() throws(ReadError) {
    guard let watch, current == parts.count - 1 else { return }
    try parts[current].open(keeps: keeps, follows: follows && current == parts.count - 1)
    if let file = parts[current].followed { try watch.watch(file, parts[current].path) }
  }

  // MARK: - Places

  package var position: LinePosition {
    LinePosition(number: number, part: current, offset: offset &- UInt64(buffer.unreadByteCount))
  }

  package func seek(to position: LinePosition) throws(ReadError) {
    precondition(parts.indices.contains(position.part), "a position of another source")
    begin(position.part)
    hasSuccessor = false
    parts[current].hasFailed = false
    offset = position.offset
    number = position.number
  }

  package func placeName(ofLine number: UInt64) -> [UInt8] {
    let place = bytes("line ") + decimal(number)
    return parts.count == 1 ? place : place + bytes(" of ") + quoted(parts[current].path)
  }

  // MARK: - Waiting

  package var awaited: Int32? {
    if isFollowed { return watch?.awaited }
    return parts[current].hasFailed ? nil : parts[current].store?.awaited
  }

  package func attend() throws(ReadError) { try watch?.drain() }
}
