package import API
import Events
import SystemCalls

/// The host's ledger (THREATS 18).
extension Agent {
  static let ledgerNanoseconds: UInt64 = 60_000_000_000
  /// What begins and ends within that time is in one entry.
  static let ledgerGatherNanoseconds: UInt64 = 1_000_000_000
  private static let ledgerName = "ledger.json"

  func restoreLedger() {
    ledger = disk.load(Self.ledgerName).flatMap { Ledger(json: $0) } ?? Self.newLedger()
  }

  private static func newLedger() -> Ledger { Ledger(epoch: String(UInt64.random(in: 0 ... .max), radix: 36)) }

  /// The entry that is to go to the centre now, for ``ledgerAnswered(_:at:)``.
  package func takeLedgerEntry(at now: UInt64) -> String? {
    guard ships, !isLedgerUnderWay, now >= nextLedgerAt else { return nil }
    let entry = ledger.outstanding ?? nextEntry(at: now)
    isLedgerUnderWay = entry != nil
    return entry
  }

  private func nextEntry(at now: UInt64) -> String? {
    let hasNews = recordings.values.contains { !$0.isStartInLedger || $0.hasEnded && !$0.isEndInLedger }
    guard hasNews || isLedgerFull || now >= ledgerDueAt else { return nil }
    let entry = ledger.append(facts(at: now))
    do throws(SystemError) { try disk.save(ledger.json, as: Self.ledgerName) } catch {
      log("the ledger: \(error.call): \(String(decoding: error.reason, as: UTF8.self))")
    }
    isLedgerFull = false
    return entry
  }

  private func facts(at now: UInt64) -> LedgerEntry {
    var entry = LedgerEntry(
      host: String(decoding: settings.host, as: UTF8.self), epoch: "", n: 0, prev: "", boot: kernel.boot,
      time: timestamp(milliseconds: Int64(clamping: wallMilliseconds)), mono: now / 1_000_000, live: "",
      full: isLedgerFull, heads: [], starts: [], ends: [])
    var open: [UInt8] = []
    for recording in recordings.values.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      if !recording.isStartInLedger, entry.starts.count < LedgerEntry.nameCountMax {
        entry.starts.append(recording.name)
        recording.isStartInLedger = true
      }
      if recording.hasEnded {
        guard !recording.isEndInLedger, entry.ends.count < LedgerEntry.nameCountMax else { continue }
        entry.ends.append(recording.name)
        recording.isEndInLedger = true
        continue
      }
      let head = recording.state.head
      let hash = String(decoding: head.hash, as: UTF8.self)
      open += Array("\(recording.name) \(head.sequence) \(hash)\n".utf8)
      if isLedgerFull { recording.headInLedger = nil }
      guard recording.headInLedger != head, entry.heads.count < LedgerEntry.nameCountMax else { continue }
      entry.heads.append(LedgerEntry.OpenHead(rec: recording.name, seq: head.sequence, hash: hash))
      recording.headInLedger = head
    }
    entry.live = Ledger.hash(of: open)
    return entry
  }

  /// Takes what the centre said to an entry.
  package func ledgerAnswered(_ result: Result<LedgerAnswer, UplinkError>, at now: UInt64) {
    isLedgerUnderWay = false
    switch result {
    case .success(let answer):
      nextLedgerAt = now + Self.ledgerGatherNanoseconds
      ledgerDueAt = now + Self.ledgerNanoseconds
      if answer.status == .held {
        ledger.held()
      } else {
        log("the centre has another ledger of this host: was its state copied or restored? A new epoch begins")
        ledger = Self.newLedger()
        isLedgerFull = true
      }
    case .failure: nextLedgerAt = now + UInt64(Double(Self.ledgerNanoseconds) * jitter() / 4)
    }
  }
}
