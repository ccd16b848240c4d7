import Events
import Glibc
import SystemCalls

/// The files that logrotate(8) made of `path`, oldest first, and then `path` itself.
///
/// Those are `path.N`, the higher the number the older, and `path-YYYYMMDD` with whatever digits and dashes follow, each
/// perhaps with `.gz` or `.zst` behind. Dated ones, of which one file mostly has no numbered ones beside, come first.
package func rotatedSet(of path: [UInt8]) -> [[UInt8]] {
  let name = path[(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
  let prefix = path[..<name.startIndex]
  var numbered: [(number: Int, path: [UInt8])] = []
  var dated: [[UInt8]] = []
  for other in names(in: directory(of: path)) where other.starts(with: name) && other.count > name.count {
    let mark = withoutCompression(other[name.count...])
    let digits = mark.dropFirst()
    if mark.first == UInt8(ascii: "."), let number = Int(String(decoding: digits, as: UTF8.self)), number >= 0 {
      numbered.append((number, prefix + other))
    } else if mark.first == UInt8(ascii: "-"), digits.count >= 8, digits.allSatisfy(isDigitOrDash) {
      dated.append(prefix + other)
    }
  }
  numbered.sort { $0.number > $1.number }
  dated.sort { $0.lexicographicallyPrecedes($1) }
  return dated + numbered.map(\.path) + [path]
}

private func isDigitOrDash(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 || byte == UInt8(ascii: "-") }

private func withoutCompression(_ mark: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  for ending in [bytes(".gz"), bytes(".zst")] where mark.suffix(ending.count).elementsEqual(ending) {
    return mark.dropLast(ending.count)
  }
  return mark
}

/// The names in a directory; none when it cannot be read: the file itself is then what there is.
private func names(in directory: [UInt8]) -> [[UInt8]] {
  guard let stream = withCString(directory, { opendir($0) }) else { return [] }
  defer { closedir(stream) }
  var names: [[UInt8]] = []
  while let entry = readdir(stream) {
    // The name lies at the end of a record that is as long as it needs, so that it is read where it lies.
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    let start = UnsafeRawPointer(entry) + offset
    names.append(SystemCalls.bytes(ofC: start.assumingMemoryBound(to: CChar.self)))
  }
  return names
}
