import Foundation
import Readers
import TestSupport
import Testing

/// What is wrong with a file, and what tlog-play 12.1 says about it on standard error.
private let wrongs: [(name: String, text: String, options: [String], says: [String])] = [
  ("a field is missing", "{\"ver\":\"2.3\"}\n", [], ["A message field is missing", "line 1"]),
  ("no object", message(1) + "\"abc\"\n", [], ["A message field is missing", "line 2"]),
  ("an array", "[]\n", [], ["A message field is missing", "line 1"]),
  (
    "a type", message(1).replacing("\"id\":1", with: "\"id\":\"1\""), [],
    ["A message field has invalid type", "line 1"]
  ),
  (
    "an integer time", message(1).replacing("1700000000.000", with: "17"), [],
    ["A message field has invalid type", "line 1"]
  ),
  (
    "a float version", message(1).replacing("\"2.3\"", with: "2.3"), [], ["A message field has invalid type", "line 1"]
  ),
  (
    "version 3", message(1).replacing("\"2.3\"", with: "\"3.0\""), [],
    ["Message has unsupported \"ver\" field value", "line 1"]
  ),
  (
    "session 0", message(1).replacing("\"session\":1", with: "\"session\":0"), [],
    ["Message has invalid \"session\" field value", "line 1"]
  ),
  ("a negative id", message(-1), [], ["Message has invalid \"id\" field value", "line 1"]),
  ("a negative pos", message(1, pos: -1), [], ["Message has invalid \"pos\" field value", "line 1"]),
  ("a late pos", message(1, pos: 2_147_483_648_000), [], ["Message has invalid \"pos\" field value", "line 1"]),
  (
    "a negative time", message(1).replacing(":1700000000.000", with: ":-1.0"), [],
    ["Message has invalid \"time\" field value", "line 1"]
  ),
  ("a timing", message(1, timing: ">1?"), [], ["Message has invalid \"timing\" field value", "line 1"]),
  ("a window", message(1, timing: "=65536x1"), [], ["Message has invalid \"timing\" field value", "line 1"]),
  (
    "short text", message(1) + message(2, timing: ">2"), [],
    ["Message has invalid \"in_txt\" or \"out_txt\" field value", "line 2"]
  ),
  (
    "short bytes", message(1, timing: "]1/2"), [],
    ["Message has invalid \"in_bin\" or \"out_bin\" field value", "line 1"]
  ),
  (
    "no byte", message(1, timing: "]1/1").replacing("\"out_bin\":[]", with: "\"out_bin\":[256]"), [],
    ["Message has invalid \"in_bin\" or \"out_bin\" field value", "line 1"]
  ),
  (
    "half a line", message(1) + String(message(2).prefix(80)), [],
    ["Incomplete message object line encountered", "line 2"]
  ),
  (
    "an object in two lines", message(1) + "{\"a\":1\n}\n", [],
    ["Incomplete message object line encountered", "line 2"]
  ),
  ("a twin", message(1) + message(1), [], ["Message ID is out of order", "line 2"]),
  ("a gap", message(1) + message(3), [], ["Message ID is out of order", "line 2"]),
  ("a step back, lax or not", message(5) + message(4), [], ["Message ID is out of order", "line 2"]),
  ("time that goes back", message(1, pos: 5) + message(2, pos: 4), [], ["Packet timestamp is out of order", "line 2"]),
  ("a character", message(1) + "}\n", [], ["unexpected character", "line 2"]),
  ("a colon", "{\"a\" 1}\n", [], ["object property name separator ':' expected", "line 1"]),
  ("a NUL", message(1) + "\0" + message(2), [], ["unexpected end of data", "line 2"]),
  ("a NUL inside", "{\"a\":\0 1}\n", [], ["unexpected end of data", "line 1"]),
  // Blank lines and other recordings do not move the place that tlog names: it is where the search began.
  (
    "blank lines before", message(1) + "\n\n \n" + message(2, timing: ">2"), [],
    ["Message has invalid \"in_txt\" or \"out_txt\" field value", "line 2"]
  ),
  (
    "blank lines between", message(1) + "\n\n" + message(2) + "\n\n" + message(2), [],
    ["Message ID is out of order", "line 5"]
  ),
  (
    "another recording", message(1) + message(2, rec: "s") + "\n" + message(3), ["-m", "r"],
    ["Message ID is out of order", "line 2"]
  ),
  (
    "another recording that is wrong", "{\"rec\":\"s\",\"id\":true}\n" + message(1) + message(1), ["-m", "r"],
    ["Message ID is out of order", "line 3"]
  ),
]

