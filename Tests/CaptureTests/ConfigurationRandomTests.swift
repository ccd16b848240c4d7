import Capture
import Events
import Options
import TestSupport
import Testing

/// Pieces that configurations are made of, and some that they are not.
private let pieces = [
  "{", "}", "[", "]", ",", ":", " ", "\n", "\"", "'", "\\", "\\u0000", "\\ud800", "//", "/*", "*/", "\u{0}", "é",
  "null",
  "true", "0", "-1", "1.5", "99999999999999999999", "\"latency\":", "\"payload\":", "\"log\":{", "\"input\":",
  "\"limit\":{",
  "\"rate\":", "\"action\":", "\"delay\"", "\"writer\":", "\"journal\"", "\"secret-prompts\":[", "\"x\"", "\"shell\":",
  "\"notice\":", "\"file\":{", "\"path\":", "\"on-failure\":",
]

private let arguments = [
  "", "-", "--", "-c", "-l", "-i", "-lc", "-x", "-o", "/x", "-w", "file", "--", "--l", "--log-input", "--log-input=",
  "--log-input=no", "--latency", "--latency=5", "--payload=64", "--payload=x", "--configuration", "--co", "--help=no",
  "--=", "--=x", "-=", "--latency=-", "--limit-rate=0", "--limit-action=delay", "--transfers=off", "--on", "é", "\u{1}",
]

@Suite struct `Any configuration` {
  /// What is asked of each answer: it is one, and an error has a reason.
  @Test func `any environment, files and command line are answered, and what is taken is within bounds`() {
    var numbers = SeededNumbers()
    let seed = numbers.seed
    var recordedCount = 0
    for _ in 0..<4000 {
      let scene = randomScene(&numbers)
      do throws(Failure) {
        guard case .record(let settings) = try scene.invocation() else { continue }
        recordedCount += 1
        #expect((32...Settings.payloadByteCountMax).contains(settings.payloadByteCount), "seed \(seed)")
        #expect((1...Settings.numberMax).contains(settings.latencySeconds), "seed \(seed)")
        #expect(settings.limit.action != .delay || settings.limit.rate > 0, "seed \(seed)")
        #expect(settings.secretPrompts.allSatisfy { !$0.isEmpty }, "seed \(seed)")
        let command = scene.shellCommand()
        #expect(command?.arguments.isEmpty == false, "seed \(seed)")
      } catch {
        #expect(!error.lines.isEmpty, "seed \(seed)")
      }
    }
    #expect(recordedCount > 100, "seed \(seed)")
  }

  private func randomScene(_ numbers: inout SeededNumbers) -> ConfigurationScene {
    let program = numbers.below(2) == 0 ? Program.rec : .session
    var scene = ConfigurationScene(program: program, arguments: ["x-shell-a\\", "-x", "/"].shuffled(using: &numbers))
    scene.arguments.removeLast(numbers.below(4))
    scene.isPrivileged = numbers.below(4) == 0
    for _ in 0..<numbers.below(5) { scene.arguments.append(arguments[numbers.below(arguments.count)]) }
    if numbers.below(2) == 0 { scene.files[words([program.description.systemPath])[0]] = randomText(&numbers) }
    if numbers.below(2) == 0 {
      let name = words([[UInt8](program.description.variables.text!)])[0]
      scene.environment.append("\(name)=\(randomText(&numbers))")
    }
    return scene
  }

  /// Half of the texts are objects as far as their first and last byte go.
  private func randomText(_ numbers: inout SeededNumbers) -> String {
    let text = (0..<numbers.below(8)).map { _ in pieces[numbers.below(pieces.count)] }.joined()
    return numbers.below(2) == 0 ? "{\(text)}" : text
  }
}
