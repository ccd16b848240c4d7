import Events
import TestSupport
import Testing

/// What tlog takes and refuses was compared with stock tlog-play 12.1, by having it play the same lines.
@Suite struct MessageReaderTests {
  // MARK: - Header

  @Test("a message says what it says, whatever the order of its fields")
  func header() throws {
    let text = #"""
      {"out_bin":[],"out_txt":"","in_bin":[],"in_txt":"","timing":"","time":1700000000.25,"pos":1500,"id":7,
      "session":4294967295,"term":"xt\u0065rm","user":"rené","rec":"b-1-2","host":"h","ver":"2.3"}
      """#
    try read(text) { message, _ in
      #expect(message.version == .init(major: 2, minor: 3))
      #expect(string(message.host) == "h")
      #expect(string(message.recording) == "b-1-2")
      #expect(string(message.user) == "rené")
      #expect(string(message.terminal) == "xterm")
      #expect(message.session == .max)
      #expect(message.sequence == 7)
      #expect(message.milliseconds == 1500)
      #expect(message.wallClockMilliseconds == 1_700_000_000_250)
      guard case .data = message.kind else {
        Issue.record("\(message.kind)")
        return
      }
    }
  }

  @Test("rec, time and both texts may be missing, and unknown fields are passed over")
  func optionalFields() throws {
    let text =
      #"{"ver":2,"new":{"ver":"9"},"host":"","user":"","term":"","session":1,"id":0,"pos":0,"timing":"","in_bin":[],"out_bin":[]}"#
    try read(text) { message, _ in
      #expect(message.recording == nil)
      #expect(message.wallClockMilliseconds == nil)
      #expect(message.version == .init(major: 2, minor: 0))
    }
  }

  @Test(
    "a version of major number 0 to 2 is read, as a string or as an integer",
    arguments: [
      (#""2.3""#, 2, 3), (#""2""#, 2, 0), ("2", 2, 0), ("1", 1, 0), ("0", 0, 0), (#""2.9""#, 2, 9),
      (#""02.003""#, 2, 3),
      (#""2.99999999999999999999""#, 2, .max),
    ] as [(String, UInt32, UInt32)])
  func versions(text: String, major: UInt32, minor: UInt32) throws {
    try read(line(version: text)) { message, _ in
      #expect(message.version == .init(major: major, minor: minor))
    }
  }

  @Test(
    "time is read to the millisecond, however it is written",
    arguments: [
      ("0.0", 0), ("-0.0", 0), ("0.001", 1), ("1.5", 1500), ("1.", 1000), ("1700000000.250", 1_700_000_000_250),
      ("1.70000000025e9", 1_700_000_000_250), ("1.5E+3", 1_500_000), ("1500e-3", 1500), ("1e-400", 0), ("1e", 1000),
      ("1.0005", 1000), ("0.00000000000000000000001", 0),
      ("1.12345678901234567890123456789", 1123), ("253402300799.999", 253_402_300_799_999),
      ("123456789012345678901234567890e-20", 1_234_567_890_123),
    ] as [(String, UInt64)])
  func times(text: String, milliseconds: UInt64) throws {
    try read(line(extra: #""time":\#(text),"#)) { message, _ in
      #expect(message.wallClockMilliseconds == milliseconds)
    }
  }

  @Test(
    "a time that no clock shows is none",
    arguments: ["253402300800.0", "9007199254740.991", "1.0e15", "9223372036854774.807"])
  func noTime(text: String) throws {
    try read(line(extra: #""time":\#(text),"#)) { message, _ in #expect(message.wallClockMilliseconds == nil) }
  }

  @Test(
    "a field that is missing or of another type is named, and the first in tlog's order counts",
    arguments: [
      "ver", "host", "user", "term", "session", "id", "pos", "timing", "in_bin", "out_bin", "rec", "time", "in_txt",
      "out_txt",
    ])
  func fields(name: String) {
    let all = [
      ("ver", #""2.3""#), ("host", #""""#), ("rec", #""""#), ("user", #""""#), ("term", #""""#), ("session", "1"),
      ("id", "1"), ("pos", "0"), ("time", "1.0"), ("timing", #""""#), ("in_txt", #""""#), ("in_bin", "[]"),
      ("out_txt", #""""#), ("out_bin", "[]"),
    ]
    let isOptional = ["rec", "time", "in_txt", "out_txt"].contains(name)
    let without = all.filter { $0.0 != name }.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
    let missing = refusal(of: "{\(without)}")
    #expect(missing?.rule == (isOptional ? nil : .missing))
    #expect(missing.map { "\($0.field!.name)" } == (isOptional ? nil : name))
    for wrong in ["null", "true", "{}", name == "time" ? "1" : "1.5", "[[]]"] {
      if name.hasSuffix("bin") && wrong == "[[]]" { continue }
      let error = refusal(of: "{\(without),\"\(name)\":\(wrong)}")
      #expect(error?.rule == .type, "\(wrong)")
      #expect(error.map { "\($0.field!.name)" } == name)
      #expect(error?.offset == without.utf8.count + name.utf8.count + 5)
    }
  }

  @Test("what is wrong first in tlog's order of fields is what is reported")
  func order() {
    #expect(refusal(of: #"{"out_bin":7,"session":0,"ver":"3"}"#)?.field == .version)
    #expect(refusal(of: #"{"out_bin":7,"session":0,"host":1,"ver":"2"}"#)?.field == .host)
    #expect(refusal(of: #"{"out_bin":7,"session":0,"ver":"2"}"#)?.field == .host)
  }

  @Test(
    "a value outside its range is refused in tlog's words",
    arguments: [
      ("3", "1", "1", "0", "", #"Message has unsupported "ver" field value"#),
      (#""2.""#, "1", "1", "0", "", #"Message has unsupported "ver" field value"#),
      (#""2.3x""#, "1", "1", "0", "", #"Message has unsupported "ver" field value"#),
      (#""""#, "1", "1", "0", "", #"Message has unsupported "ver" field value"#),
      ("-1", "1", "1", "0", "", #"Message has unsupported "ver" field value"#),
      ("2", "0", "1", "0", "", #"Message has invalid "session" field value"#),
      ("2", "4294967296", "1", "0", "", #"Message has invalid "session" field value"#),
      ("2", "1", "-1", "0", "", #"Message has invalid "id" field value"#),
      ("2", "1", "1", "-1", "", #"Message has invalid "pos" field value"#),
      ("2", "1", "1", "2147483648000", "", #"Message has invalid "pos" field value"#),
      ("2", "1", "1", "0", #""time":-0.5,"#, #"Message has invalid "time" field value"#),
      ("2", "1", "1", "0", #""time":1e400,"#, #"Message has invalid "time" field value"#),
      ("2", "1", "1", "0", #""time":18446744073709552.0,"#, #"Message has invalid "time" field value"#),
    ])
  func ranges(version: String, session: String, id: String, pos: String, extra: String, words: String) {
    let text = line(version: version, session: session, id: id, pos: pos, extra: extra)
    #expect(refusal(of: text).map(sentence) == words)
  }

  @Test("the largest position that tlog takes is taken")
  func largestPosition() throws {
    #expect(try events(line(pos: "2147483647999", timing: "=1x1")) == ["2147483647999 =1x1"])
  }

  @Test(
    "a line that is no message is refused in tlog's words",
    arguments: [
      ("", "Incomplete message object line encountered"), (" \n", "Incomplete message object line encountered"),
      (#"{"ver":2"#, "Incomplete message object line encountered"), ("{", "Incomplete message object line encountered"),
      ("[]", "A message field is missing"), ("{}", "A message field is missing"), ("7 ", "A message field is missing"),
      (#"{"pos":bbb}"#, "unexpected character"), (#"{"ver":2,,}"#, "quoted object property name expected"),
      (#"{"ver":2,"ver":2}"#, "A message field is repeated"),
    ])
  func noMessage(text: String, words: String) {
    #expect(refusal(of: text).map(sentence) == words)
  }

  @Test("text after the message in its line is not looked at")
  func trailer() throws {
    #expect(try events(line(timing: "=1x2") + #"{"ver""#) == ["1000 =1x2"])
  }

  // MARK: - Repeated fields

  @Test("a field that comes twice is refused, also when it is spelled differently, and also when nobody knows it")
  func repeated() {
    for again in [#""pos":0"#, #""p\u006fs":0"#, #""x":1,"x":1"#, #""x":1,"\u0078":2"#, #""\u0078":1,"x":2"#] {
      let error = refusal(of: line(extra: again + ","))
      #expect(error?.rule == .repeated, "\(again)")
    }
    #expect(refusal(of: line(extra: #""x":1,"X":1,"xx":1,"":1,"#)) == nil)
  }

  @Test("a message has at most 32 unknown fields")
  func unknownFields() {
    let fields = (0..<MessageReader.unknownFieldCountMax).map { "\"x\($0)\":0," }.joined()
    #expect(refusal(of: line(extra: fields)) == nil)
    #expect(refusal(of: line(extra: fields + #""y":0,"#))?.rule == .tooManyFields)
  }

  @Test("a line of 1 MiB is read, and one byte more is refused before anything in it is looked at")
  func longestLine() throws {
    let empty = line(timing: ">1", outText: "")
    let text = line(
      timing: ">1", outText: String(repeating: "x", count: MessageEncoder.lineByteCountMax - empty.utf8.count))
    #expect(text.utf8.count == 1 << 20)
    #expect(try events(text) == ["1000 >x"])
    #expect(refusal(of: text + "\n")?.rule == .tooLong)
    #expect(
      refusal(of: String(repeating: "!", count: (1 << 20) + 1)).map(sentence)
        == "Message line is longer than 1048576 bytes")
  }

  // MARK: - Events

  @Test(
    "the timing cuts text and bytes into events, as tlog-play plays them",
    arguments: [
      ("", "", "", "", "", []),
      ("=100x200", "", "", "", "", ["1000 =100x200"]),
      ("=1x2=65535x0", "", "", "", "", ["1000 =1x2", "1000 =80x24"]),
      ("<1", "X", "", "", "", ["1000 <X"]), (">1", "", "", "X", "", ["1000 >X"]),
      ("<1>1<1>1", "AC", "", "BD", "", ["1000 <A", "1000 >B", "1000 <C", "1000 >D"]),
      (" <1 +1 >1 +1 <1 +1 >1 ", "AC", "", "BD", "", ["1000 <A", "1001 >B", "1002 <C", "1003 >D"]),
      ("> 1 +  5 >1 ] 1/ 1", "", "", "XYZ", "65", ["1000 >X", "1005 >Y", "1005 >A"]),
      ("[0/1]0/1[0/1]0/1", "", "65,67", "", "66,68", ["1000 <A", "1000 >B", "1000 <C", "1000 >D"]),
      ("<1[1/1+234>1]1/1", "1.", "50", "3.", "52", ["1000 <1", "1000 <2", "1234 >3", "1234 >4"]),
      ("<2", "Aж喜", "", "", "", ["1000 <Aж"]),
      (">1>1>1>1", "", "", "aж喜𝄞", "", ["1000 >a", "1000 >ж", "1000 >喜", "1000 >𝄞"]),
      ("<1[0/2[0/1<1", "15", "50,51,52", "", "", ["1000 <1", "1000 <23", "1000 <4", "1000 <5"]),
      ("[2/1", "XY", "90", "", "", ["1000 <Z"]), ("[1/2<1", "ж!", "48,49", "", "", ["1000 <01", "1000 <!"]),
      ("<1+0<1>0<1", "ABC", "", "", "", ["1000 <A", "1000 <B", "1000 <C"]),
      ("+1000=1x1+1000=2x2+5", "", "", "", "", ["2000 =1x1", "3000 =2x2"]),
      ("[0/0]0/0<0", "", "", "", "", []), (">1", "", "", "XYZ", "", ["1000 >X"]),
      ("[0/2", "", "0,255", "", "", ["1000 <00ff"]), ("[0/1", "", "65,true,{},[[]],66", "", "", ["1000 <A"]),
      (">1\\u0000]9", "", "", "X", "", ["1000 >X"]), (#"\u003e\u0031"#, "", "", #"\ud834\udd1e"#, "", ["1000 >𝄞"]),
      ("<3", #"X\u0000Y"#, "", "", "", ["1000 <X\0Y"]),
      ("+2147483647999>1", "", "", "X", "", ["2147483648999 >X"]),
    ] as [(String, String, String, String, String, [String])])
  func timing(
    timing: String, inText: String, inBytes: String, outText: String, outBytes: String, expected: [String]
  ) throws {
    let text = line(timing: timing, inText: inText, inBytes: inBytes, outText: outText, outBytes: outBytes)
    #expect(try events(text) == expected)
  }

  @Test(
    "only a window that differs from the one before is an event, in one message or over many",
    arguments: [
      (nil, ["=80x24>1", "=80x24>1", "=80x24=80x24>1"], ["=80x24", ">a", ">a", ">a"]),
      (nil, ["=80x24>1=90x30", "=90x30>1", "=80x24>1"], ["=80x24", ">a", "=90x30", ">a", "=80x24", ">a"]),
      // Behind a keyframe the window is known; where a stream is entered without one, it is told first.
      (Window(columns: 80, rows: 24), ["=80x24>1", "=80x25>1"], [">a", "=80x25", ">a"]),
      // What was shown before any window was shown on 80x24.
      (nil, [">1", "=80x24>1", "=9x9"], [">a", ">a", "=9x9"]), (nil, ["", "=80x24>1"], ["=80x24", ">a"]),
      // A terminal that was never told its size has the usual one.
      (nil, ["=0x0>1", "=80x24>1", "=0x0"], ["=80x24", ">a", ">a"]),
      (nil, ["=100x30>1", "=132x0>1", "=0x30"], ["=100x30", ">a", "=80x24", ">a"]),
    ] as [(Window?, [String], [String])])
  func windows(known: Window?, timings: [String], expected: [String]) throws {
    var reader = MessageReader(window: known)
    var read: [String] = []
    for timing in timings {
      try Array(line(timing: timing, outText: "a").utf8).withUnsafeBufferPointer { bytes in
        _ = try reader.read(bytes)
        while let event = try reader.next() { read.append(String(rendered(event).trimmingPrefix("1000 "))) }
      }
    }
    #expect(read == expected)
  }

  @Test(
    "a timing that is wrong is refused where it is, after what comes before it was given",
    arguments: [
      (">1x", ["1000 >a"]), ("x1", []), (">", []), (">-1", []), ("+", []), ("=1", []), ("=1x", []), ("=x1", []),
      ("=65536x1", []), ("=1x65536", []), ("]1", []), ("]1/", []), ("]1 /1", []), ("+2147483648000", []), ("=1y1", []),
      (">1=2x2;", ["1000 >a", "1000 =2x2"]), ("/1", []), ("+18446744073709551617", []),
    ] as [(String, [String])])
  func wrongTiming(timing: String, before: [String]) throws {
    try refusedEvents(
      line(timing: timing, outText: "ab", outBytes: "1"), before, #"Message has invalid "timing" field value"#)
  }

  @Test(
    "text that ends before the timing does, or is not UTF-8, is refused in tlog's words",
    arguments: [
      (">3", Array("ab".utf8), []), (">1>2", Array("ab".utf8), ["1000 >a"]), ("]3/1", Array("ab".utf8), []),
      (">18446744073709551616", Array("ab".utf8), []), (">9223372036854775807", Array("ab".utf8), []),
      (">1", [0xf0, 0x9d, 0x85], []), (">1", [0x80], []), (">2", [0x61, 0xc3, 0x61], []),
      (">1", [0xed, 0xa0, 0x80], []),
      (">1>1", [0x61, 0xff], ["1000 >a"]), (">9", Array("12345678".utf8) + [0xc3], []),
    ] as [(String, [UInt8], [String])])
  func wrongText(timing: String, text: [UInt8], before: [String]) throws {
    var bytes = Array(line(timing: timing, outText: "@", outBytes: "1").utf8)
    bytes.replaceSubrange(bytes.firstIndex(of: UInt8(ascii: "@"))!..., with: text + Array(#"","out_bin":[1]}"#.utf8))
    try refusedEvents(bytes, before, #"Message has invalid "in_txt" or "out_txt" field value"#)
  }

  @Test(
    "an array whose elements are too few or no bytes is refused in tlog's words, and only where they are used",
    arguments: [
      ("]0/2", "48"), ("]0/1", "3.14"), ("]0/1", "-1"), ("]0/1", "256"), ("]0/1", "true"), ("]0/1", "null"),
      ("]0/1", "[]"), ("]0/1", "\\\"a\\\""), ("]0/18446744073709551616", "1"),
    ])
  func wrongBytes(timing: String, bytes: String) throws {
    let bytes = bytes.replacing("\\", with: "")
    try refusedEvents(
      line(timing: ">1" + timing, outText: "x", outBytes: bytes), ["1000 >x"],
      #"Message has invalid "in_bin" or "out_bin" field value"#)
    #expect(try events(line(timing: ">1", outText: "x", outBytes: bytes)) == ["1000 >x"])
  }

  @Test("after a line that was refused the next one is read as if nothing had been")
  func recovery() throws {
    let good = Array(line(timing: ">2", outText: #"a\n"#).utf8)
    var reader = MessageReader(window: nil)
    for bad in [line(timing: ">1;>1", outText: "xy"), line(timing: ">1", outText: "xy", extra: #""pos":0,"#), "{"] {
      #expect(throws: MessageError.self) {
        try Array(bad.utf8).withUnsafeBufferPointer { bytes in
          _ = try reader.read(bytes)
          while try reader.next() != nil {}
        }
      }
      #expect(try reader.next() == nil)
      try good.withUnsafeBufferPointer { bytes in
        _ = try reader.read(bytes)
        #expect(try reader.next().map(rendered) == "1000 >a\n")
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
      }
    }
  }

  // MARK: - Format 2.4

  @Test("stretches of the text say which stream and which mark, and cut events where they begin and end")
  func stretches() throws {
    let out = #""err":[[1,2],[4,1]],"#
    #expect(
      try events(line(version: #""2.4""#, timing: ">6", outText: "aжcdef", extra: out))
        == ["1000 >a", "1000 !жc", "1000 >d", "1000 !e", "1000 >f"])
    let into = #""masked":[[0,2]],"echo_off":[[2,1],[4,1]],"secret":[[3,1]],"#
    #expect(
      try events(line(version: #""2.4""#, timing: "<3+1<3", inText: "**cdef", extra: into))
        == ["1000 <m:**", "1000 <e:c", "1001 <s:d", "1001 <e:e", "1001 <f"])
  }

  @Test("an invalid run belongs as a whole to the stretch that its first character is in")
  func stretchesOfBytes() throws {
    let extra = #""err":[[1,3]],"#
    #expect(
      try events(
        line(version: #""2.4""#, timing: ">1]1/1>1]2/2>1", outText: "a?b??c", outBytes: "65,66,67", extra: extra))
        == ["1000 >a", "1000 !A", "1000 !b", "1000 !BC", "1000 >c"])
  }

  @Test("in a message of 2.3 the names of 2.4 are unknown fields")
  func olderVersion() throws {
    let extra = #""err":"x","kind":7,"prev":[],"off":-1,"lost":0,"#
    for version in [#""2.3""#, "2", #""1.9""#] {
      try read(line(version: version, timing: ">1", outText: "a", extra: extra)) { message, reader in
        guard case .data = message.kind else {
          Issue.record("\(message.kind)")
          return
        }
        let event = try reader.next()
        #expect(event.map(rendered) == "1000 >a")
      }
    }
  }

  @Test(
    "stretches that are empty, overlap, go back, or are not pairs of numbers are refused",
    arguments: [
      "[[0,0]]", "[[0,2],[1,1]]", "[[3,1],[0,1]]", "[[0]]", "[[0,1,2]]", "[0,1]", "[[-1,1]]", "[[0,1.5]]",
      #"[["a",1]]"#,
      "[[1048576,1]]", "[[0,1048577]]", "[[9223372036854775807,1]]", "[{}]",
    ])
  func wrongStretches(pairs: String) {
    for name in ["err", "masked", "echo_off", "secret"] {
      let error = refusal(of: line(version: #""2.4""#, extra: "\"\(name)\":\(pairs),"))
      #expect(error.map(sentence) == "Message has invalid \"\(name)\" field value")
    }
    #expect(refusal(of: line(version: #""2.4""#, extra: #""err":"","#))?.rule == .type)
    #expect(refusal(of: line(version: #""2.4""#, extra: #""err":[[0,1],[1,1048575]],"#)) == nil)
  }

  @Test("a start message says who was recorded and how")
  func start() throws {
    let start = SessionStart(
      user: 1000, loginUser: .max, parent: Array("b-1-1".utf8), terminal: Array("/dev/pts/3".utf8),
      command: Array("sh -c \"é\u{1b}\"".utf8), trust: Array("self-reported".utf8), terminalGuard: Array("taken".utf8))
    let link = MessageLink(previous: Array("AAAA".utf8), offset: 4096)
    try read(written("start", link) { $0.append(fieldsOf: start) }) { message, reader in
      guard case .start(let read) = message.kind else {
        Issue.record("\(message.kind)")
        return
      }
      #expect(read == start)
      #expect(string(message.previous) == "AAAA")
      #expect(message.spoolOffset == 4096)
      let event = try reader.next()
      #expect(event == nil)
    }
  }

  @Test("a gap message says what was lost, when, and why")
  func gap() throws {
    let loss = Loss(fromMilliseconds: 10, toMilliseconds: 20, byteCount: 300, why: Array("sink".utf8))
    try read(written("gap") { $0.append(fieldsOf: loss) }) { message, _ in
      guard case .gap(let read) = message.kind else {
        Issue.record("\(message.kind)")
        return
      }
      #expect(read == loss)
      #expect(message.previous == nil && message.spoolOffset == nil)
    }
  }

  @Test(
    "an end message says how the program ended, why the recording did, and how much crossed it",
    arguments: [SessionEnd.Outcome.exit(code: 255), .signal(number: 9), .unknown])
  func end(outcome: SessionEnd.Outcome) throws {
    for why in (1...7).compactMap(SessionEnd.Why.init(rawValue:)) {
      let end = SessionEnd(outcome: outcome, why: why, inputByteCount: 5, outputByteCount: 70)
      try read(written("end") { $0.append(fieldsOf: end) }) { message, _ in
        guard case .end(let read) = message.kind else {
          Issue.record("\(message.kind)")
          return
        }
        #expect(read.outcome == outcome)
        #expect(read.why == why)
        #expect(read.inputByteCount == 5 && read.outputByteCount == 70)
        #expect(read.transfer == nil)
      }
    }
  }

  @Test("an end message gives what it says about a transfer as it is written, and a new reason as none")
  func transfer() throws {
    let extra = #""kind":"end","exit":3,"why":"rained-off","in_bytes":5,"out_bytes":70,"transfer": {"a":[1]} ,"#
    try read(line(version: #""2.4""#, extra: extra)) { message, _ in
      guard case .end(let end) = message.kind else {
        Issue.record("\(message.kind)")
        return
      }
      #expect(end.why == nil)
      #expect(end.transfer.map { String(decoding: $0, as: UTF8.self) } == #" {"a":[1]}"#)
    }
  }

  @Test("a kind that a later version brings is told apart from data")
  func laterKind() throws {
    try read(line(version: #""2.5""#, extra: #""kind":"note","#)) { message, _ in
      guard case .other(let name) = message.kind else {
        Issue.record("\(message.kind)")
        return
      }
      #expect(string(name) == "note")
    }
  }

  @Test(
    "a field of 2.4 with a wrong value is refused, and named",
    arguments: [
      (#""kind":7,"#, MessageField.kind, MessageError.Rule.type), (#""prev":7,"#, .previous, .type),
      (#""off":-1,"#, .spoolOffset, .value), (#""kind":"start","uid":4294967296,"#, .uid, .value),
      (#""kind":"start","#, .uid, .missing), (#""kind":"start","uid":0,"loginuid":0,"parent":7,"#, .parent, .type),
      (#""kind":"gap","#, .lost, .missing), (#""kind":"gap","lost":[],"#, .lost, .type),
      (#""kind":"gap","lost":{},"#, .lost, .value), (#""kind":"gap","lost":{"from":-1},"#, .lost, .value),
      (#""kind":"gap","lost":{"from":1,"to":1,"bytes":1,"why":1},"#, .lost, .value),
      (#""kind":"gap","lost":{"from":1,"from":1},"#, .lost, .repeated), (#""kind":"end","exit":256,"#, .exit, .value),
      (#""kind":"end","signal":0,"#, .signal, .value), (#""kind":"end","exit":0,"signal":9,"#, .signal, .value),
      (#""kind":"end","#, .why, .missing), (#""kind":"end","why":"exit","in_bytes":1.5,"#, .inputByteCount, .type),
      (#""kind":"end","why":"","in_bytes":0,"out_bytes":0,"transfer":"x","#, .transfer, .type),
    ])
  func wrongValues(extra: String, field: MessageField, rule: MessageError.Rule) {
    let error = refusal(of: line(version: #""2.4""#, extra: extra))
    #expect(error?.field == field)
    #expect(error?.rule == rule)
  }

  // MARK: - What the encoder writes

  @Test("what the encoder wrote is read as it was: each byte, its stream, its mark and its time")
  func roundTrip() throws {
    for _ in 0..<40 {
      var numbers = SeededNumbers()
      let script = Script(&numbers, isText: true)
      let lines = script.lines(payload: 32 + numbers.below(4096))
      #expect(try Crossings(reading: lines) == Crossings(script.events), "seed \(numbers.seed)")
    }
  }

  @Test("bytes that are no text are read as they were, in their order and direction")
  func roundTripOfBytes() throws {
    for _ in 0..<40 {
      var numbers = SeededNumbers()
      let script = Script(&numbers, isText: false)
      let lines = script.lines(payload: 32 + numbers.below(4096))
      let read = try Crossings(reading: lines)
      let given = Crossings(script.events)
      #expect(read.output.map(\.byte) == given.output.map(\.byte), "seed \(numbers.seed)")
      #expect(read.input.map(\.byte) == given.input.map(\.byte), "seed \(numbers.seed)")
    }
  }

  // MARK: - Order

  @Test("messages must come one after the other, unless gaps are accepted; the first may have any number")
  func messageOrder() throws {
    for (ids, acceptsGaps, refused) in [
      ([5, 6, 7], false, nil), ([5, 5], false, 1), ([5, 4], false, 1), ([5, 7], false, 1), ([5, 7, 9], true, nil),
      ([5, 5], true, 1), ([5, 7, 6], true, 2), ([0, 1], false, nil),
    ] as [([Int], Bool, Int?)] {
      var order = MessageOrder(acceptsGaps: acceptsGaps)
      for (place, id) in ids.enumerated() {
        try read(line(id: "\(id)")) { message, _ in
          if place == refused {
            let error = #expect(throws: MessageError.self) { try order.accept(message) }
            #expect(error.map(sentence) == "Message ID is out of order")
          } else {
            try order.accept(message)
          }
        }
      }
    }
  }

  @Test("events must not go back in time, over messages; a delay after the last event is none")
  func eventOrder() throws {
    var order = MessageOrder(acceptsGaps: false)
    for (pos, timing, isRefused) in [
      ("1000", ">1+2>1+9", false), ("1002", ">1", false), ("1001", ">1", true), ("1002", ">1", false),
    ] {
      try read(line(pos: pos, timing: timing, outText: "ab")) { _, reader in
        while let event = try reader.next() {
          if isRefused {
            let error = #expect(throws: MessageError.self) { try order.accept(event) }
            #expect(error.map(sentence) == "Packet timestamp is out of order")
          } else {
            try order.accept(event)
          }
        }
      }
    }
  }
}

// MARK: - Random recordings

/// A byte that crossed the recorder, and all that a message keeps about it.
private struct Crossing: Equatable {
  var milliseconds: UInt64
  var stream: Events.Stream
  var mark: InputMark
  var byte: UInt8
}

/// What crossed a recorder in each direction. Between the two there is no order within a millisecond.
private struct Crossings: Equatable {
  var input: [Crossing] = []
  var output: [Crossing] = []

  init(_ events: [Script.Event]) {
    for event in events { add(event.milliseconds, event.stream, event.mark, event.bytes) }
  }

  init(reading lines: [UInt8]) throws {
    var reader = MessageReader(window: nil)
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      try Array(line).withUnsafeBufferPointer { line in
        _ = try reader.read(line)
        while let event = try reader.next() {
          guard case .data(let stream, let mark, let bytes) = event.content else { continue }
          add(event.milliseconds, stream, mark, Array(bytes))
        }
      }
    }
  }

  private mutating func add(_ milliseconds: UInt64, _ stream: Events.Stream, _ mark: InputMark, _ bytes: [UInt8]) {
    let crossings = bytes.map { Crossing(milliseconds: milliseconds, stream: stream, mark: mark, byte: $0) }
    if stream == .input { input += crossings } else { output += crossings }
  }
}

/// Events as a recorder may see them.
private struct Script {
  struct Event {
    var milliseconds: UInt64
    var stream: Events.Stream
    var mark: InputMark
    var bytes: [UInt8]
  }

  var events: [Event] = []

  /// - Parameter isText: Whole characters, on all streams and with all marks; otherwise any bytes, on two streams.
  init(_ numbers: inout SeededNumbers, isText: Bool) {
    var now: UInt64 = 0
    for _ in 0..<(1 + numbers.below(60)) {
      now += UInt64([0, 0, 1, 250, 100_000][numbers.below(5)])
      let stream = [Events.Stream.output, .input, .errorOutput][numbers.below(isText ? 3 : 2)]
      let mark = isText && stream == .input ? InputMark(rawValue: UInt8(numbers.below(4)))! : .none
      var bytes: [UInt8] = []
      for _ in 0..<numbers.below(50) {
        bytes +=
          isText
          ? Array(["a", "\n", "\u{1b}", "\"", "\\", "é", "喜", "𝄞", "\0"][numbers.below(9)].utf8)
          : [UInt8(numbers.below(256))]
      }
      events.append(Event(milliseconds: now, stream: stream, mark: mark, bytes: bytes))
    }
  }

  func lines(payload: Int) -> [UInt8] {
    let header = RecordingHeader(
      host: Array("h\"é".utf8), recording: [], user: [], terminal: [], session: 1, startMilliseconds: 1_700_000_000_000)
    var encoder = MessageEncoder(header: header, payload: payload)
    var lines = ByteBuilder(capacity: 4096)
    for event in events {
      var rest = event.bytes[...]
      while !rest.isEmpty {
        let taken = Array(rest).withUnsafeBufferPointer {
          encoder.append($0, event.stream, mark: event.mark, at: event.milliseconds)
        }
        rest = rest.dropFirst(taken)
        if !rest.isEmpty { encoder.finish(into: &lines) }
      }
    }
    while !encoder.cut() { encoder.finish(into: &lines) }
    if !encoder.isEmpty { encoder.finish(into: &lines) }
    return lines.array
  }
}

// MARK: - Lines and events as text

private func line(
  version: String = #""2.3""#, session: String = "1", id: String = "1", pos: String = "1000", timing: String = "",
  inText: String = "", inBytes: String = "", outText: String = "", outBytes: String = "", extra: String = ""
) -> String {
  """
  {"ver":\(version),"host":"h","user":"u","term":"t","session":\(session),"id":\(id),"pos":\(pos),\(extra)\
  "timing":"\(timing)","in_txt":"\(inText)","in_bin":[\(inBytes)],"out_txt":"\(outText)","out_bin":[\(outBytes)]}
  """
}

/// The line of a message that holds no events, as the encoder writes it.
private func written(
  _ kind: StaticString, _ link: MessageLink? = nil, _ fields: (inout ByteBuilder) -> Void
) -> String {
  let header = RecordingHeader(
    host: [], recording: [], user: [], terminal: [], session: 1, startMilliseconds: 1_700_000_000_000)
  var encoder = MessageEncoder(header: header, payload: 2048)
  var line = ByteBuilder(capacity: 512)
  encoder.write(kind: kind, at: 7, into: &line, link: link, fields: fields)
  return String(decoding: line.bytes, as: UTF8.self)
}

/// Lends `body` a message and its reader; the line ends where its memory ends.
private func read(_ text: String, _ body: (Message, inout MessageReader) throws -> Void) throws {
  var reader = MessageReader(window: nil)
  try Array(text.utf8).withUnsafeBufferPointer { bytes in
    let message = try reader.read(bytes)
    try body(message, &reader)
  }
}

private func refusal(of text: String) -> MessageError? {
  do {
    try read(text) { _, _ in }
    return nil
  } catch {
    return error as? MessageError
  }
}

private func events(_ text: String) throws -> [String] {
  var events: [String] = []
  try read(text) { _, reader in
    while let event = try reader.next() { events.append(rendered(event)) }
  }
  return events
}

/// Expects that `text` gives the events `before`, and then an error in `words`, and then nothing.
private func refusedEvents(_ text: some Sequence<UInt8>, _ before: [String], _ words: String) throws {
  var reader = MessageReader(window: nil)
  try Array(text).withUnsafeBufferPointer { bytes in
    _ = try reader.read(bytes)
    for event in before { #expect(try reader.next().map(rendered) == event) }
    let error = #expect(throws: MessageError.self) { try reader.next() }
    #expect(error.map(sentence) == words)
    #expect(try reader.next() == nil)
  }
}

private func refusedEvents(_ text: String, _ before: [String], _ words: String) throws {
  try refusedEvents(text.utf8, before, words)
}

/// Time, then `>` output, `!` error output or `<` input with its mark, then text, or hexadecimal where it is none.
private func rendered(_ event: MessageEvent) -> String {
  switch event.content {
  case .window(let window): return "\(event.milliseconds) =\(window.columns)x\(window.rows)"
  case .data(let stream, let mark, let bytes):
    let direction = stream == .output ? ">" : stream == .errorOutput ? "!" : "<"
    let kind = mark == .masked ? "m:" : mark == .echoOff ? "e:" : mark == .secret ? "s:" : ""
    let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let text = String(validating: bytes, as: UTF8.self) ?? hexadecimal
    return "\(event.milliseconds) \(direction)\(kind)\(text)"
  }
}

private func sentence(_ error: MessageError) -> String {
  var text = ByteBuilder(capacity: 64)
  error.append(to: &text)
  return String(decoding: text.bytes, as: UTF8.self)
}

private func string(_ text: JSONText?) -> String? {
  text.map { String(decoding: $0.array, as: UTF8.self) }
}
