import Foundation
import TestSupport
import Testing

/// The pages in a real browser: `Tests/PagesTests` drives Chromium against a stenod of its own.
@Suite("the pages in a browser", .serialized) struct PagesTests {
  /// What the tests of the pages are sorted by; each has a centre of its own.
  enum Area: String, CaseIterable, CustomTestStringConvertible {
    case list, player, live, session, access

    var testDescription: String { rawValue }
  }

  private static let folder = Surroundings.checkout.appending(path: "Tests/PagesTests").path
  /// Playwright, as tools/fetch puts it.
  private static let modules = Surroundings.checkout.appending(path: ".build-browser").path
  private static let canRun =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")
    && FileManager.default.fileExists(atPath: modules + "/playwright")

  @Test(
    "every behaviour of the pages holds in Chromium",
    .enabled(if: canRun, "needs Chromium and Playwright: tools/deps test"),
    arguments: Area.allCases)
  func holds(area: Area) async throws {
    let centre = try await Centre()
    let program = try DrivenProgram(
      onPipes: [
        "/usr/bin/python3", Self.folder + "/run.py", Centre.program, centre.directory.file("data"), centre.url,
        centre.directory.path, area.rawValue,
      ], environment: ["PYTHONPATH": Self.modules, "HOME": centre.directory.path])
    // A line a test: each has the patience of a test of its own.
    var lineCount = 0
    while !program.text.hasSuffix(" failed\n") {
      do {
        try await program.expect("\n")
      } catch {
        Issue.record("ended or hung after \(lineCount) lines: \(program.text)\n\(program.errorText)")
        return
      }
      lineCount += 1
    }
    try await program.end()
    #expect(program.text.hasSuffix("\n0 failed\n"), "\(program.text)\n\(program.errorText)")
    #expect(lineCount > 3)
  }
}
