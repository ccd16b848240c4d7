import API
import Archive
import Hummingbird
import Intake
import NIOCore
import Synchronization

/// What the centre counts, as `/metrics` shows it. No label comes from a host or a person.
package final class Metrics: Sendable {
  private struct Counts {
    var batches = 0
    var packedBytes = 0
    var lines = 0
    var held = 0
    var conflicts = 0
    var refusedRecordings = 0
    var refusals: [String: Int] = [:]
  }

  private let counts = Mutex(Counts())

  package init() {}

  func count(_ batch: Batch, _ answer: BatchAnswer, packedByteCount: Int) {
    counts.withLock { counts in
      counts.batches += 1
      counts.packedBytes += packedByteCount
      for (submission, said) in zip(batch.submissions, answer.answers) {
        counts.lines += submission.lines.count
        switch said.status {
        case .held: counts.held += 1
        case .conflict: counts.conflicts += 1
        case .refused: counts.refusedRecordings += 1
        }
      }
    }
  }

  /// - Parameter refusal: One of our own words.
  func count(refusal: String) { counts.withLock { $0.refusals[refusal, default: 0] += 1 } }

  /// Prometheus' text form.
  var text: Response {
    let counts = counts.withLock { $0 }
    var lines = [
      "steno_batches_total \(counts.batches)", "steno_packed_bytes_total \(counts.packedBytes)",
      "steno_lines_total \(counts.lines)", "steno_answers_total{status=\"held\"} \(counts.held)",
      "steno_answers_total{status=\"conflict\"} \(counts.conflicts)",
      "steno_answers_total{status=\"refused\"} \(counts.refusedRecordings)",
    ]
    for (word, count) in counts.refusals.sorted(by: { $0.key < $1.key }) {
      lines.append("steno_refusals_total{error=\"\(word)\"} \(count)")
    }
    let body = lines.joined(separator: "\n") + "\n"
    return Response(
      status: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
      body: .init(byteBuffer: ByteBuffer(string: body)))
  }
}
