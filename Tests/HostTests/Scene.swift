import Foundation
import TestSupport
import Testing

/// Whose recorder a scene plays with. Each rule is asked of both: the stock one shows that the test can fail.
enum Recorder: String, CaseIterable, Sendable {
  case steno, stock
}

/// What one test found against a rule, and who was meant to keep it.
///
/// Steno keeps each rule. Where stock tlog is known to break it, the same test must find it broken there: that shows that
/// the test can tell the difference.
struct Verdict {
  private var broken: [String] = []

  /// Notes that the rule is broken, in the words of `fault`, unless `holds`.
  mutating func require(_ holds: Bool, _ fault: @autoclosure () -> String) {
    if !holds { broken.append(fault()) }
  }

  /// - Parameter stockBreaksIt: False for the cases in which stock tlog keeps the rule too.
  func check(
    _ recorder: Recorder, _ scene: Scene.Outcome, stockBreaksIt: Bool = true,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if recorder == .steno || !stockBreaksIt {
      #expect(broken == [], "\(scene.summary)", sourceLocation: sourceLocation)
    } else {
      #expect(broken != [], "stock tlog keeps this rule here; \(scene.summary)", sourceLocation: sourceLocation)
    }
  }
}

/// One test's part of the test system: a recorder, a configuration, two people, a directory, and a mount namespace.
///
/// Scripts are bash, run as root with Tests/HostRoot/scene.sh sourced. They find `$person` and `$other` (logins with the
/// recorder as their shell), `$dir/log` (the recorder's own), `$dir/out` (open to all), and everything in scene.sh.
struct Scene: Sendable {
  let recorder: Recorder
  /// The keys that differ from a plain recording to `$dir/log/recording`, with no notice and a latency of 1 s.
  var settings: [String: any Sendable] = [:]
  /// The same, for ``Recorder/steno`` only: stock tlog refuses keys it does not know.
  var ownSettings: [String: any Sendable] = [:]

  init(
    _ recorder: Recorder, settings: [String: any Sendable] = [:], ownSettings: [String: any Sendable] = [:]
  ) {
    self.recorder = recorder
    self.settings = settings
    self.ownSettings = ownSettings
  }

  /// What a script did.
  struct Outcome: Sendable {
    let status: Int32
    let output: [UInt8]
    let errors: String
    /// What was recorded to `$dir/log/recording`, in the order of their first messages.
    let recordings: [Recording]
    /// Lines there that are not whole messages.
    let brokenLineCount: Int
    /// The people of the scene.
    let person: String
    let other: String
    let system: TestSystem.Running
    let directory: String

    var text: String { String(decoding: output, as: UTF8.self) }

    /// All that was recorded, one recording after the other.
    var recorded: String { recordings.map(\.text).joined() }

    /// Whether what was shown last is what was recorded, and the line end that a recorder writes when it leaves a terminal.
    /// Before it may come what the way in had to say.
    var endsAsRecorded: Bool {
      !recorded.isEmpty && (text.hasSuffix(recorded + "\n") || text.hasSuffix(recorded + "\r\n"))
    }

    /// For a failing test: what happened, shortened.
    var summary: String {
      let parts = [
        "status \(status)", "shown \(text.suffix(2000).debugDescription)",
        "errors \(errors.suffix(2000).debugDescription)",
        "\(recordings.count) recordings \(recorded.suffix(2000).debugDescription)", "\(brokenLineCount) broken lines",
      ]
      return parts.joined(separator: ", ")
    }

    /// The text of a file in `$dir`; empty when there is none.
    func file(_ name: String) -> String {
      let data = (try? Data(contentsOf: system.file("\(directory)/\(name)"))) ?? Data()
      return String(decoding: data, as: UTF8.self)
    }

    /// Lines `NAME RESULT` of an attack program, as a dictionary.
    func results(_ name: String) -> [String: String] {
      var results: [String: String] = [:]
      for line in file(name).split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 1)
        if words.count == 2 { results[String(words[0])] = String(words[1]) }
      }
      return results
    }
  }

  /// Runs `script` to its end. Ten minutes end one that hangs.
  func run(_ script: String) async throws -> Outcome {
    let system = try await TestSystem.shared.running()
    let place = await Stages.shared.enter()
    defer { Task { await Stages.shared.leave() } }
    let directory = "/var/tests/\(place)"
    let (person, other) = ("p\(place * 2 - 1)", "p\(place * 2)")
    let environment = [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "TERM=xterm",
      "dir=\(directory)", "recorder=\(recorder.rawValue)", "person=\(person)", "other=\(other)",
      "configuration=\(configuration(directory))",
    ]
    let ran = try await Command.run(
      "/usr/bin/nsenter",
      ["-t", String(system.firstProcess), "-a", "--", "env", "-i"] + environment + [
        // The threads of this process have signals blocked, which the programs of a login would inherit.
        "inherit", "clean", "--", "unshare", "--mount", "--propagation", "private", "timeout", "-k", "2", "600",
        "/bin/bash", "-c",
        "cd /; . /usr/lib/steno-tests/scene.sh\n" + script,
      ])
    let log = (try? Data(contentsOf: system.file("\(directory)/log/recording"))) ?? Data()
    let lines = [UInt8](log).split(separator: UInt8(ascii: "\n")).map { [UInt8]($0) }
    let whole = lines.filter { $0.last == UInt8(ascii: "}") }
    return Outcome(
      status: ran.status, output: [UInt8](ran.output), errors: String(decoding: ran.errors, as: UTF8.self),
      recordings: try Recording.read(whole, allowingHoles: recorder == .stock),
      brokenLineCount: lines.count - whole.count, person: person, other: other,
      system: system, directory: directory)
  }

  private func configuration(_ directory: String) -> String {
    var all: [String: Any] = [
      "writer": "file", "file": ["path": "\(directory)/log/recording"], "notice": "", "latency": 1,
    ]
    for (key, value) in settings { all[key] = value }
    if recorder == .steno { for (key, value) in ownSettings { all[key] = value } }
    let json = try? JSONSerialization.data(withJSONObject: all, options: [.sortedKeys])
    return String(decoding: json ?? Data(), as: UTF8.self)
  }
}

/// How many scenes play at once, and which people they have: no two scenes of a run share a person.
actor Stages {
  static let shared = Stages()

  /// Most of a scene is waiting for logins.
  private static let countMax = 2 * Turns.countMax
  /// Half of the people in the tree.
  private static let sceneCountMax = 300

  private var playing = 0
  private var entered = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// - Returns: The scene's number, from 1.
  func enter() async -> Int {
    if playing == Self.countMax { await withCheckedContinuation { waiting.append($0) } } else { playing += 1 }
    entered += 1
    precondition(entered <= Self.sceneCountMax, "more scenes than the tree has people for: raise both")
    return entered
  }

  func leave() {
    if waiting.isEmpty { playing -= 1 } else { waiting.removeFirst().resume() }
  }
}
