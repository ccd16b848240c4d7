import Events
import Testing

/// Each expectation about what is taken and in which words it is refused was compared with json-c 0.16, by handing the
/// text to stock tlog-rec 12.1 as a configuration.
@Suite struct JSONReaderTests {
  @Test("a JSON text is read value by value in the order in which it is written")
  func order() throws {
    #expect(
      try rendered(#"{"a":1,"b":[true,null,"x",{}],"c":{"d":-2.5}}"#)
        == #"{ a: 1 b: [ true null "x" { } ] c: { d: double } }"#)
  }

  @Test(
    "json-c's leniency is ours",
    arguments: [
      (#"/* c */ {"a": /* d **/ 11 // e }"# + "\n}", "{ a: 11 }"),
      ("{'a':'b\"'}", #"{ a: "b"" }"#),
      (#"{"a":1,}"#, "{ a: 1 }"),
      ("[1,]", "[ 1 ]"),
      ("[tRuE,FALSE,nulL]", "[ true false null ]"),
      ("[01,-01]", "[ 1 -1 ]"),
      ("[1.,1e,1e+,-.5,1.5E-3,1.-,1e400]", "[ double double double double double double double ]"),
      ("[1/**/]", "[ 1 ]"),
      ("[\"a\u{1}\n\tb\"]", "[ \"a\u{1}\n\tb\" ]"),
      ("12abc", "12"),
      (#"{"a":1} text after it"#, "{ a: 1 }"),
      (" \t\r\n[ ]", "[ ]"),
    ])
  func leniency(text: String, meaning: String) throws {
    #expect(try rendered(text) == meaning)
  }

  @Test(
    "what is refused is refused at its byte and in json-c's words",
    arguments: [
      ("", 0, "unexpected end of data"), ("\n\n", 2, "unexpected end of data"),
      ("{", 1, "unexpected end of data"), (#"{"a"#, 3, "unexpected end of data"),
      (#"{"a""#, 4, "unexpected end of data"), (#"{"a":"#, 5, "unexpected end of data"),
      (#"{"a":1"#, 6, "unexpected end of data"), (#"{"a":[1"#, 7, "unexpected end of data"),
      (#"{"a":-"#, 6, "unexpected end of data"), (#"{"a":tr"#, 7, "unexpected end of data"),
      (#"{"a":"\uD8"#, 10, "unexpected end of data"), ("{\"a\":\"x\0\"}", 7, "unexpected end of data"),
      (#"{"a":1 /*"#, 9, "unexpected end of data"), (#"{"a":1 /* *"#, 11, "unexpected end of data"),
      ("}", 0, "unexpected character"), (#"{"a":}"#, 5, "unexpected character"), ("[,]", 1, "unexpected character"),
      ("[1,,2]", 3, "unexpected character"), ("[+1]", 1, "unexpected character"), ("[.5]", 1, "unexpected character"),
      ("[Infinity]", 1, "unexpected character"),
      ("{a:1}", 1, "quoted object property name expected"), ("{,}", 1, "quoted object property name expected"),
      ("{\u{b}}", 1, "quoted object property name expected"),
      (#"{"a" 1}"#, 5, "object property name separator ':' expected"),
      (#"{"a":1 "b":2}"#, 7, "object value separator ',' expected"),
      (#"{"a":truex}"#, 9, "object value separator ',' expected"),
      (#"{"a":1]"#, 6, "object value separator ',' expected"),
      (#"{"a":"x"]"#, 8, "object value separator ',' expected"),
      ("[1 2]", 3, "array value separator ',' expected"), ("[[]}", 3, "array value separator ',' expected"),
      (#"["a\x"]"#, 4, "invalid string sequence"), (#"["a\'"]"#, 4, "invalid string sequence"),
      (#"["a\u12g4"]"#, 7, "invalid string sequence"),
      ("[-]", 2, "number expected"), ("[1-2]", 2, "number expected"), ("[1x]", 2, "number expected"),
      ("[0x10]", 2, "number expected"), ("[1.5.5]", 4, "number expected"), ("[1e5e5]", 4, "number expected"),
      ("[--1]", 2, "number expected"), ("[1.-5]", 5, "number expected"), ("[-e5]", 4, "number expected"),
      ("[-Infinity]", 2, "number expected"),
      ("[tru]", 4, "boolean expected"), ("[nul]", 4, "null expected"), ("[NaN]", 2, "null expected"),
      ("/x", 1, "expected comment"), (#"{"a":/x"#, 6, "expected comment"), (#"{"a":1 /"#, 8, "expected comment"),
    ])
  func refused(text: String, offset: Int, words: String) {
    let error = refusal(of: text)
    #expect(error?.offset == offset)
    #expect(error.map { "\($0.text)" } == words)
  }

  @Test("a bracket of the other kind does not close a container")
  func mismatchedBracket() {
    #expect(refusal(of: #"["a"}"#)?.rule == .arraySeparator)
    #expect(refusal(of: #"{"a":[]]"#)?.rule == .objectSeparator)
  }

  @Test("32 values lie in one another, and the 33rd is refused")
  func nesting() throws {
    let max = JSONReader.nestingMax
    let arrays = String(repeating: "[", count: max) + String(repeating: "]", count: max)
    _ = try rendered(arrays)
    #expect(refusal(of: "[" + arrays + "]") == JSONError(rule: .nesting, offset: max))
    let objects = String(repeating: #"{"a":"#, count: max - 1)
    _ = try rendered(objects + "1" + String(repeating: "}", count: max - 1))
    #expect(refusal(of: objects + #"{"a":1"#) == JSONError(rule: .nesting, offset: max * 5))
  }

  @Test(
    "integers are clamped to 64 bits",
    arguments: [
      ("9223372036854775807", Int64.max), ("9223372036854775808", .max), ("99999999999999999999", .max),
      ("-9223372036854775808", .min), ("-9223372036854775809", .min), ("-99999999999999999999", .min), ("-0", 0),
      ("00000000000000000000000000000042", 42),
    ])
  func integers(text: String, number: Int64) throws {
    #expect(try rendered(text) == "\(number)")
  }

  @Test(
    "escapes mean what json-c takes them for, and half a surrogate pair is U+FFFD",
    arguments: [
      (#"\"\\\/\b\t\n\f\r"#, "\"\\/\u{8}\t\n\u{c}\r"), (#"\u0041\u00e9\u20AC\ud83d\ude00"#, "Aé€😀"),
      (#"\u0000"#, "\0"), (#"\u007f\u0080\u07ff\u0800\uffff"#, "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}"),
      (#"\ud800\udc00\udbff\udfff"#, "\u{10000}\u{10ffff}"),
      (#"\ud800"#, "\u{fffd}"), (#"\ud800x"#, "\u{fffd}x"), (#"\ud800\n"#, "\u{fffd}\n"), (#"\udc00"#, "\u{fffd}"),
      (#"\ud800\u0041"#, "\u{fffd}A"), (#"\ud800\ud83d\ude00"#, "\u{fffd}😀"),
      (#"before\nand a good while after\tit"#, "before\nand a good while after\tit"),
    ])
  func escapes(text: String, meaning: String) throws {
    #expect(try rendered("\"" + text + "\"") == "\"" + meaning + "\"")
  }

  @Test("a name is compared by what it means, not by how it is written")
  func names() throws {
    for name in [#"timing"#, #"t\u0069ming"#, #"\u0074\u0069\u006d\u0069\u006e\u0067"#] {
      try read("{\"\(name)\":1}") { reader throws in
        _ = try reader.value()
        let key = try reader.nextKey()
        #expect(key?.equals("timing") == true)
        #expect(key?.equals("timinG") == false)
        #expect(key?.equals("timings") == false)
        #expect(key?.equals("") == false)
      }
    }
  }

  @Test("a string ends at its first quote, wherever in a word of eight bytes that is")
  func quotePlaces() throws {
    for count in 0..<40 {
      let inside = String(repeating: "x", count: count)
      #expect(
        try rendered("[\"\(inside)\",'\(inside)','\(inside)\\n']") == "[ \"\(inside)\" \"\(inside)\" \"\(inside)\n\" ]")
    }
  }

  @Test("a value that is skipped is checked, and what comes after it is read")
  func skipping() throws {
    try read(#"{"a":{"b":[1,[2,{}],"]}"],"c":{}},"d":7}"#) { reader throws in
      _ = try reader.value()
      _ = try reader.nextKey()
      try reader.skipValue()
      #expect(try reader.nextKey()?.equals("d") == true)
      guard case .integer(7) = try reader.value() else {
        Issue.record("not 7")
        return
      }
      #expect(try reader.nextKey() == nil)
    }
    #expect(skippingRefusal(of: #"[1,{"a":[}]]"#) == JSONError(rule: .character, offset: 9))
  }

  @Test("a text cut at any byte is refused for its end, never read past it")
  func truncation() {
    let text = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\n"],'b':{"c":/* d */{}}}"#.utf8)
    for count in 0..<text.count {
      let cut = String(decoding: text[..<count], as: UTF8.self)
      let error = refusal(of: cut)
      // Cut between the slash and the star of its comment, json-c says so instead.
      #expect(error?.rule == (cut.last == "/" && !cut.hasSuffix("*/") ? .comment : .end), "\(cut)")
      #expect(error?.offset == count, "\(cut)")
    }
  }
}

/// Lends `body` a reader over a copy of `text` that ends where it ends, so that the sanitizer sees a byte too far.
private func read<T>(_ text: String, _ body: (inout JSONReader) throws -> T) throws -> T {
  let bytes = Array(text.utf8)
  return try bytes.withUnsafeBufferPointer { bytes in
    var reader = JSONReader(bytes)
    return try body(&reader)
  }
}

private func rendered(_ text: String) throws -> String {
  try read(text) { reader throws in try rendered(&reader) }
}

private func refusal(of text: String) -> JSONError? {
  do {
    _ = try rendered(text)
    return nil
  } catch {
    return error as? JSONError
  }
}

private func skippingRefusal(of text: String) -> JSONError? {
  do {
    try read(text) { reader throws in try reader.skipValue() }
    return nil
  } catch {
    return error as? JSONError
  }
}

/// The next value with its words kept apart by spaces, for comparing.
private func rendered(_ reader: inout JSONReader) throws -> String {
  switch try reader.value() {
  case .object:
    var words = "{"
    while let key = try reader.nextKey() {
      words += " \(String(decoding: key.array, as: UTF8.self)): " + (try rendered(&reader))
    }
    return words + " }"
  case .array:
    var words = "["
    while try reader.nextElement() { words += " " + (try rendered(&reader)) }
    return words + " ]"
  case .string(let text): return "\"" + String(decoding: text.array, as: UTF8.self) + "\""
  case .integer(let number): return "\(number)"
  case .double: return "double"
  case .boolean(let truth): return "\(truth)"
  case .null: return "null"
  }
}
