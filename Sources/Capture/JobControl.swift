import CSys
import SystemCalls

/// What job control asks of a recorder that is a job of its caller's shell.
///
/// In the foreground the recorder has the keyboard, and the outer terminal is raw. In the background, and while it is
/// stopped, it leaves both to others. When the recorded program stops, the recorder stops too, so that the caller's shell
/// goes on; when it is continued, it continues the program. Where nobody could continue the recorder, as in a login, the
/// program stays stopped until whoever stopped it continues it, as it would without a recorder.
struct JobControl {
  /// No signal tells a job that runs in the background of being put into the foreground.
  private static var lookNanoseconds: UInt64 { 200_000_000 }

  let outer: OuterTerminal?
  private let keyboard: Route?
  private let master: Endpoint?
  private let child: Child
  /// The program has stopped, and the recorder is to stop when it has shown what the program wrote before.
  private(set) var isStopping = false
  /// The program has stopped and not been continued by the recorder.
  private var childIsStopped = false
  /// When to look whether the keyboard is ours; nil while it is, or never can be.
  private(set) var nextLookNanoseconds: UInt64?

  init(_ ends: RelayEnds) {
    outer = ends.outer
    keyboard = ends.routes.keyboard
    master = ends.master
    child = ends.child
    settle(0)
  }

  mutating func childStopped() {
    guard Process.isStoppable else { return }
    childIsStopped = true
    isStopping = true
    keyboard?.isHeld = true
  }

  mutating func childEnded() {
    isStopping = false
    childIsStopped = false
  }

  /// Stops the caller's job, this process with it; returns when it has been continued.
  mutating func stop(at nanoseconds: UInt64) {
    isStopping = false
    outer?.letGo()
    Process.stopJob()
    takeOrLeave(nanoseconds)
  }

  mutating func continued(at nanoseconds: UInt64) {
    takeOrLeave(nanoseconds)
    if childIsStopped { child.proceed() }
    childIsStopped = false
  }

  /// Takes the keyboard if it is ours by now.
  mutating func look(at nanoseconds: UInt64) {
    guard let next = nextLookNanoseconds, nanoseconds >= next else { return }
    if outer?.isOurs == true { takeOrLeave(nanoseconds) } else { settle(nanoseconds) }
  }

  /// Passes on what the outer terminal's keys have made into signals: it does so while it is not raw. A program without a
  /// terminal of its own gets them itself.
  func pass(_ signal: Signals.Signal) {
    guard let master, master.isOpen else { return }
    switch signal {
    case .stop: child.stop()
    case .interrupt where outer?.isTaken == false: csys_terminal_signal(master.raw, csys_sigint)
    case .quit where outer?.isTaken == false: csys_terminal_signal(master.raw, csys_sigquit)
    default: break
    }
  }

  private mutating func takeOrLeave(_ nanoseconds: UInt64) {
    if outer?.isOurs == true { outer?.takeAgain() } else { outer?.leave() }
    settle(nanoseconds)
  }

  private mutating func settle(_ nanoseconds: UInt64) {
    let isOthers = outer.map { $0.hasKeyboard && !$0.isTaken } ?? false
    keyboard?.isHeld = isOthers
    nextLookNanoseconds = isOthers ? nanoseconds + Self.lookNanoseconds : nil
  }
}
