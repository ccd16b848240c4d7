import Events

/// The messages in a journal, one an entry: what stands in the field `MESSAGE`, text or not.
///
/// Followed, it lives through rotation, and through journald being stopped and started again.
package final class JournalSource: LineSource {
  package enum Place {
    /// This machine's journal, with what was received from others.
    case local
    /// The journal of a namespace, systemd-journald.service(8).
    case namespace([UInt8])
    case directory([UInt8])
    case file([UInt8])
  }

  private let journal: Journal
  private let sinceMicroseconds: UInt64
  private let untilMicroseconds: UInt64
  private let followed: Int32?
  private var number: UInt64 = 0
  /// The entry that was given last; empty when none was.
  private var cursor: [UInt8] = []
  /// The journal is already at the entry to be given next.
  private var isAtNext = false
  private var hasEnded = false

  /// - Parameters:
  ///   - matches: What tlog-play takes as `-M`, at least one: `FIELD=value`, or `OR` or `AND`, in any case. Matches that
  ///     nothing stands between are alternatives when they are of one field, and must both hold when they are not.
  ///   - sinceMicroseconds: Entries received from then on, since the Epoch.
  ///   - untilMicroseconds: The first entry received later is the end.
  /// - Throws: In tlog's words, what is wrong with the matches; what the system says.
  package init(
    _ place: Place, matches: [[UInt8]], sinceMicroseconds: UInt64 = 0, untilMicroseconds: UInt64 = .max, follows: Bool
  ) throws(ReadError) {
    self.sinceMicroseconds = sinceMicroseconds
    self.untilMicroseconds = untilMicroseconds
    do throws(ReadError) {
      if matches.isEmpty {
        throw ReadError(
          lines: [bytes("Journal match list not specified")],
          hint: bytes("--journal-match=TLOG_REC=… names a recording"))
      }
      journal = try Journal(place)
      try add(matches, to: journal)
      followed = follows ? try journal.descriptor() : nil
      try journal.seek(toTime: sinceMicroseconds)
    } catch {
      throw error.whileCreating()
    }
  }

  package func next() throws(ReadError) -> Line? {
    let entry = number
    do throws(ReadError) {
      guard !hasEnded, try advance() else { return nil }
      guard try journal.time() <= untilMicroseconds else {
        hasEnded = true
        return nil
      }
      cursor = try journal.cursor()
      number &+= 1
      guard let message = try journal.value(of: "MESSAGE") else {
        throw ReadError(
          lines: [bytes("Journal entry has no message")],
          hint: bytes("the match takes in entries that are no recording"))
      }
      return Line(bytes: message, number: entry)
    } catch {
      var error = error
      error.add(at: placeName(ofLine: entry))
      throw error
    }
  }

  private func advance() throws(ReadError) -> Bool {
    if isAtNext {
      isAtNext = false
      return true
    }
    return try journal.advance()
  }

  // MARK: - Places

  package var position: LinePosition { LinePosition(number: number, cursor: cursor) }

  package func seek(to position: LinePosition) throws(ReadError) {
    number = position.number
    cursor = position.cursor
    hasEnded = false
    isAtNext = false
    guard !cursor.isEmpty else { return try journal.seek(toTime: sinceMicroseconds) }
    try journal.seek(toCursor: cursor)
    // An entry that is no longer there leaves the journal at the one behind it.
    if try journal.advance() { isAtNext = !journal.isAt(cursor) }
  }

  package func placeName(ofLine number: UInt64) -> [UInt8] { bytes("entry ") + decimal(number) }

  // MARK: - Waiting

  package var awaited: Int32? { hasEnded ? nil : followed }

  package func attend() throws(ReadError) { try journal.process() }
}

private func add(_ matches: [[UInt8]], to journal: borrowing Journal) throws(ReadError) {
  for (place, symbol) in matches.enumerated() {
    switch String(decoding: symbol, as: UTF8.self).uppercased() {
    case "OR": journal.addDisjunction()
    case "AND": journal.addConjunction()
    default:
      guard journal.add(match: symbol) else {
        let number = decimal(UInt64(place) + 1)
        throw ReadError(
          lines: [
            bytes("Systemd journal match symbol #") + number + bytes(" ") + quoted(symbol) + bytes(" is invalid")
          ],
          hint: bytes("a match is FIELD=value, the field in capitals; or OR, or AND"))
      }
    }
  }
}
