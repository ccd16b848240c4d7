import Readers
import Screen

/// What keys do to a player.
extension Player {
  func act(on action: Controls.Action, now: UInt64) throws(ReadError) {
    switch action {
    case .pause: pause(now)
    case .faster: pace.changeSpeed(by: 2, now: now)
    case .slower: pace.changeSpeed(by: 0.5, now: now)
    case .normalSpeed: pace.changeSpeed(by: nil, now: now)
    case .step: try step(now)
    case .stepBack: try stepBack(now)
    case .move(let distance): try move(by: distance, now)
    case .goto(let moment): try goto(moment)
    case .search(let text):
      lastSearch = text
      try search(isBackward: false)
    case .searchNext: try search(isBackward: false)
    case .searchPrevious: try search(isBackward: true)
    case .skipIdle:
      let isSkipping = pace.idleLimitMilliseconds != nil
      pace.setIdleLimit(milliseconds: isSkipping ? nil : (settings.idleLimitSeconds ?? 1) * 1000, now: now)
    case .help: stage?.showsHelp.toggle()
    case .status: stage?.hasStatus.toggle()
    case .pan(let columns, let rows): pan(columns, rows, now)
    case .typing: note = []
    case .quit: if !settings.persists { phase = .ended(.quit) }
    }
  }

  private func pause(_ now: UInt64) {
    pace.setRunning(!pace.isRunning, now: now)
    if case .resting = phase { phase = .running }
    if case .waiting = phase { phase = .running }
  }

  private func step(_ now: UInt64) throws(ReadError) {
    guard case .running = phase, let content = try timeline.head.peek() else { return }
    show(content)
    timeline.head.advance()
    pace.jump(to: timeline.head.milliseconds, now: now)
  }

  private func stepBack(_ now: UInt64) throws(ReadError) {
    guard stage != nil, timeline.head.ordinal > 0 else { return }
    pace.setRunning(false, now: now)
    try go(to: .ordinal(timeline.head.ordinal - 1))
  }

  private func move(by distance: Int64, _ now: UInt64) throws(ReadError) {
    let time = Int64(max(0, min(pace.position(at: now), 9e15)))
    let (target, over) = time.addingReportingOverflow(distance)
    guard !over, stage != nil || distance > 0 else { return }
    try go(to: .milliseconds(UInt64(clamping: target)))
  }

  /// A stream cannot take back what it was given: there, what lies behind is ignored, as tlog does.
  private func goto(_ moment: Moment) throws(ReadError) {
    if stage == nil, case .milliseconds(let time) = moment, time <= timeline.head.milliseconds { return }
    try go(to: place(of: moment))
  }

  private func search(isBackward: Bool) throws(ReadError) {
    guard stage != nil, !lastSearch.isEmpty else { return }
    guard let search = try timeline.makeSearch(for: lastSearch, isBackward: isBackward) else {
      note = Array("what comes out of a pipe cannot be searched".utf8)
      return
    }
    phase = .searching(search)
  }

  private func pan(_ columns: Int, _ rows: Int, _ now: UInt64) {
    guard let stage else { return }
    let footerCount = footer(of: stage, now).count
    self.stage?.painter.pan(
      columns: columns, rows: rows, over: timeline.head.emulator.window, footerCount: footerCount)
  }
}
