// Feeds a recorder with configurations that libFuzzer makes up, as a caller's environment would.
//
// What must hold for any text: it is refused in at least two lines, or the settings lie in their ranges. And what
// `--configuration` prints, read as a configuration, prints the same.

import Capture
import Events
import Options

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // The first byte says for which of the two recorders it is, and for what; the environment ends a variable at NUL.
  let input = UnsafeBufferPointer(start: data, count: count)
  guard let first = input.first else { return 0 }
  let program: Program = first & 1 == 0 ? .rec : .session
  let text = [UInt8](input.dropFirst().prefix { $0 != 0 })
  if first & 2 == 0 { print(program, text) } else { record(program, text) }
  return 0
}

private func print(_ program: Program, _ text: [UInt8]) {
  switch outcome(program, text, "--configuration") {
  case .failure(let failure): precondition(failure.lines.count >= 2, "refused in too few lines")
  case .success(.record): preconditionFailure("recorded when asked to print")
  case .success(.print(let printed)):
    guard case .success(.print(printed)) = outcome(program, withoutCommandLine(printed), "--configuration") else {
      preconditionFailure("what is printed does not say the same")
    }
  }
}

private func record(_ program: Program, _ text: [UInt8]) {
  switch outcome(program, text) {
  case .failure(let failure): precondition(!failure.lines.isEmpty, "refused without a word")
  case .success(.print): preconditionFailure("printed when asked to record")
  case .success(.record(let settings)): check(settings)
  }
}

/// Cuts off what a printed configuration says of the command line, which is no configuration.
private func withoutCommandLine(_ printed: [UInt8]) -> [UInt8] {
  let end = ",\n  \"configuration\":true,\n  \"args\":[\n  ]\n}\n".utf8
  precondition(printed.suffix(end.count).elementsEqual(end), "no sign of the option")
  return printed.dropLast(end.count) + [UInt8(ascii: "}")]
}

private func outcome(_ program: Program, _ text: [UInt8], _ option: String...) -> Result<Invocation, Capture.Failure> {
  let name = program == .rec ? "TLOG_REC_CONF_TEXT=" : "TLOG_REC_SESSION_CONF_TEXT="
  let sources = ConfigurationSources(
    program: program, environment: [Array(name.utf8) + text], isPrivileged: false, readFile: { _ in nil })
  do throws(Capture.Failure) {
    let name = program == .rec ? "tlog-rec" : "tlog-rec-session"
    return .success(try Invocation.make(from: sources, arguments: ([name] + option).map { Array($0.utf8) }))
  } catch {
    return .failure(error)
  }
}

private func check(_ settings: Settings) {
  precondition(settings.latencySeconds >= 1 && settings.latencySeconds <= Settings.numberMax, "latency")
  precondition(
    settings.payloadByteCount >= MessageEncoder.payloadByteCountMin
      && settings.payloadByteCount <= MessageEncoder.payloadByteCountMax, "payload")
  precondition(settings.limit.rate >= 0 && settings.limit.burst >= 0, "limit")
  if case .file(let path) = settings.writer { precondition(!path.contains(0), "path") }
}
