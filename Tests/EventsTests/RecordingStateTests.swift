import Events
import Testing

@Suite("the state of a recording") struct RecordingStateTests {
  private func facts(_ change: (inout RecordingState.Facts) -> Void) -> RecordingState.Facts {
    var facts = RecordingState.Facts()
    facts.isTrusted = true
    change(&facts)
    return facts
  }

  @Test(
    "one that came to its end is complete, or incomplete with a gap",
    arguments: [.exit, .hangup, .ended, nil] as [SessionEnd.Why?])
  func ended(why: SessionEnd.Why?) {
    for hasGaps in [false, true] {
      let facts = facts {
        ($0.hasEnd, $0.why, $0.hasGaps) = (true, why, hasGaps)
      }
      #expect(RecordingState(facts) == (hasGaps ? .incomplete : .complete))
    }
  }

  @Test(
    "one that something else ended says so, whatever is missing",
    arguments: [
      (.killed, .killed), (.stalled, .interrupted), (.hostDown, .interrupted), (.failed, .interrupted),
      (.tampered, .tampered),
    ] as [(SessionEnd.Why, RecordingState)])
  func brokenOff(why: SessionEnd.Why, expected: RecordingState) {
    for hasGaps in [false, true] {
      #expect(RecordingState(facts { ($0.hasEnd, $0.why, $0.hasGaps) = (true, why, hasGaps) }) == expected)
    }
  }

  @Test("one without an end is abandoned, with or without gaps")
  func abandoned() {
    #expect(RecordingState(facts { _ in }) == .abandoned)
    #expect(RecordingState(facts { $0.hasGaps = true }) == .abandoned)
  }

  @Test("damage is worse than any end, and tampering where the recorded person could do it")
  func damage() {
    for why in [nil, .exit, .killed, .stalled] as [SessionEnd.Why?] {
      let found = facts { ($0.isDamaged, $0.hasGaps, $0.hasEnd, $0.why) = (true, true, why != nil, why) }
      #expect(RecordingState(found) == .damaged)
      var selfReported = found
      selfReported.isTrusted = false
      #expect(RecordingState(selfReported) == .tampered)
    }
  }

  @Test("one that goes on is live, whatever is known of it")
  func live() {
    #expect(
      RecordingState(facts { ($0.isLive, $0.isDamaged, $0.hasGaps, $0.isTrusted) = (true, true, true, false) }) == .live
    )
  }

  @Test("names are different words, and only those with something missing are doubtful")
  func names() {
    #expect(Set(RecordingState.allCases.map { "\($0.name)" }).count == RecordingState.allCases.count)
    #expect(RecordingState.allCases.filter(\.isDoubtful) == [.incomplete, .damaged, .tampered])
  }
}
