import Events
import Readers
import TestSupport
import Testing

struct SpoolTests {
  private static let salt: UInt32 = 0x5eed_0001
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  /// A spool file's header, and its frames one by one.
  private static func frames() -> (header: [UInt8], frames: [[UInt8]]) {
    let encoder = SpoolEncoder(salt: salt)
    func frame(_ build: (inout ByteBuilder) -> Void) -> [UInt8] {
      var bytes = ByteBuilder(capacity: 64)
      build(&bytes)
      return bytes.array
    }
    let header = frame {
      SpoolHeader(salt: salt, madeAtMilliseconds: 1_700_000_000_000, recording: bytes("r")).append(to: &$0)
    }
    let start = frame {
      encoder.append(
        RecordingHeader(
          host: bytes("h"), recording: bytes("r"), user: bytes("u"), terminal: bytes("xterm"), session: 7,
          startMilliseconds: 1_700_000_000_000),
        SessionStart(user: 1, loginUser: 1, parent: [], terminal: [], command: [], trust: [], terminalGuard: []),
        at: 0, to: &$0)
    }
    let data = ["one ", "two ", "three ", "four "].enumerated().map { place, text in
      frame { frame in
        bytes(text).withUnsafeBufferPointer {
          encoder.append($0, .output, at: UInt64(place + 1) * 1_000_000_000, to: &frame)
        }
      }
    }
    let end = frame {
      encoder.append(
        SessionEnd(outcome: .exit(code: 0), why: .exit, inputByteCount: 0, outputByteCount: 19),
        transfer: bytes("{\"a\":1}"), at: 5_000_000_000, to: &$0)
    }
    return (header, [start] + data + [end])
  }

  @Test("a whole spool file reads as its recording, and one can go back in it")
  func whole() throws {
    let (header, frames) = Self.frames()
    let reader = try fileReader([try scratch.write("spool", header + frames.joined())])
    let start = reader.position
    #expect(read(reader) == "one two three four <end>")
    try reader.seek(to: start)
    guard case .message(let message)? = try reader.next() else {
      Issue.record("no message")
      return
    }
    #expect(message.user.array == bytes("u"))
    #expect(message.session == 7)
  }

  @Test("cut at every byte behind its header, every whole frame is read, and what is torn is a gap")
  func cuts() throws {
    let (header, frames) = Self.frames()
    let body = frames.joined()
    let words = ["", "one ", "two ", "three ", "four ", "<end>"]
    for count in 0...body.count {
      let path = try scratch.write("spool", header + body.prefix(count))
      var (expected, rest) = ("", count)
      for (frame, word) in zip(frames, words) where rest >= 0 {
        if rest >= frame.count { expected += word }
        if rest > 0 && rest < frame.count { expected += "<gap torn>" }
        rest -= frame.count
        if rest <= 0 { break }
      }
      #expect(read(try fileReader([path])) == expected, "cut at \(count)")
    }
  }

  @Test("any changed byte in a frame makes a gap there, and the other frames are read")
  func damage() throws {
    let (header, frames) = Self.frames()
    for place in frames[2].indices {
      var changed = frames
      changed[2][place] ^= 0x41
      let path = try scratch.write("spool", header + changed.joined())
      #expect(read(try fileReader([path])) == "one <gap damaged>three four <end>", "byte \(place)")
    }
  }

  @Test("followed: frames are read as they are whole, and half a frame is waited for")
  func following() throws {
    let (header, frames) = Self.frames()
    let path = try scratch.write("spool", header + frames[0] + frames[1] + frames[2].prefix(10))
    let source = try FileSource([bytes(path)], follows: true)
    let reader = RecordingReader(source, match: nil, isLax: false, follows: true)
    #expect(read(reader) == "one ")
    try append(frames[2].dropFirst(10) + frames[3], to: path)
    #expect(try attend(source))
    #expect(read(reader) == "two three ")
    try append(frames[4] + frames[5], to: path)
    #expect(try attend(source))
    #expect(read(reader) == "four <end>")
  }

  @Test("a header that is damaged, or of another version, is said")
  func headers() throws {
    let (header, frames) = Self.frames()
    var changed = header
    changed[20] ^= 1
    let path = try scratch.write("spool", changed + frames.joined())
    #expect(failure(of: path).lines == ["The spool file's header is damaged", "Failed creating log source"])
    changed[8] = 9
    try scratch.write("spool", changed + frames.joined())
    #expect(failure(of: path).lines == ["The spool file has unsupported version 9", "Failed creating log source"])
  }
}
