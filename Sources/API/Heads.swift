/// A host asks whether the centre still holds what it once said it held: `POST /v1/heads`.
///
/// A centre that was restored from a backup has forgotten what came since; nobody there can know. So it names each of
/// its starts, and a host that sees a new name asks for all recordings that it keeps.
package struct HeadsRequest: Codable, Sendable {
  /// More go into further requests: each costs the centre a look-up.
  package static let countMax = 300

  /// At most ``countMax``; none, to learn the name only.
  package var heads: [RecordingHead]

  package init(heads: [RecordingHead]) { self.heads = heads }
}

/// How far a recording is held.
package struct RecordingHead: Codable, Equatable, Sendable {
  /// The recording's name on its host.
  package var rec: String
  package var head: Head

  package init(rec: String, head: Head) {
    self.rec = rec
    self.head = head
  }
}

package struct HeadsAnswer: Codable, Equatable, Sendable {
  /// Random, another one each time the centre is started.
  package var start: String
  /// Those of which the centre holds less than was said, or something else under that number, each with its own head.
  package var behind: [RecordingHead]

  package init(start: String, behind: [RecordingHead]) {
    self.start = start
    self.behind = behind
  }
}
