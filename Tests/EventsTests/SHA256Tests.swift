import Events
import Foundation
import TestSupport
import Testing

@Suite struct SHA256Tests {
  /// FIPS 180-4 examples (csrc.nist.gov, SHA256.pdf) and the vectors of NIST's CAVP short-message file.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func `the digests of NIST's examples come out`(text: String, expected: String) {
    #expect(hex(digest(of: Array(text.utf8))) == expected)
  }

  @Test func `a million times the letter a gives NIST's digest`() {
    var hash = SHA256()
    let thousand = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000)
    for _ in 0..<1_000 { hash.update(thousand) }
    #expect(hash.byteCount == 1_000_000)
    #expect(hex(hash.digest()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func `bytes taken in any pieces give the digest of the whole`() {
    var random = SeededNumbers()
    for _ in 0..<200 {
      let bytes = (0..<random.below(700)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var pieces = SHA256()
      var place = 0
      while place < bytes.count {
        let end = min(bytes.count, place + random.below(150))
        pieces.update(Array(bytes[place..<end]))
        place = end
      }
      #expect(pieces.digest() == digest(of: bytes), "seed \(random.seed), \(bytes.count) bytes")
      #expect(pieces.byteCount == UInt64(bytes.count))
    }
  }

  @Test func `asking for the digest changes nothing, and more can be taken after`() {
    var hash = SHA256()
    hash.update(Array("ab".utf8))
    let early = hash.digest()
    #expect(early == hash.digest())
    #expect(early == digest(of: Array("ab".utf8)))
    hash.update(Array("c".utf8))
    #expect(hash.digest() == digest(of: Array("abc".utf8)))
    #expect(hash.digest() != early)
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sha256sum"),
      "needs /usr/bin/sha256sum (coreutils)"))
  func `every length about the edges of a block agrees with sha256sum`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sha256-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }  // a left-over folder of zeros harms nobody

    let lengths = Array(0...130) + [447, 448, 4_095, 4_096, 65_537]
    for length in lengths { try Data(pattern(length)).write(to: folder.appending(path: "\(length)")) }
    let listing = try output(of: "/usr/bin/sha256sum", lengths.map { "\($0)" }, in: folder)
    let expected = listing.split(separator: "\n").map { String($0.prefix(64)) }

    #expect(expected.count == lengths.count)
    for (length, line) in zip(lengths, expected) {
      #expect(hex(digest(of: pattern(length))) == line, "\(length) bytes")
    }
  }

  @Test func `the text of a digest is base64url without padding`() {
    var text = ByteBuilder(capacity: 64)
    for length in 0..<300 {
      text.clear()
      let digest = digest(of: pattern(length))
      digest.appendBase64URL(to: &text)
      let expected = Data((0..<32).map { digest[$0] }).base64EncodedString()
        .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
      #expect(String(decoding: text.array, as: UTF8.self) == expected)
    }
  }
}

private func digest(of bytes: [UInt8]) -> SHA256Digest {
  var hash = SHA256()
  hash.update(bytes)
  return hash.digest()
}

private func hex(_ digest: SHA256Digest) -> String {
  (0..<32).map { String(format: "%02x", digest[$0]) }.joined()
}

private func pattern(_ length: Int) -> [UInt8] {
  (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}

private func output(of program: String, _ arguments: [String], in folder: URL) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.currentDirectoryURL = folder
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = try #require(try pipe.fileHandleForReading.readToEnd())
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
  return String(decoding: data, as: UTF8.self)
}
