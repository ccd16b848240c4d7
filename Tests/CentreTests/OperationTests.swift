import API
import Foundation
import TestSupport
import Testing

@Suite("running a centre", .serialized) struct OperationTests {
  // MARK: - Configuration

  @Test(
    "what is wrong in stenod's configuration is told with line and column, and nothing is started",
    arguments: [
      ("listen: 127.0.0.1:0\nlisten-on: x\n", "line 2, column 1: unknown key"),
      ("names: centre.example\n", "line 1, column 8: names is a list"),
      ("free-bytes-min: 0\nabandon-after-hours: soon\n", "line 2, column 22: a number from 1 to 8760 is needed"),
      ("free-percent-min: 100\n", "line 1, column 19: a number from 0 to 99 is needed"),
      ("- listen\n", "line 1, column 1: not a mapping"),
      ("names: [a, b\nlisten: x\n", "line 2, column "),
      ("\tlisten: x\n", "line 1, column 1: "),
    ])
  func configuration(text: String, words: String) async throws {
    let scratch = try ScratchDirectory()
    let file = try scratch.write("stenod.yaml", text)
    let program = try DrivenProgram(
      onPipes: [Centre.program, "--data", scratch.file("data"), "--listen", "127.0.0.1:0", "--config", file])
    #expect(try await program.end() == .status(1))
    #expect(program.errorText.hasPrefix("stenod: \(file): \(words)"), "\(program.errorText)")
    #expect(!FileManager.default.fileExists(atPath: scratch.file("data")))
  }

  // MARK: - Service manager

  /// Starts what its arguments say, as systemd would with Type=notify, prints what it is told first and last, and how
  /// the program ended when it was asked to.
  private static let manager = """
    import os, socket, subprocess, sys
    inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    inbox.bind(sys.argv[1])
    program = subprocess.Popen(sys.argv[2:], env=os.environ | {"NOTIFY_SOCKET": sys.argv[1]}, stdout=2)
    print(inbox.recv(1000).decode(), *(name for name in os.listdir(os.path.dirname(sys.argv[1])) if name == "self.sock"))
    program.terminate()
    print(inbox.recv(1000).decode(), program.wait())
    """

  @Test("stenod and steno-agent tell the service manager when they are ready and when they are about to end")
  func notifies() async throws {
    let scratch = try ScratchDirectory()
    let centre = [Centre.program, "--data", scratch.file("data"), "--listen", "127.0.0.1:0"]
    let agent = [Centre.built("steno-agent"), "--state", scratch.file("state"), "--run", scratch.path]
    for (name, command, ready) in [("c", centre, "READY=1"), ("a", agent, "READY=1 self.sock")] {
      let manager = try DrivenProgram(
        onPipes: ["/usr/bin/python3", "-c", Self.manager, scratch.file(name)] + command)
      #expect(try await manager.end() == .status(0))
      #expect(manager.text == "\(ready)\nSTOPPING=1 0\n", "\(manager.errorText)")
      // A service's output goes to a log: whoever reads that is not to sign in with it.
      #expect(manager.errorText.contains("stenod: listening on ") == (name == "c"))
      #expect(!manager.errorText.contains("#link="))
    }
  }

  // MARK: - The local socket

  /// Asks for the recordings over the socket, as user and in groups that are given: prints the status.
  private static let caller = """
    import http.client, os, socket, sys
    os.setgroups([int(word) for word in sys.argv[3:]])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(*3 * [int(sys.argv[2])])
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.connect(sys.argv[1])
        connection.request("GET", "/v1/recordings")
        print(connection.getresponse().status)
    except PermissionError:
        print("no way in")
    """

  @Test(
    "the local socket is for root and the group steno: for others the file system, and the kernel's word on the caller",
    .enabled(if: geteuid() == 0, "needs root, to call as other people"))
  func localSocket() async throws {
    let scratch = try ScratchDirectory()
    let table = try String(contentsOfFile: "/etc/group", encoding: .utf8)
      .split(separator: "\n").filter { !$0.hasPrefix("steno:") }.joined(separator: "\n")
    let groups = try scratch.write("group", table + "\nsteno:x:64123:\n")
    // A group of that name, for this centre alone.
    let centre = try await Centre(
      starter: [
        "/usr/bin/unshare", "--mount", "/bin/sh", "-c", "mount --bind \(groups) /etc/group && exec \"$@\"", "sh",
      ], in: scratch)
    // As contrib/tmpfiles.conf makes it; the tests' own folder is not for others either.
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path)
    let data = scratch.file("data")
    try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: data)
    let socket = data + "/stenod.sock"
    func call(_ ids: String...) async throws -> String {
      let caller = try DrivenProgram(onPipes: ["/usr/bin/python3", "-c", Self.caller, socket] + ids)
      try await caller.end()
      return caller.text + caller.errorText
    }
    let facts = try FileManager.default.attributesOfItem(atPath: socket)
    #expect(facts[.posixPermissions] as? Int == 0o660 && facts[.groupOwnerAccountID] as? Int == 64123)
    #expect(try await call("0") == "200\n")
    #expect(try await call("65533", "64123") == "200\n")
    #expect(try await call("65533", "64122") == "no way in\n")
    // Somebody made it too open.
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: socket)
    #expect(try await call("65533", "64122") == "401\n")
    #expect(try await call("65533", "64122", "64123") == "200\n")
    centre.program.signal(SIGTERM)
    #expect(try await centre.program.end() == .status(0))
  }

  // MARK: - Backup

  @Test("a backup made while messages come holds what was acknowledged before it, and a centre goes on from it")
  func backup() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "20", "--end")
    _ = try await centre.send("send", "h1", "h1", "r-2", "10")
    let target = centre.directory.file("backup")
    let first = try await centre.stenod("backup", "--to", target)
    #expect(first.hasPrefix("stenod: the catalogue, and "))
    _ = try await centre.send("send", "h1", "h1", "r-3", "5", "--end")
    #expect(try await centre.stenod("backup", "--to", target).hasPrefix("stenod: the catalogue, and "))
    let modes = try FileManager.default.contentsOfDirectory(atPath: target).map {
      try FileManager.default.attributesOfItem(atPath: target + "/" + $0)[.posixPermissions] as? Int ?? 0
    }
    #expect(modes.allSatisfy { $0 & 0o007 == 0 || $0 == 0o644 }, "the authority's certificate alone is for everybody")
    let token = try await centre.stenod("token", "--role", "auditor")
    let before = try await all(centre, token)
    #expect(before.map(\.count) == [20, 10, 5])
    centre.program.signal(SIGKILL)
    try await centre.program.end()
    // The token is younger than the backup.
    let restored = try ScratchDirectory()
    try FileManager.default.copyItem(atPath: target, toPath: restored.file("data"))
    let other = try await Centre(in: restored)
    #expect(try await all(other, try await other.stenod("token", "--role", "auditor")) == before)
    #expect(
      try Data(contentsOf: URL(filePath: restored.file("data/ca.pem"))) == Data(centre.directory.bytes("data/ca.pem")))
  }

  /// The lines of r-1, r-2 and r-3.
  private func all(_ centre: Centre, _ token: String) async throws -> [[Substring]] {
    let list = try await centre.steno("ls", "--json", token: token).output
    let found = try JSONDecoder().decode([RecordingSummary].self, from: Data(list)).sorted { $0.rec < $1.rec }
    var lines: [[Substring]] = []
    for each in found {
      let text = try await centre.steno("export", "--format", "tlog", each.id, token: token).output
      lines.append(String(decoding: text, as: UTF8.self).split(separator: "\n"))
    }
    return lines
  }
}
