package import Events
package import SystemCalls

/// Where the relay puts what crosses it, before it delivers it.
///
/// Nothing here throws or waits: a log that cannot write holds what it has, says through ``takes(_:)`` when it wants no
/// more for now, and through ``mustEnd`` when the session is not to go on without it. Times are nanoseconds since the
/// start of the recording.
package protocol EventLog: ~Copyable {
  /// Begins the recording, once there is a shell that waits to be let go.
  ///
  /// - Parameter shellGroup: See ``EchoMask``.
  mutating func begin(_ start: SessionStart, shellGroup: Int32?, at nanoseconds: UInt64)

  /// Takes all of `bytes`.
  ///
  /// - Parameter keyboard: For input typed on the inner terminal, what that terminal does with keys now.
  mutating func record(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, keyboard: KeyboardState?, at nanoseconds: UInt64)

  mutating func record(_ window: Window, at nanoseconds: UInt64)

  /// Takes output that is left when the session is over, also when ``takesRest`` is false.
  ///
  /// - Returns: Whether it may be shown: what there is no room for is a gap, and nobody is to have it.
  mutating func recordRest(_ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, at nanoseconds: UInt64) -> Bool

  /// Says in the recording that `byteCount` bytes of output are not in it: a gap.
  mutating func lose(_ byteCount: Int, why: StaticString, at nanoseconds: UInt64)

  /// Does what is due: writes what has waited long enough, tries a failed sink again.
  mutating func attend(at nanoseconds: UInt64)

  /// Writes what waits for more to come or for its time: the recorder is about to be stopped, for who knows how long.
  mutating func rest(at nanoseconds: UInt64)

  /// Whether bytes of `stream` may be read now. Input goes on when output must wait, so that ^C still works.
  func takes(_ stream: Stream) -> Bool

  /// Whether output may be read now that the shell has ended, and so needs no room for input any more.
  var takesRest: Bool { get }

  /// Whether what ``takesRest`` waits for may never come.
  static var mayWaitForEver: Bool { get }

  /// Whether ``record(_:_:keyboard:at:)`` wants to know the keyboard's state; asking costs two system calls a key.
  var wantsKeyboard: Bool { get }

  /// When ``attend(at:)`` must be called at the latest; nil when nothing is due.
  var deadlineNanoseconds: UInt64? { get }

  /// A descriptor whose becoming writable is a reason to call ``attend(at:)``.
  var awaitedDescriptor: Int32? { get }

  /// A descriptor that becomes readable when somebody has orders for the recorder: a reason to call ``hear(at:)``.
  var controlDescriptor: Int32? { get }

  /// Takes the orders that have come.
  mutating func hear(at nanoseconds: UInt64)

  /// Why the session must not go on: `.failed` when it would go on unrecorded. nil while it may.
  var mustEnd: SessionEnd.Why? { get }

  /// Ends the recording.
  mutating func end(_ end: SessionEnd, at nanoseconds: UInt64)

  /// Brings what is still here to where it is kept, as long as that may take.
  ///
  /// - Parameter startNanoseconds: ``Clock/elapsedNanoseconds`` at the start of the recording.
  mutating func finish(startNanoseconds: UInt64)
}
