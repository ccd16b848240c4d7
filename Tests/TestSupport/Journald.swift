import Foundation
import Glibc
import Testing

/// A journald for one test: systemd keeps journals with different namespaces apart (systemd-journald.service(8)).
package final class Journald {
  package static let program = "/lib/systemd/systemd-journald"

  package let namespace = "steno-read-\(UUID().uuidString.prefix(8))"
  private var process: DrivenProgram
  /// A journald of a namespace ends when nobody has been connected for 30 s, which a busy machine makes of a short test,
  /// or of the time until there is a visitor.
  private var visitor: Int32 = -1
  /// Where its sockets are.
  package var directory: String { "/run/systemd/journal.\(namespace)" }

  package init() async throws {
    process = try DrivenProgram(onPipes: [Self.program, namespace])
    try await listen()
  }

  private func listen() async throws {
    let socket = "\(directory)/socket"
    try await process.until("listen") { access(socket, F_OK) == 0 }
    if visitor >= 0 { close(visitor) }
    visitor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    try await process.until("take a connection") {
      if try !process.isRunning() { process = try DrivenProgram(onPipes: [Self.program, namespace]) }
      return withAddress("stdout") { connect(visitor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) } == 0
    }
  }

  private func withAddress<Result>(_ name: String, _ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array("\(directory)/\(name)".utf8)) }
    return withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
  }

  deinit {
    if visitor >= 0 { close(visitor) }
    process.signal(SIGKILL)
    // Nobody else reads them.
    for path in [directory] + journals() { try? FileManager.default.removeItem(atPath: path) }
  }

  private func journals() -> [String] {
    ["/run/log/journal", "/var/log/journal"].flatMap { journals in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: journals)) ?? []
      return names.filter { $0.hasSuffix("." + namespace) }.map { "\(journals)/\($0)" }
    }
  }

  package func files() -> [String] {
    journals().flatMap { directory in
      ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0.hasSuffix(".journal") }
        .map { "\(directory)/\($0)" }
    }
  }

  package func restart() async throws {
    process.signal(SIGTERM)
    _ = try await process.end()
    try? FileManager.default.removeItem(atPath: "\(directory)/socket")  // mostly gone with the process
    process = try DrivenProgram(onPipes: [Self.program, namespace])
    try await listen()
  }

  /// Sends an entry as sd_journal_send(3) does.
  package func send(_ fields: [String: String]) throws {
    let file = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(file) }
    let entry = Array(fields.map { "\($0)=\($1)\n" }.joined().utf8)
    let sent = withAddress("socket") {
      sendto(file, entry, entry.count, 0, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
    #expect(sent == entry.count)
  }

  /// Waits for something that it is to do.
  package func until(_ what: String, step: () throws -> Bool) async throws { try await process.until(what, step: step) }

  package func synchronise() async throws {
    let sync = try DrivenProgram(onPipes: ["/bin/journalctl", "--namespace=\(namespace)", "--sync"])
    #expect(try await sync.end() == .status(0))
  }

  /// All entries that match, once journald has written what it has received: their fields that are text.
  package func entries(_ match: String) async throws -> [[String: String]] {
    try await synchronise()
    let list = try DrivenProgram(
      onPipes: ["/bin/journalctl", "--namespace=\(namespace)", "--output=json", "--all", match])
    #expect(try await list.end() == .status(0))
    return try list.shown.split(separator: UInt8(ascii: "\n")).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]).compactMapValues {
        $0 as? String
      }
    }
  }

  /// When each entry with a recording was received, microseconds since the Epoch.
  package func times() async throws -> [UInt64] {
    let list = try DrivenProgram(
      onPipes: ["/bin/journalctl", "--namespace=\(namespace)", "--output=json", "TLOG_REC=r"])
    #expect(try await list.end() == .status(0))
    return try list.shown.split(separator: UInt8(ascii: "\n")).map {
      let entry = try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
      return try #require((entry["__REALTIME_TIMESTAMP"] as? String).flatMap { UInt64($0) })
    }
  }
}
