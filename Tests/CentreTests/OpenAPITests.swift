import API
import Foundation
import Hummingbird
import TestSupport
import Testing

@testable import Web

@Suite("the description of the routes", .serialized) struct OpenAPITests {
  @Test(
    "the document that is served names the routes that there are, and no others; every schema that it uses is in it")
  func routes() async throws {
    let centre = try await Centre()
    let answer = try await centre.ask("GET", "/v1/openapi.json")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    let described = Set(paths.flatMap { path, operations in operations.keys.map { "\($0.uppercased()) \(path)" } })
    let scene = try ArchiveScene()
    let routes = try scene.routes()
    let routed = routes.router.routes.map { route in
      "\(route.method) " + route.path.description.replacing(#/:([a-z]+)/#) { "{\($0.1)}" }
    }
    #expect(described == Set(routed.map { $0.replacing(" //", with: " /") }))
    let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
    let used = answer.body.matches(of: /#\/components\/schemas\/([A-Za-z]+)/).map { String($0.1) }
    #expect(Set(used) == Set(schemas.keys))
  }

  @Test("answers have the keys that the document gives them")
  func answers() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "5", "--end")
    let id = try await centre.id(of: "r-1")
    let token = try await centre.stenod("token", "--role", "admin")
    let document = try await centre.ask("GET", "/v1/openapi.json").body
    let root = try #require(try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
    let schemas = try #require((root["components"] as? [String: Any])?["schemas"] as? [String: Any])
    for (path, schema) in [
      ("/v1/session", "SessionAnswer"), ("/v1/recordings", "RecordingPage"),
      ("/v1/recordings/\(id)", "RecordingSummary"),
      ("/v1/recordings/\(id)/events?keyframe=1&until=20", "Events"), ("/v1/recordings/\(id)/activity", "Activity"),
      ("/v1/hosts", "Hosts"), ("/v1/audit", "AuditPage"), ("/v1/recordings/zzzz", "Problem"),
    ] {
      let answer = try await centre.ask("GET", path, token: token)
      let value = try JSONSerialization.jsonObject(with: Data(answer.body.utf8))
      #expect(mismatches(value, schemas[schema] as Any, schemas, at: path) == [])
    }
  }

  /// schemathesis, as tools/fetch puts it.
  private static let fuzzer = Surroundings.checkout.appending(path: ".build-schemathesis").path

  /// Invented requests for each route, beside those that follow from the document: `make soak` has more.
  private static let exampleCount =
    ProcessInfo.processInfo.environment["STENO_EXAMPLES"].flatMap { Int($0) } ?? 5

