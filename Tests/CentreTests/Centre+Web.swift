import Foundation
import TestSupport

/// What a centre answered.
struct WebAnswer: Decodable {
  let status: Int
  let headers: [String: String]
  let body: String

  func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: Data(body.utf8))
  }

  /// `error` of a refusal.
  var error: String? {
    ((try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any])?["error"] as? String
  }
}

/// One server-sent event.
struct WebEvent: Decodable {
  let event, id, data: String
}

extension Centre {
  private static let browser = Surroundings.checkout.appending(path: "Tests/CentreTests/browser.py").path

  /// Asks over the network.
  ///
  /// - Parameter headers: `name=value`.
  func ask(
    _ method: String, _ path: String, headers: [String] = [], body: String? = nil
  ) async throws -> WebAnswer {
    let program = try asking(method, path, headers: headers + (body.map { ["--body", $0] } ?? []))
    try await program.end()
    return try JSONDecoder().decode(WebAnswer.self, from: Data(program.shown))
  }

  /// A program that asks, and prints the answer once it has all of it.
  func asking(_ method: String, _ path: String, headers: [String]) throws -> DrivenProgram {
    let words = ["/usr/bin/python3", Self.browser, "ask", url, directory.file("data/ca.pem"), method, path]
    return try DrivenProgram(onPipes: words + headers)
  }

  func ask(_ method: String, _ path: String, token: String) async throws -> WebAnswer {
    try await ask(method, path, headers: ["authorization=Bearer " + token])
  }

  /// A program that prints server-sent events, one JSON object a line.
  func listening(_ path: String, count: Int, headers: [String]) throws -> DrivenProgram {
    try DrivenProgram(
      onPipes: ["/usr/bin/python3", Self.browser, "listen", url, directory.file("data/ca.pem"), path, String(count)]
        + headers)
  }

  /// A program that prints the status of an answer, reads on after a line of input, and prints `whole` or `broken`.
  func reading(_ path: String, headers: [String]) throws -> DrivenProgram {
    try DrivenProgram(
      onPipes: ["/usr/bin/python3", Self.browser, "pause", url, directory.file("data/ca.pem"), path] + headers,
      input: .pipe)
  }

  /// The token of the link that the centre printed at its start.
  var link: String { String(program.text.split(separator: "#link=").last?.prefix { !$0.isWhitespace } ?? "") }

  /// Signs in.
  ///
  /// - Returns: The header with the cookie; nil when the centre said no.
  func signIn(_ body: String) async throws -> String? {
    let answer = try await ask("POST", "/v1/session", headers: ["content-type=application/json"], body: body)
    return answer.headers["set-cookie"].map { "cookie=" + $0.prefix { $0 != ";" } }
  }

  /// What was sent of this recording is in the list: its id.
  func id(of rec: String) async throws -> String {
    let page = try JSONSerialization.jsonObject(with: Data(try await get("/v1/recordings"))) as? [String: Any]
    let all = page?["recordings"] as? [[String: Any]] ?? []
    return all.first { $0["rec"] as? String == rec }?["id"] as? String ?? ""
  }
}

extension DrivenProgram {
  /// The events that a listening program has printed.
  var events: [WebEvent] {
    shown.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONDecoder().decode(WebEvent.self, from: Data($0)) }
  }
}
