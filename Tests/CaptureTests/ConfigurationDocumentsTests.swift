import Capture
import Foundation
import Options
import Testing

private func document(_ path: String) -> String {
  let tree = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
  return (try? String(contentsOf: tree.appending(path: path), encoding: .utf8)) ?? ""
}

private func name(_ program: Program) -> String { words([[UInt8](program.name)])[0] }

/// The displayed examples of a manual page, each as its lines.
private func examples(in page: String) -> [String] {
  page.components(separatedBy: ".Bd -literal -offset indent\n").dropFirst().map {
    $0.components(separatedBy: ".Ed\n")[0].replacing("\\-", with: "-").replacing("\\e", with: "\\")
  }
}

@Suite struct `Documents of configuration` {
  @Test(arguments: [Program.rec, .session])
  func `the manual pages tell of every option and key`(program: Program) {
    let pages = [document("docs/man/\(name(program)).8"), document("docs/man/\(name(program)).conf.5")]
    for option in OptionTable.rows(for: program) {
      let long = words([option.longName])[0].replacing("-", with: "\\-")
      if option.isOption { #expect(pages[0].contains("Fl \\-\(long)")) }
      let section = words([[UInt8](option.section)])[0]
      let key = words([[UInt8](option.name)])[0]
      if option.origin == .file { #expect(pages[1].contains(".It Cm \(section.isEmpty ? "" : section + ".")\(key)\n")) }
    }
  }

  @Test(arguments: [Program.rec, .session])
  func `the configuration in a manual page is a good one`(program: Program) {
    let texts = examples(in: document("docs/man/\(name(program)).conf.5"))
    #expect(texts.count == 1)
    for text in texts {
      var scene = ConfigurationScene(program: program, arguments: [name(program)])
      scene.files[words([program.description.systemPath])[0]] = text
      #expect(scene.errors == [])
      #expect(scene.settings != nil)
    }
  }

  @Test func `the command lines in tlog-rec's manual page are good ones`() {
    let lines = examples(in: document("docs/man/tlog-rec.8")).flatMap { $0.split(separator: "\n") }
    #expect(lines.count == 3)
    for line in lines {
      let scene = ConfigurationScene(arguments: line.split(separator: " ").map(String.init))
      #expect(scene.errors == [])
    }
  }

  @Test(arguments: [Program.rec, .session])
  func `the installed defaults are what is built in, and the administrator's file sets nothing`(program: Program) {
    var scene = ConfigurationScene(program: program, arguments: [name(program), "--configuration"])
    let builtIn = scene.output
    scene.files[words([program.description.defaultPath])[0]] = document("share/tlog/\(name(program)).default.conf")
    scene.files[words([program.description.systemPath])[0]] = document("share/tlog/\(name(program)).conf")
    #expect(scene.files.values.allSatisfy { $0.hasPrefix("//") })
    #expect(builtIn != nil)
    #expect(scene.output == builtIn)
  }

  @Test(arguments: [Program.rec, .session])
  func `the installed files name every key that they may set`(program: Program) {
    let files = ["share/tlog/\(name(program)).default.conf", "share/tlog/\(name(program)).conf"].map(document)
    for option in OptionTable.rows(for: program) where option.origin == .file {
      for file in files { #expect(file.contains(" \"\(words([[UInt8](option.name)])[0])\":")) }
    }
  }
}
