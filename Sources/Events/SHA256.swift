/// SHA-256 (FIPS 180-4), taken in pieces: what links a message to the one before and what stands in a recording for the
/// bytes of a transfer that are not kept.
///
/// A value without memory of its own: nothing is allocated, and copying it forks the hash at that point. Written here
/// because the programs of a login link libc only. It hashes what was recorded, not secrets, and makes no attempt to
/// hide how long that takes. Names are the standard's: H the hash value, K the constants, W the message schedule.
package struct SHA256 {
  private var hashValue: InlineArray<8, UInt32> = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]  // §5.3.3
  private var pending = InlineArray<64, UInt8>(repeating: 0)
  private var pendingCount = 0
  /// Bytes taken so far. The standard ends at 2^61 bytes, which nothing here lives long enough to reach.
  package private(set) var byteCount: UInt64 = 0

  package init() {}

  /// Takes `bytes`; any cut of the same bytes into pieces gives the same digest.
  package mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
    byteCount &+= UInt64(bytes.count)
    var place = 0
    while place < bytes.count {
      if pendingCount == 0 && bytes.count &- place >= 64 {
        process(UnsafeBufferPointer(rebasing: bytes[place..<(place &+ 64)]))
        place &+= 64
      } else {
        append(bytes[place])
        place &+= 1
      }
    }
  }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { update($0) }
  }

  /// The digest of all that was taken. The hash itself is left as it was and can take more.
  package func digest() -> SHA256Digest {
    var last = self
    last.append(0x80)  // §5.1.1: a one bit, zeros to 56 of 64 bytes, then the length in bits
    while last.pendingCount != 56 { last.append(0) }
    let bitCount = byteCount &<< 3
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      last.append(UInt8(truncatingIfNeeded: bitCount &>> shift))
    }
    return SHA256Digest(words: last.hashValue)
  }

  private mutating func append(_ byte: UInt8) {
    pending[pendingCount] = byte
    pendingCount &+= 1
    if pendingCount < 64 { return }
    pendingCount = 0
    let block = pending
    block.span.withUnsafeBufferPointer { process($0) }
  }

  /// §6.2.2, the computation for one block of 64 bytes.
  private mutating func process(_ block: UnsafeBufferPointer<UInt8>) {
    let schedule = messageSchedule(block)
    var (a, b, c, d) = (hashValue[0], hashValue[1], hashValue[2], hashValue[3])
    var (e, f, g, h) = (hashValue[4], hashValue[5], hashValue[6], hashValue[7])
    for round in 0..<64 {
      let sum1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)
      let temporary1 = h &+ sum1 &+ ((e & f) ^ (~e & g)) &+ roundConstants[round] &+ schedule[round]
      let sum0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)
      let temporary2 = sum0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e) = (g, f, e, d &+ temporary1)
      (d, c, b, a) = (c, b, a, temporary1 &+ temporary2)
    }
    hashValue[0] &+= a
    hashValue[1] &+= b
    hashValue[2] &+= c
    hashValue[3] &+= d
    hashValue[4] &+= e
    hashValue[5] &+= f
    hashValue[6] &+= g
    hashValue[7] &+= h
  }
}

/// W of §6.2.2, step 1.
@inline(__always)
private func messageSchedule(_ block: UnsafeBufferPointer<UInt8>) -> InlineArray<64, UInt32> {
  var schedule = InlineArray<64, UInt32>(repeating: 0)
  for word in 0..<16 {
    let place = word &* 4
    schedule[word] =
      UInt32(block[place]) &<< 24 | UInt32(block[place &+ 1]) &<< 16
      | UInt32(block[place &+ 2]) &<< 8 | UInt32(block[place &+ 3])
  }
  for word in 16..<64 {
    let (near, far) = (schedule[word &- 2], schedule[word &- 15])
    let sigma1 = rotr(near, 17) ^ rotr(near, 19) ^ (near &>> 10)
    let sigma0 = rotr(far, 7) ^ rotr(far, 18) ^ (far &>> 3)
    schedule[word] = sigma1 &+ schedule[word &- 7] &+ sigma0 &+ schedule[word &- 16]
  }
  return schedule
}

@inline(__always)
private func rotr(_ word: UInt32, _ count: UInt32) -> UInt32 { (word &>> count) | (word &<< (32 &- count)) }

/// K of §4.2.2.
private let roundConstants: InlineArray<64, UInt32> = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
  0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
  0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
  0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
  0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
  0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
  0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]

/// The 32 bytes that SHA-256 gives.
package struct SHA256Digest: Equatable {
  private let words: InlineArray<8, UInt32>

  fileprivate init(words: InlineArray<8, UInt32>) { self.words = words }

  /// Byte `index` of 0 to 31.
  package subscript(_ index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: words[(index &>> 2) & 7] &>> (24 &- 8 &* UInt32(truncatingIfNeeded: index & 3)))
  }

  package static func == (one: SHA256Digest, other: SHA256Digest) -> Bool {
    for index in 0..<8 where one.words[index] != other.words[index] { return false }
    return true
  }

  /// Appends the 43 characters of base64url (RFC 4648 §5) without padding: the form of digests in messages.
  package func appendBase64URL(to text: inout ByteBuilder) {
    for place in stride(from: 0, to: 30, by: 3) {
      let group = UInt32(self[place]) &<< 16 | UInt32(self[place &+ 1]) &<< 8 | UInt32(self[place &+ 2])
      for shift in stride(from: UInt32(18), through: 0, by: -6) { text.append(base64URLCharacter(group &>> shift)) }
    }
    let group = UInt32(self[30]) &<< 16 | UInt32(self[31]) &<< 8
    for shift in stride(from: UInt32(18), through: 6, by: -6) { text.append(base64URLCharacter(group &>> shift)) }
  }
}

/// The character for the lowest six bits of `bits`.
private func base64URLCharacter(_ bits: UInt32) -> UInt8 {
  let value = UInt8(truncatingIfNeeded: bits & 63)
  switch value {
  case 0..<26: return UInt8(ascii: "A") &+ value
  case 26..<52: return UInt8(ascii: "a") &+ value &- 26
  case 52..<62: return UInt8(ascii: "0") &+ value &- 52
  case 62: return UInt8(ascii: "-")
  default: return UInt8(ascii: "_")
  }
}
