import Capture
import Options
import Testing

private let defaultPath = "/usr/share/tlog/tlog-rec.default.conf"
private let systemPath = "/etc/tlog/tlog-rec.conf"

@Suite struct `Where configuration comes from` {
  @Test func `later sources override earlier ones, key by key`() {
    var scene = ConfigurationScene.rec(
      "-o", "/by-option",
      environment: ["TLOG_REC_CONF_FILE=/more", #"TLOG_REC_CONF_TEXT={"limit":{"action":"drop"}}"#])
    scene.files = [
      defaultPath: #"{"latency":1,"payload":101,"limit":{"rate":11,"burst":21,"action":"delay"}}"#,
      systemPath: #"{"payload":102,"limit":{"rate":12,"burst":22}}"#,
      "/more": #"{"limit":{"burst":23},"file":{"path":"/by-file"}}"#,
    ]
    let settings = scene.settings
    #expect(settings?.latencySeconds == 1)
    #expect(settings?.payloadByteCount == 102)
    #expect(settings?.limit.rate == 12)
    #expect(settings?.limit.burst == 23)
    #expect(settings?.limit.action == .drop)
    guard case .file(let path)? = settings?.writer else { return #expect(Bool(false), "another writer") }
    #expect(words([path]) == ["/by-option"])
  }

  @Test func `an array replaces another as a whole`() {
    var scene = ConfigurationScene.session()
    scene.files["/etc/tlog/tlog-rec-session.conf"] = #"{"secret-prompts":["Kennwort"]}"#
    #expect(words(scene.settings?.secretPrompts ?? []) == ["Kennwort"])
  }

  @Test func `the name overrides the environment's shell, and that the configured one`() {
    var scene = ConfigurationScene.session()
    scene.files["/etc/tlog/tlog-rec-session.conf"] = #"{"shell":"/configured"}"#
    #expect(words([scene.shellCommand()?.path ?? []]) == ["/configured"])
    scene.environment = ["TLOG_REC_SESSION_SHELL=/by-environment"]
    #expect(words([scene.shellCommand()?.path ?? []]) == ["/by-environment"])
    scene.arguments = ["tlog-rec-session-shell-by-name"]
    #expect(words([scene.shellCommand()?.path ?? []]) == ["/by/name"])
  }

  @Test(arguments: [
    (#"x-shell-opt-my\-sh"#, "/opt/my-sh"), (#"x-shell-a\b-c"#, "/ab/c"), (#"x-shell-a\\b"#, #"/a\b"#),
    (#"x-shell-a\-b-c\-d-e"#, "/a-b/c-d/e"), (#"x-shell-a\"#, "/a"), ("/bin/-x-shell-bin-sh", "/bin/sh"),
  ])
  func `a name encodes a path, and what follows an escape is read like the rest`(name: String, path: String) {
    let scene = ConfigurationScene(program: .session, arguments: [name])
    #expect(words([scene.shellCommand()?.path ?? []]) == [path])
  }

  @Test(arguments: [
    (13, "Permission denied"), (5, "Input/output error"), (27, "File too large"),
    (40, "Too many levels of symbolic links"),
  ])
  func `a file that is there and cannot be read is an error`(code: Int32, reason: String) {
    var scene = ConfigurationScene.rec()
    scene.broken[systemPath] = code
    #expect(scene.errors == [reason, "Failed loading \"\(systemPath)\"", "Failed loading system configuration"])
    scene.broken = [defaultPath: code]
    #expect(scene.errors == [reason, "Failed loading \"\(defaultPath)\"", "Failed loading default configuration"])
  }

  @Test(arguments: [
    ("[]", "array"), ("1", "int"), ("1.5", "double"), ("\"x\"", "string"), ("true", "boolean"), ("null", "null"),
  ])
  func `a text that is no object is refused, where tlog crashes`(text: String, type: String) {
    let what = "Invalid configuration type: \(type), expecting an object"
    let scene = ConfigurationScene.rec(environment: ["TLOG_REC_CONF_TEXT=\(text)"])
    #expect(
      scene.errors == [
        what, "Failed validating configuration from the string",
        "Failed parsing the contents of TLOG_REC_CONF_TEXT environment variable",
        "Failed retrieving configuration from environment variables",
      ])
    var other = ConfigurationScene.rec()
    other.files[systemPath] = text
    #expect(
      other.errors == [what, "Failed validating contents of \"\(systemPath)\"", "Failed loading system configuration"])
  }

  @Test func `a key that comes twice is refused, since readers differ in which one they take`() {
    var scene = ConfigurationScene.rec()
    scene.files[systemPath] = #"{"latency":1,"payload":64,"latency":2}"#
    #expect(scene.errors.first == #"Duplicate node: "latency""#)
    scene.files[systemPath] = #"{"log":{"input":true,"input":true}}"#
    #expect(scene.errors.prefix(2) == [#"Duplicate node: "input""#, #"Failed to validate "log" section"#])
    scene.files[systemPath] = #"{"log":{},"log":{}}"#
    #expect(scene.errors.first == #"Duplicate node: "log""#)
  }

  @Test(arguments: [
    (#"{"secret-prompts":"x"}"#, #"Invalid "secret-prompts" type: string"#),
    (#"{"secret-prompts":["x",1]}"#, #"Invalid "secret-prompts" type: int"#),
    (#"{"secret-prompts":["x",""]}"#, #"Invalid "secret-prompts" value: "#),
    (#"{"transfers":"none"}"#, #"Invalid "transfers" value: none"#),
    (#"{"on-failure":true}"#, #"Invalid "on-failure" type: boolean"#),
    (#"{"file":{"path":"a\u0000b"}}"#, "Invalid \"path\" value: a\u{0}b"),
    (#"{"file":{"log":{"input":true}}}"#, #"Unexpected node: "log""#),
    ("{\"\u{1}\":1}", "Unexpected node: \"\u{1}\""),
  ])
  func `a wrong value or key is named`(text: String, error: String) {
    var scene = ConfigurationScene.rec()
    scene.files[systemPath] = text
    #expect(scene.errors.first == error)
  }

  @Test func `secret prompts are bounded in number and length`() {
    var scene = ConfigurationScene.session()
    func set(_ prompts: [String]) {
      scene.files["/etc/tlog/tlog-rec-session.conf"] = "{\"secret-prompts\":\(prompts)}"
    }
    set(Array(repeating: "x", count: 64))
    #expect(scene.settings?.secretPrompts.count == 64)
    set(Array(repeating: "x", count: 65))
    #expect(scene.errors.first == #"Invalid "secret-prompts" value: more than 64 strings"#)
    set([String(repeating: "x", count: 128)])
    #expect(scene.errors == [])
    set([String(repeating: "x", count: 129)])
    #expect(scene.errors.first?.hasPrefix(#"Invalid "secret-prompts" value: x"#) == true)
  }

  @Test func `what is wrong is the caller's doing where the caller said it, and only there`() {
    func isCallersDoing(_ scene: ConfigurationScene) -> Bool? {
      do throws(Failure) {
        _ = try scene.invocation()
        return nil
      } catch {
        return error.isCallersDoing
      }
    }
    #expect(isCallersDoing(.rec("--latency=x")) == true)
    #expect(isCallersDoing(.session("-c")) == true)
    #expect(isCallersDoing(.rec(environment: ["TLOG_REC_CONF_TEXT={"])) == true)
    #expect(isCallersDoing(.rec(environment: ["TLOG_REC_CONF_FILE=/none"])) == true)
    var scene = ConfigurationScene.rec()
    scene.files[systemPath] = "{"
    #expect(isCallersDoing(scene) == false)
    scene.files = [:]
    scene.broken[defaultPath] = 13
    #expect(isCallersDoing(scene) == false)
  }

  @Test func `an environment variable is told from one whose name begins like it`() {
    let scene = ConfigurationScene.rec(
      "-o", "x", environment: ["TLOG_REC_CONF_TEXTURE={", "TLOG_REC_CONF_TEXT", #"TLOG_REC_CONF_TEXT={"latency":7}"#])
    #expect(scene.settings?.latencySeconds == 7)
  }
}

@Suite struct `Configuration of a privileged program` {
  private static let path = "/etc/tlog/tlog-rec-session.conf"

  private var scene: ConfigurationScene {
    var scene = ConfigurationScene.session()
    scene.isPrivileged = true
    return scene
  }

  @Test func `the caller's environment sets nothing but the shell`() {
    var scene = scene
    scene.environment = [
      "TLOG_REC_SESSION_CONF_FILE=/mine", #"TLOG_REC_SESSION_CONF_TEXT={"log":{"output":false}}"#,
      "TLOG_REC_SESSION_SHELL=/bin/zsh",
    ]
    scene.files["/mine"] = #"{"writer":"file","file":{"path":"/dev/null"},"notice":"","latency":99}"#
    let settings = scene.settings
    #expect(settings?.logsOutput == true)
    #expect(settings?.latencySeconds == 10)
    #expect(settings?.notice.isEmpty == false)
    #expect(words([scene.shellCommand()?.path ?? []]) == ["/bin/zsh"])
    scene.isPrivileged = false
    #expect(scene.settings?.logsOutput == false)
    #expect(scene.settings?.latencySeconds == 99)
  }

  @Test func `bad configuration in the caller's environment refuses nothing`() {
    var scene = scene
    scene.environment = ["TLOG_REC_SESSION_CONF_FILE=/none", "TLOG_REC_SESSION_CONF_TEXT={"]
    #expect(scene.errors == [])
  }

  @Test(arguments: [path, "/usr/share/tlog/tlog-rec-session.default.conf"])
  func `a file that others than root can write is refused`(path: String) {
    var scene = scene
    scene.files[path] = "{}"
    #expect(scene.errors == [])
    scene.untrusted = [path]
    #expect(
      scene.errors.prefix(2) == ["Not a regular file that only root can write", "Failed loading \"\(path)\""])
    scene.isPrivileged = false
    #expect(scene.errors == [])
  }

  @Test func `log file and transfers come from the administrator's files`() {
    var scene = scene
    scene.files[Self.path] = #"{"writer":"file","file":{"path":"/var/log/x"},"transfers":"off"}"#
    #expect(scene.settings?.transfers == .off)
    guard case .file(let path)? = scene.settings?.writer else { return #expect(Bool(false), "another writer") }
    #expect(words([path]) == ["/var/log/x"])
  }
}