  @Test(
    "no request that the document allows or forbids makes the centre fail, and every answer is as described",
    .enabled(
      if: FileManager.default.fileExists(atPath: fuzzer + "/.made"),
      "needs schemathesis: tools/deps test"))
  func schemathesis() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "5", "--end")
    let token = try await centre.stenod("token", "--role", "admin")
    // A stream that does not end, and a body that is not made of JSON, are beyond it.
    let program = try DrivenProgram(
      onPipes: [
        "/usr/bin/python3", Self.fuzzer + "/bin/schemathesis", "run", centre.url + "/v1/openapi.json", "--url",
        centre.url, "--tls-verify", centre.directory.file("data/ca.pem"), "-H", "Authorization: Bearer " + token,
        "--checks",
        "not_a_server_error,response_schema_conformance,content_type_conformance,status_code_conformance",
        "-n", String(Self.exampleCount), "--exclude-path", "/v1/recordings/watch", "--exclude-path", "/v1/messages",
        "--phases", "examples,coverage,fuzzing",
      ], environment: ["PYTHONPATH": Self.fuzzer, "HOME": centre.directory.path, "LANG": "C.UTF-8"],
      directory: centre.directory.path)
    let exit = try await program.end(within: .seconds(3600))  // bounded by what it tries; it says nothing meanwhile
    #expect(exit == .status(0), "\(program.text)")
  }

  @Test("what hosts ask and are answered has the keys that the document gives it")
  func hosts() throws {
    let json = try JSONEncoder().encode(OpenAPI.schemas)
    let schemas = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    let head = RecordingHead(rec: "r-1", head: Head(seq: 7, hash: "x", off: 70))
    let values: [(String, any Encodable)] = [
      ("HeadsRequest", HeadsRequest(heads: [head])), ("HeadsAnswer", HeadsAnswer(start: "s", behind: [head])),
      (
        "BatchAnswer",
        BatchAnswer(answers: [
          RecordingAnswer(rec: "r-1", status: .refused, head: head.head, why: "live", retryAfterSeconds: 5)
        ])
      ),
      ("Orders", Orders(end: ["r-1"])), ("LedgerSubmission", LedgerSubmission(entry: "{}", signature: "x")),
    ]
    for (name, value) in values {
      let object = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(value))
      #expect(mismatches(object, schemas[name] as Any, schemas, at: name) == [])
    }
  }

  /// What of a value is not as a schema says.
  private func mismatches(_ value: Any, _ schema: Any, _ schemas: [String: Any], at place: String) -> [String] {
    guard var schema = schema as? [String: Any] else { return ["\(place): no schema"] }
    if let name = (schema["$ref"] as? String)?.split(separator: "/").last {
      guard let found = schemas[String(name)] as? [String: Any] else { return ["\(place): no schema \(name)"] }
      schema = found
    }
    switch schema["type"] as? String {
    case "object":
      guard let object = value as? [String: Any] else { return ["\(place): no object"] }
      let properties = schema["properties"] as? [String: Any] ?? [:]
      let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }
      let unknown = object.keys.filter { properties[$0] == nil }
      return missing.map { "\(place): no \($0)" } + unknown.map { "\(place): \($0) is not described" }
        + object.flatMap { key, value in
          properties[key].map { mismatches(value, $0, schemas, at: "\(place).\(key)") } ?? []
        }
    case "array":
      guard let array = value as? [Any] else { return ["\(place): no array"] }
      guard let items = schema["items"] else { return [] }
      return array.flatMap { mismatches($0, items, schemas, at: place + "[]") }
    case "integer": return value is Int ? [] : ["\(place): no number"]
    case "boolean": return value is Bool ? [] : ["\(place): no boolean"]
    default: return value is String ? [] : ["\(place): no text"]
    }
  }
}

@Suite("the files of the pages", .serialized) struct AssetTests {
  @Test("pages come with the policy that holds them, and files are not sent again while they are the same")
  func headers() async throws {
    let centre = try await Centre()
    for path in ["/", "/recordings", "/recordings/abcdefgh"] {
      let page = try await centre.ask("GET", path)
      #expect(page.headers["content-type"] == "text/html; charset=utf-8")
      let policy = try #require(page.headers["content-security-policy"])
      for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] { #expect(policy.contains(rule)) }
      #expect(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"))
      #expect(page.headers["x-content-type-options"] == "nosniff")
      let tag = try #require(page.headers["etag"])
      let again = try await centre.ask("GET", path, headers: ["if-none-match=" + tag])
      #expect(again.status == 304 && again.body.isEmpty)
    }
    for path in ["/assets/0/..%2Fassets.c", "/assets/0/assets.c", "/assets/0/index.html"] {
      #expect(try await centre.ask("GET", path).status == 404)
    }
    // Those that the page names are kept for ever, those of an earlier program's page are not.
    let page = try await centre.ask("GET", "/").body
    let release = try #require(page.split(separator: "/assets/").dropFirst().first?.prefix { $0 != "/" })
    for (path, cache) in [(release, "public, max-age=31536000, immutable"), ("0", "no-cache")] {
      let answer = try await centre.ask("GET", "/assets/\(path)/main.js")
      #expect(answer.status == 200 && answer.headers["cache-control"] == cache)
    }
  }

  @Test("every file of the pages is in the program, byte for byte")
  func embedded() throws {
    let folder = Surroundings.checkout.appending(path: "Sources/Web/Assets/files")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.contains("index.html"))
    let assets = Assets(folder: nil)
    for name in names {
      let bytes = try Data(contentsOf: folder.appending(path: name))
      #expect(assets.asset(name)?.bytes == [UInt8](bytes), "\(name)")
    }
  }
}
