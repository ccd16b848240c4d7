import CBench
import Glibc

private let captures = ["ascii", "text", "screen", "binary"]
/// What a read from a busy pty gives, and what comes of programs that write a little at a time.
private let chunks = [4096, 16]

/// Instructions of the message encoder for each byte of the fixed captures: the same on any x86-64 machine of the same
/// build, and so the figure in which a change of a few percent shows.
@Sendable func measureEncoder(_ lab: Lab) throws(BenchError) -> [Row] {
  let hasValgrind = access("/usr/bin/valgrind", X_OK) == 0
  if !hasValgrind { writeError("left out: encoder: no /usr/bin/valgrind") }
  var rows: [Row] = []
  for capture in captures {
    for chunk in chunks {
      let count = hasValgrind ? try instructionsPerByte(capture, chunk: chunk, lab) : nil
      rows.append(
        Row(
          what: "encoder, \(capture), \(chunk) B a time", unit: "instr/B", ours: count, peer: "", theirs: nil,
          aim: .none))
    }
  }
  return rows
}

private func instructionsPerByte(_ capture: String, chunk: Int, _ lab: Lab) throws(BenchError) -> Double {
  let path = "\(lab.options.captures)/\(capture).raw"
  let one = try instructions(path, chunk: chunk, times: 1, lab)
  let two = try instructions(path, chunk: chunk, times: 2, lab)
  return (two - one) / Double(fileSize(path))
}

/// Instructions that `encode-capture` executes in all, as callgrind counts them.
private func instructions(_ path: String, chunk: Int, times: Int, _ lab: Lab) throws(BenchError) -> Double {
  let count = "exec valgrind --tool=callgrind --callgrind-out-file=/dev/null \"$0\" \"$1\" \"$2\" <\"$3\""
  let program = lab.options.directory + "/encode-capture"
  let session = try Session(["/bin/sh", "-c", count, program, String(chunk), String(times), path])
  let said = try session.readAll()
  _ = try session.end()
  let collected = said.split(whereSeparator: \.isNewline).first { $0.contains("Collected") }?.split(separator: " ").last
  guard let number = collected.flatMap({ Double($0) }) else { throw BenchError("callgrind counted nothing: \(said)") }
  return number
}
