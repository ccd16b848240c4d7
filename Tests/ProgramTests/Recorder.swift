import Foundation
import TestSupport
import Testing

/// Whose `tlog-rec` a test runs. What ours promises beyond tlog is asked of stock too, to show that the test can fail.
struct Recorder: Sendable, CustomTestStringConvertible {
  static let ours = Recorder(path: Surroundings.ours("tlog-rec"), testDescription: "ours")
  static let stock = Recorder(path: "/usr/bin/tlog-rec", testDescription: "stock")

  let path: String
  let testDescription: String

  var isOurs: Bool { testDescription == Self.ours.testDescription }

  /// How long it is waited for. Where stock is expected to hang, there is no point in waiting long.
  var patience: Duration { !isOurs ? .seconds(2) : DrivenProgram.patience }

  /// What stock cannot do without on a terminal, where the machine lacks it: a /run of its own with a utmp file.
  var terminalPrefix: [String] {
    guard !isOurs, access("/run/utmp", F_OK) != 0 else { return [] }
    let make = "mount -t tmpfs tmpfs /run && : >/run/utmp && exec \"$@\""
    return ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", make, "sh"]
  }

  /// Why stock cannot run here; nil when it can.
  static var stockObstacle: String? {
    if !Surroundings.isExecutable(stock.path) || !Surroundings.isExecutable("/usr/bin/tlog-play") {
      return "stock tlog is not installed (`make deps` installs it)"
    }
    if access("/run/utmp", F_OK) != 0 && !Surroundings.isRoot {
      return "stock tlog needs /run/utmp, which only root can give it"
    }
    return nil
  }
}

extension Trait where Self == ConditionTrait {
  static var needsStock: Self {
    .enabled(if: Recorder.stockObstacle == nil, Comment(rawValue: Recorder.stockObstacle ?? "stock tlog is there"))
  }

  static var needsRoot: Self { .enabled(if: Surroundings.isRoot, "a mount namespace of one's own needs root") }
}
