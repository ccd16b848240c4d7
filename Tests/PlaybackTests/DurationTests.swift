import Events
import Foundation
import Playback
import TestSupport
import Testing

@Suite("durations") struct DurationTests {
  private struct Vector: Decodable {
    let ms: UInt64
    let text: String
    let precise: String
  }

  @Test("are written as the pages write them")
  func vectors() throws {
    let file = Surroundings.checkout.appending(path: "Tests/Vectors/durations.json")
    let vectors = try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
    #expect(vectors.count > 10)
    for vector in vectors {
      for (isPrecise, expected) in [(false, vector.text), (true, vector.precise)] {
        var text = ByteBuilder(capacity: 16)
        text.append(duration: vector.ms, isPrecise: isPrecise)
        #expect(String(decoding: text.array, as: UTF8.self) == expected)
      }
    }
  }
}
