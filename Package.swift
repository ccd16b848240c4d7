// swift-tools-version: 6.2
// One package, one folder a room. A target may depend only on rooms below it: `make check` compares this list with
// the order that ARCHITECTURE.md gives, and builds with --explicit-target-dependency-import-check error.
//
// STENO_EMBEDDED=1 builds the login side (the programs that a login runs) as Embedded Swift: no Swift runtime, no
// Foundation, libc and libm only. Without it the same sources build with the full runtime, for the tests.
// STENO_FUZZ=1 adds the fuzzers, which need libFuzzer's main: Fuzz/run builds them.

import PackageDescription

let embedded = Context.environment["STENO_EMBEDDED"] == "1"
let fuzzing = Context.environment["STENO_FUZZ"] == "1"

let common: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
let login: [SwiftSetting] =
  common
  + (embedded ? [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo", "-no-static-stdlib"])] : [])
let loginLinker: [LinkerSetting] =
  embedded
  ? [
    .linkedLibrary("m"),
    .unsafeFlags([
      "-enable-experimental-feature", "Embedded", "-wmo", "-no-static-stdlib", "-Xlinker", "--gc-sections",
    ]),
  ] : []
let strictC: [CSetting] = [
  .define("_GNU_SOURCE"),
  .unsafeFlags(["-std=c17", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-fno-common"]),
]

var targets: [Target] = [
  .target(name: "Events", swiftSettings: login),
  .target(name: "CSystem", cSettings: strictC),
  .target(name: "System", dependencies: ["CSystem", "Events"], swiftSettings: login),
  .target(name: "Configuration", dependencies: ["Events", "System"], swiftSettings: login),
  .target(name: "Capture", dependencies: ["Configuration", "Events", "System"], swiftSettings: login),
  .executableTarget(
    name: "tlog-rec", dependencies: ["Capture", "System"], path: "Sources/Programs/tlog-rec",
    swiftSettings: login, linkerSettings: loginLinker),
  .target(name: "CPrologue", dependencies: ["CSystem"], path: "Sources/Programs/CPrologue", cSettings: strictC),
  .executableTarget(
    name: "tlog-rec-session", dependencies: ["Capture", "CPrologue", "System"],
    path: "Sources/Programs/tlog-rec-session",
    swiftSettings: login, linkerSettings: loginLinker),
]

if !embedded {
  targets += [
    .target(name: "Screen", dependencies: ["Events"], swiftSettings: common),
    .systemLibrary(name: "CJournal", pkgConfig: "libsystemd"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
    .target(
      name: "Readers", dependencies: ["CJournal", "CSystem", "CZlib", "CZstd", "Events", "System"],
      swiftSettings: common),
    .target(
      name: "Playback", dependencies: ["Configuration", "CSystem", "Events", "Readers", "Screen", "System"],
      swiftSettings: common),
    .testTarget(
      name: "ScreenTests", dependencies: ["Events", "Screen", "TestSupport"],
      exclude: ["Captures", "Oracles", "Sequences"],
      swiftSettings: common),
    .testTarget(
      name: "ReadersTests", dependencies: ["Events", "Readers", "System", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "PlaybackTests", dependencies: ["Events", "Playback", "Readers", "Screen", "System", "TestSupport"],
      exclude: ["Vectors"], swiftSettings: common),
    .target(name: "Shipping", dependencies: ["CSystem", "Events", "System"], swiftSettings: common),
    .executableTarget(
      name: "steno-agent", dependencies: ["CSystem", "Shipping", "System"], path: "Sources/Programs/steno-agent",
      swiftSettings: common),
    .testTarget(
      name: "ShippingTests", dependencies: ["CSystem", "Events", "Shipping", "System", "TestSupport"],
      swiftSettings: common),
    .target(name: "CTestSupport", path: "Tests/TestSupport/CTestSupport", cSettings: strictC),
    .target(
      name: "TestSupport", dependencies: ["CTestSupport"], path: "Tests/TestSupport", exclude: ["CTestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "EventsTests", dependencies: ["Events", "TestSupport"], exclude: ["Vectors"], swiftSettings: common),
    .testTarget(
      name: "CaptureTests", dependencies: ["CSystem", "Capture", "Configuration", "Events", "System", "TestSupport"],
      exclude: ["Vectors"],
      swiftSettings: common),
    .testTarget(name: "ProgramTests", dependencies: ["Events", "TestSupport"], swiftSettings: common),
    .testTarget(name: "HostTests", dependencies: ["Events", "TestSupport"], swiftSettings: common),
    .executableTarget(
      name: "tlog-play", dependencies: ["Configuration", "Events", "Playback", "System"],
      path: "Sources/Programs/tlog-play", swiftSettings: common),
    .executableTarget(
      name: "steno", dependencies: ["Playback", "System"], path: "Sources/Programs/steno", swiftSettings: common),
    .executableTarget(
      name: "make-documents", dependencies: ["Capture", "Configuration", "Playback"],
      path: "Sources/Programs/make-documents", swiftSettings: common),
    .target(name: "CBench", path: "Benchmarks/CBench", cSettings: strictC),
    .executableTarget(name: "bench", dependencies: ["CBench"], path: "Benchmarks/bench", swiftSettings: common),
    .executableTarget(
      name: "bench-screen", dependencies: ["Events", "Screen"], path: "Benchmarks/screen", swiftSettings: common),
    .executableTarget(name: "bench-child", path: "Benchmarks/child", cSettings: strictC),
    .executableTarget(name: "bench-generate", path: "Benchmarks/generate", swiftSettings: common),
    .executableTarget(
      name: "bench-read", dependencies: ["Events", "Readers"], path: "Benchmarks/read", swiftSettings: common),
    .executableTarget(
      name: "bench-play", dependencies: ["Events", "Playback", "Readers"], path: "Benchmarks/play",
      swiftSettings: common),
  ]
} else {
  // Its instructions are counted, so it is built as the recorder is.
  targets.append(
    .executableTarget(
      name: "encode-capture", dependencies: ["CSystem", "Events"], path: "Benchmarks/encode-capture",
      swiftSettings: login, linkerSettings: loginLinker))
}

if fuzzing {
  let fuzzed: [(name: String, rooms: [Target.Dependency])] = [
    ("message", ["Events"]), ("configuration", ["Capture", "Configuration", "Events"]), ("frame", ["Events"]),
    ("reader", ["Events", "Readers"]), ("screen", ["Events", "Screen"]),
  ]
  for (name, rooms) in fuzzed {
    targets.append(
      .executableTarget(
        name: "fuzz-\(name)", dependencies: rooms, path: "Fuzz/\(name)",
        swiftSettings: common + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-use-ld=lld"])]))
  }
}

let package = Package(
  name: "steno",
  targets: targets,
  swiftLanguageModes: [.v6]
)
