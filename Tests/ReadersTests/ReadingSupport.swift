import Events
import Foundation
import Glibc
import Readers
import TestSupport

/// A message of recording `rec`, as tlog writes it, with its LF.
func message(
  _ id: Int, rec: String = "r", pos: Int = 0, timing: String = ">1", out: String = "x", extra: String = ""
) -> String {
  #"{"ver":"2.3","host":"h","rec":"\#(rec)","user":"u","term":"xterm","session":1,"id":\#(id),"pos":\#(pos),"#
    + #""time":1700000000.000,"timing":"\#(timing)","in_txt":"","in_bin":[],"out_txt":"\#(out)","out_bin":[]\#(extra)}"#
    + "\n"
}

/// What a reader gave, as text that can be compared: output as it is, what else there was between angle brackets.
func read(_ reader: RecordingReader) -> String {
  var text = ""
  do throws(ReadError) {
    while let item = try reader.next() { text += name(of: item) }
  } catch {
    text += "<error \(error.oneLine)>"
  }
  return text
}

private func name(of item: RecordingReader.Item) -> String {
  switch item {
  case .message: ""
  case .event(let event):
    switch event.content {
    case .data(_, _, let bytes): String(decoding: bytes, as: UTF8.self)
    case .window(let window): "<\(window.columns)x\(window.rows)>"
    }
  case .gap(let loss): "<gap \(String(decoding: loss.why, as: UTF8.self))>"
  case .end: "<end>"
  case .broken(let error): "<broken \(error.oneLine)>"
  }
}

extension ReadError {
  /// Its lines with slashes between them.
  var oneLine: String { lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/") }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func fileReader(
  _ paths: [String], match: String? = nil, isLax: Bool = false, follows: Bool = false
) throws -> RecordingReader {
  RecordingReader(
    try FileSource(paths.map(bytes), follows: follows), match: match.map(bytes), isLax: isLax, follows: follows)
}

/// The error that reading a file to its end meets: its lines as tlog prints them, and its hint.
func failure(
  of path: String, match: String? = nil, isLax: Bool = false
) -> (lines: [String], hint: String?) {
  do {
    let reader = try fileReader([path], match: match, isLax: isLax)
    while try reader.next() != nil {}
    return ([], nil)
  } catch let error as ReadError {
    return (
      error.lines.map { String(decoding: $0, as: UTF8.self) }, error.hint.map { String(decoding: $0, as: UTF8.self) }
    )
  } catch {
    return (["\(error)"], nil)
  }
}

/// Waits until the source has something to read, for at most ten seconds, and has it take note.
///
/// - Returns: Whether it had.
func attend(_ source: any LineSource) throws -> Bool {
  guard let awaited = source.awaited else { return false }
  var ready = pollfd(fd: awaited, events: Int16(POLLIN), revents: 0)
  guard poll(&ready, 1, 10_000) > 0 else { return false }
  try source.attend()
  return true
}

func append(_ text: String, to path: String) throws { try append(bytes(text), to: path) }

func append(_ more: [UInt8], to path: String) throws {
  let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  try file.seekToEnd()
  try file.write(contentsOf: more)
  try file.close()
}

/// What a program wrote to standard output and standard error, its standard input an open pipe.
func run(_ program: String, _ arguments: [String], output path: String? = nil) throws -> (
  output: [UInt8], errors: String
) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  let (input, output, errors) = (Pipe(), Pipe(), Pipe())
  process.standardInput = input
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  let said = output.fileHandleForReading.readDataToEndOfFile()
  let complained = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return ([UInt8](said), String(decoding: complained, as: UTF8.self))
}
