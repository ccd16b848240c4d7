import Events
import SystemCalls

/// Asking a centre that was started anew what it still holds: one that was restored from a backup has forgotten what came
/// since, also of recordings that have ended and of which nothing more would be sent (DESIGN §5, keep-after-ack).
///
/// First only the name of the centre's start is asked for. When it is another one than the last, the recordings are asked
/// about, once nothing is on its way: what an earlier start called held is in the list then.
extension Agent {
  /// How often the name of the centre's start is asked for. An answer is some hundred bytes.
  static let inquiryNanoseconds: UInt64 = 20_000_000_000
  /// After one that was not answered: the centre is gone, and may come back as an older one.
  static let inquiryRetryNanoseconds: UInt64 = 5_000_000_000

  enum Inquiry: Equatable {
    case rest(until: UInt64)
    case askingStart
    /// Another start than the last: to be asked as soon as nothing is on its way.
    case due(start: [UInt8])
    case askingHeads(start: [UInt8])
  }

  /// What is to be asked of the centre now: recordings with how far it held them; none, to learn its start only. nil when
  /// nothing is due.
  package func takeInquiry(at now: UInt64) -> [(recording: [UInt8], head: Head)]? {
    guard ships, now >= resumeAt else { return nil }
    switch inquiry {
    case .rest(let until):
      if now < until { return nil }
      inquiry = .askingStart
      return []
    case .due(let start):
      guard shipped.isEmpty else { return nil }
      inquiry = .askingHeads(start: start)
      return recordings.values.filter { !$0.isParked && $0.state.head.sequence > 0 }
        .map { (Array($0.name.utf8), $0.state.head) }
    case .askingStart, .askingHeads: return nil
    }
  }

  /// The centre was away, or has something else than was thought: it may be another one than before.
  func hastenInquiry() {
    if case .rest = inquiry { inquiry = .rest(until: 0) }
  }

  /// Nothing new is sent while recordings are asked about.
  var isInquiring: Bool {
    switch inquiry {
    case .due, .askingHeads: true
    case .rest, .askingStart: false
    }
  }

  /// Takes the answer to what ``takeInquiry(at:)`` gave.
  package func inquired(_ result: Result<CentreHeads, UplinkError>, at now: UInt64) {
    guard case .success(let said) = result else {
      inquiry = .rest(until: now + Self.inquiryRetryNanoseconds)
      return
    }
    switch inquiry {
    case .askingStart where said.start != knownStart: inquiry = .due(start: said.start)
    case .askingHeads(let start) where start != said.start: inquiry = .due(start: said.start)
    case .askingHeads:
      knownStart = said.start
      for behind in said.behind { fallBack(behind.recording, to: behind.head, at: now) }
      inquiry = .rest(until: now + Self.inquiryNanoseconds)
    case .askingStart, .due, .rest: inquiry = .rest(until: now + Self.inquiryNanoseconds)
    }
  }

  /// Goes back to what the centre has of a recording, and sends the rest again.
  private func fallBack(_ name: [UInt8], to head: Head, at now: UInt64) {
    guard let recording = recordings[String(decoding: name, as: UTF8.self)], !recording.isParked,
      head != recording.state.head
    else { return }
    log("\(recording.name): the centre has it up to \(head.sequence) only, and gets the rest again")
    recording.state.completeAtMilliseconds = nil
    recording.failureCount = 0
    cutAgain(recording, behind: head, at: now)
  }
}
