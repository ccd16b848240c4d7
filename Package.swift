// swift-tools-version: 6.2
// One package, one folder a room. A target may depend only on rooms below it: `make check` compares this list with
// the order that ARCHITECTURE.md gives, and builds with --explicit-target-dependency-import-check error.
//
// STENO_EMBEDDED=1 builds the login side (the programs that a login runs) as Embedded Swift: no Swift runtime, no
// Foundation, libc and libm only. Without it the same sources build with the full runtime, for the tests.
// STENO_CENTRE=0 leaves out the centre and every package dependency, and keeps the full runtime: for the sanitizer.
// STENO_STRICT=1 makes warnings errors in our own targets; those of packages are not ours to mend.
// STENO_FUZZ=1 adds the fuzzers, which need libFuzzer's main: Fuzz/run builds them.

import PackageDescription

let embedded = Context.environment["STENO_EMBEDDED"] == "1"
let centre = !embedded && Context.environment["STENO_CENTRE"] != "0"
let strict = Context.environment["STENO_STRICT"] == "1"
let fuzzing = Context.environment["STENO_FUZZ"] == "1"

let common: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])
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
let strictC: [CSetting] =
  [
    .define("_GNU_SOURCE"),
    .unsafeFlags(["-std=c17", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-fno-common"]),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

var targets: [Target] = [
  .target(name: "Events", swiftSettings: login),
  .target(name: "CSys", cSettings: strictC),
  .target(name: "SystemCalls", dependencies: ["CSys", "Events"], swiftSettings: login),
  .target(name: "Options", dependencies: ["Events", "SystemCalls"], swiftSettings: login),
  .target(name: "Capture", dependencies: ["Options", "Events", "SystemCalls"], swiftSettings: login),
  .executableTarget(
    name: "tlog-rec", dependencies: ["Capture", "SystemCalls"], path: "Sources/Programs/tlog-rec",
    swiftSettings: login, linkerSettings: loginLinker),
  .target(name: "CPrologue", dependencies: ["CSys"], path: "Sources/Programs/CPrologue", cSettings: strictC),
  .executableTarget(
    name: "tlog-rec-session", dependencies: ["Capture", "CPrologue", "SystemCalls"],
    path: "Sources/Programs/tlog-rec-session",
    swiftSettings: login, linkerSettings: loginLinker),
]

if !embedded {
  targets += [
    .target(name: "Screen", dependencies: ["Events"], swiftSettings: common),
    .systemLibrary(name: "CJournal", pkgConfig: "libsystemd"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1"),
    .target(name: "YAML", dependencies: ["CLibYAML"], swiftSettings: common),
    .target(
      name: "Readers", dependencies: ["CJournal", "CSys", "CZlib", "CZstd", "Events", "SystemCalls"],
      swiftSettings: common),
    .target(
      name: "Playback", dependencies: ["Options", "CSys", "Events", "Readers", "Screen", "SystemCalls"],
      swiftSettings: common),
    .testTarget(
      name: "ScreenTests", dependencies: ["Events", "Screen", "TestSupport"],
      exclude: ["Captures", "Oracles", "Sequences"],
      swiftSettings: common),
    .testTarget(
      name: "ReadersTests", dependencies: ["Events", "Readers", "SystemCalls", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "PlaybackTests", dependencies: ["Events", "Playback", "Readers", "Screen", "SystemCalls", "TestSupport"],
      exclude: ["Vectors"], swiftSettings: common),
    .target(name: "API", dependencies: ["Events", "SystemCalls"], swiftSettings: common),
    .target(name: "Shipping", dependencies: ["API", "CSys", "Events", "SystemCalls"], swiftSettings: common),
    .testTarget(
      name: "ShippingTests", dependencies: ["API", "CSys", "Events", "Shipping", "SystemCalls", "TestSupport"],
      swiftSettings: common),
    .target(name: "CTestSupport", path: "Tests/TestSupport/CTestSupport", cSettings: strictC),
    .target(
      name: "TestSupport", dependencies: ["CTestSupport", "Events", "Shipping"], path: "Tests/TestSupport",
      exclude: ["CTestSupport"], swiftSettings: common),
    .testTarget(
      name: "EventsTests", dependencies: ["Events", "TestSupport"], exclude: ["Vectors"], swiftSettings: common),
    .testTarget(
      name: "CaptureTests", dependencies: ["CSys", "Capture", "Options", "Events", "SystemCalls", "TestSupport"],
      exclude: ["Vectors"],
      swiftSettings: common),
    .testTarget(name: "ProgramTests", dependencies: ["Events", "TestSupport"], swiftSettings: common),
    .testTarget(name: "HostTests", dependencies: ["Events", "TestSupport"], swiftSettings: common),
    .executableTarget(
      name: "tlog-play", dependencies: ["Options", "Events", "Playback", "SystemCalls"],
      path: "Sources/Programs/tlog-play", swiftSettings: common),
    .executableTarget(
      name: "make-documents", dependencies: ["Capture", "Options", "Playback", "Shipping"],
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
      name: "encode-capture", dependencies: ["CSys", "Events"], path: "Benchmarks/encode-capture",
      swiftSettings: login, linkerSettings: loginLinker))
}

var packages: [Package.Dependency] = []

if centre {
  packages += [
    // Without its traits: they bring swift-configuration and all of Foundation.
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ]
  let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
  ]
  let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
  targets += [
    .target(
      name: "Identity",
      dependencies: [
        "Events", crypto, .product(name: "X509", package: "swift-certificates"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
      ], swiftSettings: common),
    .target(name: "Compression", dependencies: ["CZlib", "CZstd"], swiftSettings: common),
    .target(name: "Client", dependencies: ["API", "Compression", "Identity"] + nio, swiftSettings: common),
    .target(
      name: "Archive",
      dependencies: [
        "API", "Compression", "CSys", "Events", "Identity", "SystemCalls",
        .product(name: "GRDB", package: "GRDB.swift"), crypto,
      ],
      swiftSettings: common),
    .target(
      name: "Intake", dependencies: ["API", "Archive", "Compression", "Events", "Identity"], swiftSettings: common),
    .target(
      name: "Fleet",
      dependencies: [
        "API", "Archive", "Identity", crypto, .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SwiftASN1", package: "swift-asn1"), .product(name: "X509", package: "swift-certificates"),
      ],
      swiftSettings: common),
    .target(
      name: "Viewing",
      dependencies: [
        "API", "Archive", "Compression", "Events", "Identity", "Screen",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: common),
    .target(
      name: "Access",
      dependencies: [
        "API", "Archive", "Identity", crypto, .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: common),
    // The pages, in the program: C has #embed. Its sources are the one C file that names them.
    .target(
      name: "CAssets", path: "Sources/Web/Assets", exclude: ["files", "vendor"], sources: ["assets.c"],
      cSettings: strictC),
    .target(
      name: "Web",
      dependencies: [
        "API", "Access", "Archive", "CAssets", "CSys", "Compression", "Events", "Fleet", "Identity", "Intake",
        "Options", "Viewing", crypto,
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdHTTP2", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"), .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ] + nio, exclude: ["Assets"], swiftSettings: common),
    .target(
      name: "Commands",
      dependencies: [
        "API", "Client", "Events", "Identity", "Options", "Playback", "Readers", "Screen", "SystemCalls",
        .product(name: "ArgumentParser", package: "swift-argument-parser"), "YAML",
      ], swiftSettings: common),
    .executableTarget(
      name: "steno", dependencies: ["Commands", "SystemCalls"], path: "Sources/Programs/steno", swiftSettings: common),
    .executableTarget(
      name: "steno-agent",
      dependencies: ["API", "CSys", "Client", "Events", "Identity", "Shipping", "SystemCalls", crypto],
      path: "Sources/Programs/steno-agent", swiftSettings: common),
    .testTarget(
      name: "CentreTests",
      dependencies: [
        "API", "Access", "Archive", "Client", "Commands", "Compression", "Events", "Fleet", "Identity", "Intake",
        "Playback", "Readers", "Screen", "TestSupport", "Viewing", "Web", "steno", "steno-agent", "stenod", crypto,
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Shim", "browser.py", "hostile.py", "sender.py"], swiftSettings: common),
    .executableTarget(
      name: "bench-fill",
      dependencies: [
        "API", "Archive", "Identity", "Intake", "Viewing", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      path: "Benchmarks/fill", swiftSettings: common),
    .executableTarget(
      name: "stenod",
      dependencies: [
        "API", "Access", "Archive", "Fleet", "Identity", "Intake", "SystemCalls", "Viewing", "Web",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        crypto, .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"), "YAML",
      ], path: "Sources/Programs/stenod", swiftSettings: common),
  ]
}

if fuzzing {
  let fuzzed: [(name: String, rooms: [Target.Dependency])] = [
    ("message", ["Events"]), ("configuration", ["Capture", "Options", "Events"]), ("frame", ["Events"]),
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
  dependencies: packages,
  targets: targets,
  swiftLanguageModes: [.v6]
)