private let stock = "/usr/bin/tlog-play"
private let hasStock = FileManager.default.isExecutableFile(atPath: stock)

struct TlogErrorTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test("each error of a file has tlog's sentence, and tlog's place", arguments: wrongs.indices)
  func sentences(place: Int) throws {
    let wrong = wrongs[place]
    let path = try scratch.write("log", wrong.text)
    let found = failure(of: path, match: wrong.options.last)
    #expect(
      found.lines == [wrong.says[0], "Failed reading the source at " + wrong.says[1]], "\(wrong.name)")
  }

  @Test(
    "stock tlog-play says the same of the same file",
    .enabled(if: hasStock, "needs the Debian package tlog"), arguments: wrongs.indices)
  func stockSentences(place: Int) throws {
    let wrong = wrongs[place]
    let path = try scratch.write("log", wrong.text)
    let said = try run(stock, ["-i", path] + wrong.options).errors
    let found = failure(of: path, match: wrong.options.last)
    #expect(said.split(separator: "\n").map(String.init) == found.lines, "\(wrong.name)")
  }

  @Test("what cannot be opened or is a directory is said as stock tlog-play says it")
  func opening() throws {
    let missing = failure(of: scratch.file("missing"))
    let file = scratch.file("missing")
    #expect(
      missing.lines == [
        "No such file or directory", "Failed opening log file \"\(file)\"", "Failed creating log source",
      ])
    let directory = failure(of: scratch.path)
    #expect(directory.lines == ["Is a directory", "Failed reading the source at line 1"])
    guard hasStock else { return }
    #expect(try run(stock, ["-i", file]).errors == missing.lines.joined(separator: "\n") + "\n")
    #expect(try run(stock, ["-i", scratch.path]).errors == directory.lines.joined(separator: "\n") + "\n")
  }

  @Test("a file cut at every byte reads as stock tlog-play reads it: a half line is an error, a last LF is not missed")
  func cuts() throws {
    let whole = message(1, out: "a") + message(2, out: "b")
    let text = bytes(whole)
    for count in 0...text.count {
      let path = try scratch.write("log", [UInt8](text[..<count]))
      let first = message(1).utf8.count
      let isWhole = [0, first - 1, first, text.count - 1, text.count].contains(count)
      let found = failure(of: path)
      if isWhole {
        #expect(found.lines.isEmpty, "cut at \(count)")
      } else {
        let line = count > first ? 2 : 1
        #expect(
          found.lines == ["Incomplete message object line encountered", "Failed reading the source at line \(line)"],
          "cut at \(count)")
      }
    }
  }

  @Test("the hint tells twins, steps back, gaps and several recordings apart")
  func hints() throws {
    func hint(_ text: String, match: String? = nil) throws -> String {
      try #require(failure(of: try scratch.write("log", text), match: match).hint)
    }
    #expect(try hint(message(1) + message(1)).contains("is there twice"))
    #expect(try hint(message(5) + message(3)).contains("message 3 comes after message 5"))
    #expect(try hint(message(1) + message(4)).contains("messages 2 to 3 are missing"))
    #expect(try hint(message(1) + message(1, rec: "s")).contains("several recordings"))
  }

  @Test("lax: what is wrong is skipped and said, what is missing is a gap, and the rest is played")
  func lax() throws {
    let text =
      message(1, out: "a") + "}\n" + message(2, out: "b") + message(5, out: "c") + message(5, out: "d")
      + message(6, timing: ">1>9", out: "e") + message(7, out: "f")
    let reader = try fileReader([try scratch.write("log", text)], isLax: true)
    #expect(
      read(reader)
        == "a<broken unexpected character/Failed reading the source at line 2>b<gap messages 3 to 4 are missing>c"
        + "<broken Message ID is out of order/Failed reading the source at line 5>e"
        + "<broken Message has invalid \"in_txt\" or \"out_txt\" field value/Failed reading the source at line 6>f")
  }
}
