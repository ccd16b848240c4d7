package import Events
package import Readers

/// A recording that lies elsewhere, of which one can have any part and any keyframe without all that comes before it.
package struct DistantRecording: Sendable {
  /// Begins a delivery of its messages with that number, and of those that come later if it is followed.
  let begin: @Sendable (UInt64, _ follows: Bool) throws(ReadError) -> DeliveredSource.Delivery
  /// The last keyframe that is not behind a place; nil when there is none to be had.
  let keyframe: @Sendable (Place) -> Keyframe?
  /// Messages that there are, and more if it is live.
  let messageCount: UInt64
  /// The time of its last event; nil while it is live.
  let endMilliseconds: UInt64?
  let state: RecordingState
  /// How long it has been going on now, while it is live.
  let liveMilliseconds: @Sendable () -> UInt64

  package init(
    messageCount: UInt64, endMilliseconds: UInt64?, state: RecordingState,
    liveMilliseconds: @escaping @Sendable () -> UInt64,
    begin: @escaping @Sendable (UInt64, _ follows: Bool) throws(ReadError) -> DeliveredSource.Delivery,
    keyframe: @escaping @Sendable (Place) -> Keyframe?
  ) {
    self.begin = begin
    self.keyframe = keyframe
    self.messageCount = messageCount
    self.endMilliseconds = endMilliseconds
    self.state = state
    self.liveMilliseconds = liveMilliseconds
  }
}
