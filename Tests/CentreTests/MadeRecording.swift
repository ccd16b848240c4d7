import Identity

/// Messages of a recording as an agent would send them, one after the other.
struct MadeRecording {
  let host: String
  let rec: String
  /// All that were made, without LF.
  private(set) var lines: [[UInt8]] = []
  private(set) var hashes: [String] = []
  private(set) var isEnded = false
  private var offset = 0

  init(host: String = "h1", rec: String) {
    self.host = host
    self.rec = rec
  }

  var id: RecordingID { RecordingID(host: Array(host.utf8), rec: Array(rec.utf8)) }

  /// The next message, with its LF. `text` needs no escaping.
  mutating func next(_ text: String) -> [UInt8] {
    add(
      #""timing":">\#(text.count)","in_txt":"","in_bin":[],"out_txt":"\#(text)","out_bin":[]"#, kind: "", fields: "")
  }

  mutating func end() -> [UInt8] {
    isEnded = true
    return add(
      #""timing":"","in_txt":"","in_bin":[],"out_txt":"","out_bin":[]"#, kind: #","kind":"end""#,
      fields: #","exit":0,"why":"exit","in_bytes":0,"out_bytes":0"#)
  }

  private mutating func add(_ data: String, kind: String, fields: String) -> [UInt8] {
    let number = lines.count + 1
    offset += 10 + data.utf8.count
    let line = Array(
      (#"{"ver":"2.4","host":"\#(host)","rec":"\#(rec)","user":"ada","term":"xterm","session":1,"id":\#(number),"#
        + #""pos":\#(number),"time":1700000000.000,"# + data + kind
        + #","prev":"\#(hashes.last ?? "")","off":\#(offset)"# + fields + "}").utf8)
    lines.append(line)
    hashes.append(line.withUnsafeBufferPointer { linkHash(of: $0) })
    return line + [UInt8(ascii: "\n")]
  }
}
