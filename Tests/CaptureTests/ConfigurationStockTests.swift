import Capture
import Foundation
import Options
import Testing

/// What tlog's own recorders answered, and what ours must answer, byte for byte.
///
/// `Vectors/stock-configuration.txt` was taken from Debian 12's tlog 12.1-2 with the configuration files that it ships,
/// in a mount namespace where a case has others. A case begins with `>`, which of the two recorders it was, and the name
/// that it was called by; `-` is an argument, `=` an environment variable, `d` the text of PROGRAM.default.conf, `s` that of PROGRAM.conf; `o` is
/// standard output with line ends and indentation taken out, `e` a line of standard error. `USAGE` stands for the text
/// of `--help`, which has a test of its own.
struct StockCase: CustomTestStringConvertible, Sendable {
  var scene: ConfigurationScene
  var output: String?
  var errors: [String] = []

  var testDescription: String {
    (scene.environment + scene.arguments).joined(separator: " ")
      + fixedFiles.map { " \($0.key)=\($0.value)" }.sorted().joined()
  }

  /// What the case has in the place of the two files whose place is fixed.
  var fixedFiles: [String: String] { scene.files.filter { !$0.key.hasPrefix("/c/") } }

  static let all: [StockCase] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/stock-configuration.txt")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    return text.split(separator: "\n> ").map { StockCase(String($0)) }
  }()

  private init(_ text: String) {
    let lines = text.split(separator: "\n")
    let heading = lines[0].trimmingPrefix("> ").split(separator: " ", maxSplits: 1)
    scene = ConfigurationScene(program: heading[0] == "rec" ? .rec : .session, arguments: [String(heading[1])])
    scene.files = ["/c/ok": #"{"latency":3}"#, "/c/foo": #"{"foo":1}"#, "/c/brace": "{", "/c/empty": ""]
    for line in lines.dropFirst() {
      let value = String(line.dropFirst(2))
      switch line.first {
      case "-": scene.arguments.append(value)
      case "=": scene.environment.append(value)
      case "d": scene.files[words([scene.program.description.defaultPath])[0]] = value
      case "s": scene.files[words([scene.program.description.systemPath])[0]] = value
      case "o": output = value
      default: errors.append(value)
      }
    }
  }
}

/// What `--configuration` prints without the keys that tlog lacks, its line ends and its indentation.
private func compact(_ output: String) -> String {
  var lines = output.split(separator: "\n").map { $0.drop { $0 == " " } }
  if let start = lines.firstIndex(of: "\"agent\":{"), let end = lines[start...].firstIndex(of: "},") {
    lines.removeSubrange(start...end)
  }
  while let next = lines.dropFirst().first, ["\"on-failure\"", "\"transfers\""].contains(where: next.hasPrefix) {
    lines.remove(at: 1)
  }
  if lines.count > 1, lines[1] == "\"secret-prompts\":[", let end = lines.firstIndex(of: "],") {
    lines.removeSubrange(1...end)
  }
  return lines.joined()
}

/// The configuration files that are installed, as files of a scene.
private let installedFiles: [String: String] = {
  let share = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../share/tlog")
  var files: [String: String] = [:]
  for program in [Program.rec, .session] {
    for path in words([program.description.defaultPath, program.description.systemPath]) {
      let file = share.appending(path: path.split(separator: "/").last ?? "")
      files[path] = try? String(contentsOf: file, encoding: .utf8)
    }
  }
  return files
}()

@Suite struct `Configuration beside tlog's own` {
  @Test func `there are cases and installed files`() {
    #expect(StockCase.all.count == 151)
    #expect(installedFiles.count == 4)
  }

  @Test(arguments: StockCase.all.filter { $0.fixedFiles.isEmpty })
  func `without any file a call is answered with tlog's bytes`(_ stock: StockCase) {
    expect(stock, stock.scene)
  }

  @Test(arguments: StockCase.all)
  func `with the installed files a call is answered with tlog's bytes`(_ stock: StockCase) {
    var scene = stock.scene
    scene.files.merge(installedFiles) { given, _ in given }
    expect(stock, scene)
  }

  private func expect(_ stock: StockCase, _ scene: ConfigurationScene) {
    var errors = scene.errors
    if let usage = errors.firstIndex(where: { $0.hasPrefix("Usage: ") }) { errors[usage] = "USAGE" }
    #expect(errors == stock.errors)
    #expect(scene.output.map(compact) == stock.output)
  }
}
