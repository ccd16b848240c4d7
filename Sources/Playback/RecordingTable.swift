package import Events
package import Readers
import Screen
import SystemCalls

/// The recordings that a source holds, for a person's eyes.
package struct RecordingTable {
  private static let headings = ["recording", "user", "host", "start", "end", "messages", "state"]
  private let isUTC: Bool

  package init(isUTC: Bool) { self.isUTC = isUTC }

  package func append(_ listing: borrowing Listing, to output: inout ByteBuilder) {
    var rows = [Self.headings.map { Array($0.utf8) }]
    for index in listing.recordings.indices { rows.append(row(of: listing.recordings[index])) }
    let widths = Self.headings.indices.map { column in rows.map { columnCount(of: $0[column]) }.max() ?? 0 }
    for row in rows {
      for (column, text) in row.enumerated() {
        output.append(text)
        guard column + 1 < row.count else { break }
        for _ in 0..<(widths[column] - columnCount(of: text) + 2) { output.append(" ") }
      }
      output.append("\n")
    }
  }

  private func row(of recording: ListedRecording) -> [[UInt8]] {
    [
      Self.visible(recording.recording), Self.visible(recording.user), Self.visible(recording.host),
      time(recording.startMilliseconds), time(recording.endMilliseconds), Array("\(recording.messageCount)".utf8),
      bytes(recording.state.name),
    ]
  }

  private static func visible(_ text: [UInt8]) -> [UInt8] {
    var output = ByteBuilder(capacity: 64)
    output.append(visible: text)
    return output.isEmpty ? [UInt8(ascii: "-")] : output.array
  }

  private func time(_ milliseconds: UInt64?) -> [UInt8] {
    guard let milliseconds else { return [UInt8(ascii: "-")] }
    var output = ByteBuilder(capacity: 32)
    output.append(wallClock: milliseconds, isUTC: isUTC)
    return output.array
  }

}
