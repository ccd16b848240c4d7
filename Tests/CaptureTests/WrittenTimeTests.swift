import Foundation
import Options
import Testing

@Suite("Times as people write them") struct WrittenTimeTests {
  /// `Vectors/written-times.json`: texts, the zone of whoever wrote them, and what they mean as the beginning and the end of
  /// a stretch, or what is wrong with them. The pages' reading of times is checked against it, too.
  private struct Table: Decodable {
    var now: String
    var cases: [[String]]
  }

  private static func table() throws -> Table {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/written-times.json")
    return try JSONDecoder().decode(Table.self, from: Data(contentsOf: file))
  }

  @Test("each means what the table says, in the zone of whoever wrote it, also where clocks jump")
  func meanings() throws {
    let table = try Self.table()
    func milliseconds(_ text: String) throws -> Int64 {
      let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
      return Int64((try style.parse(text).timeIntervalSince1970 * 1000).rounded())
    }
    let now = try milliseconds(table.now)
    for each in table.cases {
      let zone = try #require(TimeZone(identifier: each[0]))
      let local = LocalZone { Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0)))) }
      for (moment, expected) in [(WrittenTime.Moment.dayBegins, each[2]), (.dayIsOver, each[3])] {
        let found = Result { () throws(WrittenTime.Problem) in
          try WrittenTime(Array(each[1].utf8), now: now, zone: local, meaning: moment).milliseconds
        }
        switch found {
        case .success(let time): #expect(try time == milliseconds(expected), "\(each[1]) in \(each[0])")
        case .failure(let problem):
          #expect("!" + String(decoding: problem.text, as: UTF8.self) == expected, "\(each[1]) in \(each[0])")
        }
      }
    }
  }

  @Test("no bytes make it trap")
  func random() {
    var numbers = SystemRandomNumberGenerator()
    let alphabet = Array("0123456789-+:. \tztTZagohmdwsyer\u{ff}".utf8)
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...24, using: &numbers)).map { _ in alphabet.randomElement(using: &numbers) ?? 0 }
      _ = try? WrittenTime(text, now: 0, zone: .utc, meaning: .dayIsOver)
    }
  }
}
