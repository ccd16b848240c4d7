import Glibc

/// Size in bytes; 0 when there is no such file.
func fileSize(_ path: String) -> Int {
  var information = stat()
  return stat(path, &information) == 0 ? Int(information.st_size) : 0
}

/// The lines of a small file, of `/proc` too; none when it cannot be read.
func lines(ofFile path: String) -> [Substring] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  if descriptor < 0 { return [] }
  defer { close(descriptor) }
  var content: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = read(descriptor, &part, part.count)
    if count <= 0 { break }
    content += part[..<count]
  }
  return String(decoding: content, as: UTF8.self).split(separator: "\n")
}

/// Progress and complaints, so that standard output holds the rows and nothing else.
func writeError(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(2, bytes, bytes.count)
}
