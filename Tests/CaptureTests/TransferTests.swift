import Capture
import Events
import TestSupport
import Testing

import class Foundation.Pipe
import class Foundation.Process
import struct Foundation.URL

/// What clients send: OpenSSH 9.2 (`scp -O`), rsync 3.2.7 and 3.5.0 seen on the wire, pscp and WinSCP by their documents.
private let accepted: [(String, TransferForm, String)] = [
  ("/usr/lib/openssh/sftp-server", .sftp, "/usr/lib/openssh/sftp-server"),
  ("/usr/libexec/openssh/sftp-server -l INFO -f AUTHPRIV", .sftp, "/usr/libexec/openssh/sftp-server"),
  ("/usr/lib/ssh/sftp-server -e -R -u 0022 -d /srv/in -P remove,rename", .sftp, "/usr/lib/ssh/sftp-server"),
  ("scp -t .", .scp, "/usr/bin/scp"),
  ("scp -f a.txt", .scp, "/usr/bin/scp"),
  ("scp -f dir/a b_c d+e,f@g:h", .scp, "/usr/bin/scp"),
  ("scp -r -p -d -t /srv/in", .scp, "/usr/bin/scp"),
  ("scp -v -v -r -f -- -x", .scp, "/usr/bin/scp"),
  ("scp -pqrt up", .scp, "/usr/bin/scp"),
  ("/usr/bin/scp -t up", .scp, "/usr/bin/scp"),
  ("rsync --server -vlogDtpre.iLsfxCIvu . dst/", .rsync, "/usr/bin/rsync"),
  ("rsync --server --sender -logDtprze.iLsfxCIvu . a b", .rsync, "/usr/bin/rsync"),
  ("rsync --server --sender -de.LsfxCIvu --list-only . .", .rsync, "/usr/bin/rsync"),
  ("rsync --server -logDtpre30.0 . ./-x", .rsync, "/usr/bin/rsync"),
  ("rsync --server -vlogDtpre.iLsfxCIvu --log-format=%i --delete . d", .rsync, "/usr/bin/rsync"),
  ("rsync --server -logDtpre.iLsfxCIvu -B1024 --max-size=3145728 --modify-window=1 . d", .rsync, "/usr/bin/rsync"),
  ("rsync --server --sender -logDtpRe.LsfxCIvu --files-from=- --from0 . d", .rsync, "/usr/bin/rsync"),
  ("rsync --server -blogDtpre.iLsfxCIvu --backup-dir old --suffix=.b . d", .rsync, "/usr/bin/rsync"),
  (
    "rsync --server -logDtpre.iLsfxCIvu --link-dest ../x --partial-dir .p --temp-dir /tmp . d", .rsync, "/usr/bin/rsync"
  ),
  (
    "rsync --server -ulmOJWogDtprcIxSe.iLsfxCIvu --remove-source-files --numeric-ids --info=ALL2 . d", .rsync,
    "/usr/bin/rsync"
  ),
  ("/usr/bin/rsync --server -re.iLsfxCIvu . /", .rsync, "/usr/bin/rsync"),
]

/// Each would run something, read or write what no transfer does, or mean to a shell something else than to us.
private let refused: [String] =
  [
    // a second command
    "scp -t /dev/null; bash", "scp -t /dev/null;bash", "scp -t x & bash", "scp -t x && bash", "scp -t x || bash",
    "scp -f x | bash", "scp -t x\nbash", "scp -t x\rbash", "scp -t $(bash)", "scp -t `bash`", "scp -t <(bash)",
    "scp -t x > .bashrc", "scp -t x 2>&1", "scp -t x <<E", "(scp -t x)", "{ scp -t x; }", "! scp -t x", "scp -t x #",
    "/usr/lib/openssh/sftp-server; bash", "/usr/lib/openssh/sftp-server\nbash", "if scp -t x",
    "rsync --server -e.L . x;bash",
    // another program of that name
    "~/bin/scp -t x", "./scp -t x", "bin/scp -t x", "/home/ann/bin/scp -t x", "/usr/bin/../../tmp/scp -t x",
    "/usr//bin/scp -t x", "\\scp -t x", "'scp' -t x", "SCP -t x", "scp.sh -t x", "/usr/local/bin/rsync --server . x",
    "/bin/scp -t x", "sftp-server", "internal-sftp", "/usr/lib/openssh/sftp-server2", "/tmp/sftp-server",
    "exec scp -t x", "command scp -t x", "env scp -t x", "sudo scp -t x", "nice scp -t x", "bash -c scp",
    "PATH=/tmp scp -t x", "BASH_ENV=x scp -t x", "LD_PRELOAD=/tmp/x.so scp -t x", "function scp", "scp", "rsync", "",
    // scp as a client, which starts ssh
    "scp a b", "scp a host:b", "scp -S /tmp/x -t y", "scp -S/tmp/x -t y", "scp -t y -S /tmp/x", "scp -tS /tmp/x y",
    "scp -o ProxyCommand=x -t y", "scp -oProxyCommand=x -t y", "scp -F /tmp/x -t y", "scp -D /tmp/x -f y", "scp -3 a b",
    "scp -J x -f y", "scp -i x -t y", "scp -T -t x", "scp -s -f x", "scp -X x -f y", "scp --version", "scp -t --rsh x",
    // scp's two ends, not as a client asks for them
    "scp -t", "scp -f", "scp -t a b", "scp -f -t x", "scp -ft x", "scp -f -f x", "scp -tt x", "scp -t -x",
    "scp -f a -x",
    "scp - -t x", "scp -t -", "scp -t --", "scp -- -t x", "scp x -t", "scp -r x", "scp -f -- --", "scp -f -- a -$x",
    // words that shells change
    "scp -f ~/x", "scp -f ~", "scp -f x~", "scp -f $HOME/x", "scp -f *", "scp -f a?c", "scp -f [ab]", "scp -f {a,b}",
    "scp -f 'a b'", "scp -f \"a\"", "scp -f a\\ b", "scp -f =ls", "scp -f a=b", "scp -f %1", "scp -f a^b", "scp -f !x",
    "scp -f a\tb", "scp -f a\u{0b}b", "scp -f a\u{00}b", "scp -f a\u{7f}", "scp -f a\u{a0}b", "scp -f é", "scp\t-f a",
    " scp -t x", "scp -t x ", "scp  -t x", "scp -t  x", "scp -t  ", "\nscp -t x", "scp -t x\n", "scp -t ''",
    // rsync as anything but the far end of a copy
    "rsync a b", "rsync --daemon", "rsync --server", "rsync --server .", "rsync --server --sender .",
    "rsync --server --daemon .", "rsync --server --daemon . x", "rsync --server . --daemon",
    "rsync --server . x --daemon",
    "rsync --daemon --server . x", "rsync -e.L --server . x", "rsync --sender --server -e.L . x",
    "rsync --server --config=/tmp/x . x", "rsync --server --dparam=x . x", "rsync --server --detach . x",
    "rsync --server --no-detach . x", "rsync --server -e.L --sender . x", "rsync --server -M--daemon . x",
    "rsync --server --remote-option=--daemon . x", "rsync --server -s", "rsync --server -s . x",
    "rsync --server -svlogDtpre.iLsfxCIvu", "rsync --server --protect-args . x", "rsync --server --secluded-args . x",
    "rsync --server -e sh . x", "rsync --server -esh . x", "rsync --server -e . x", "rsync --server -e./sh . x",
    "rsync --server -e.L/sh . x", "rsync --server -ve.L,x . x", "rsync --server -e3 . x", "rsync --server --rsh=sh . x",
    "rsync --server --rsh sh . x", "rsync --server --rsync-path=x . x", "rsync --server --blocking-io . x",
    "rsync --server --log-file=/tmp/x . x", "rsync --server --log-file /tmp/x . x",
    "rsync --server --log-format=%p . x",
    "rsync --server --out-format=x . x", "rsync --server --files-from=/etc/shadow . x",
    "rsync --server --exclude-from=x . x", "rsync --server --password-file=x . x", "rsync --server --early-input=x . x",
    "rsync --server --copy-as=root . x", "rsync --server --write-devices . x", "rsync --server --copy-devices . x",
    "rsync --server --write-batch=x . x", "rsync --server --only-write-batch=x . x",
    "rsync --server --read-batch=x . x",
    "rsync --server --address=x . x", "rsync --server --sockopts=x . x", "rsync --server --iconv=x . x",
    "rsync --server -T /tmp . x", "rsync --server -f x . x", "rsync --server -F . x", "rsync --server -a . x",
    "rsync --server - . x", "rsync --server -- . x", "rsync --server -B . x", "rsync --server -B1k . x",
    "rsync --server -vB1 . x", "rsync --server --link-dest . x", "rsync --server --link-dest -e . x",
    "rsync --server --link-dest=x . x", "rsync --server --delete=1 . x", "rsync --server --del . x",
    "rsync --server --timeout= . x", "rsync --server --timeout=$(x) . x", "rsync --server --=x . x",
    "rsync --server --usermap=*:x . x", "rsync --server -e.L x", "rsync --server -e.L ./ x", "rsync --server -e.L . -x",
    "rsync --server -e.L . x -e", "rsync --server -e.L .", "rsync --server -e.L . ", "rsync --server -e.L . ~",
    "rsync --server -e.L  . x", "rsync  --server . x", "rsync --Server . x", "rsync --serve . x",
    // sftp-server with what no sshd_config has a use for
    "/usr/lib/openssh/sftp-server -Q requests", "/usr/lib/openssh/sftp-server -h", "/usr/lib/openssh/sftp-server x",
    "/usr/lib/openssh/sftp-server -d", "/usr/lib/openssh/sftp-server -d %h", "/usr/lib/openssh/sftp-server -d -e",
    "/usr/lib/openssh/sftp-server -d/x", "/usr/lib/openssh/sftp-server -eR", "/usr/lib/openssh/sftp-server ",
    "/usr/lib/openssh/sftp-server -l $x", "/usr/lib/openssh/sftp-server -e -", "/usr/lib/openssh/sftp-server --",
  ]

private func parse(_ command: [UInt8]) -> TransferCommand? {
  TransferForm.parse(command, shell: Array("/bin/bash".utf8))
}

@Suite struct `Commands that are transfers` {
  @Test(arguments: accepted.indices)
  func `what clients send is a transfer, run by its absolute path`(index: Int) throws {
    let (command, form, program) = accepted[index]
    let transfer = try #require(parse(Array(command.utf8)), "\(command)")
    #expect(transfer.form == form)
    let words = command.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    #expect(transfer.arguments.map { String(decoding: $0, as: UTF8.self) } == [program] + words.dropFirst())
  }

  @Test(arguments: refused)
  func `what is not beyond doubt a transfer is none`(command: String) {
    #expect(parse(Array(command.utf8)) == nil)
  }

  @Test(arguments: ["/bin/sh", "/bin/bash", "/usr/bin/bash", "/bin/dash", "/usr/bin/zsh", "/usr/bin/fish", "/bin/tcsh"])
  func `a shell that runs any command runs transfers`(shell: String) {
    #expect(TransferForm.parse(Array("scp -t x".utf8), shell: Array(shell.utf8))?.form == .scp)
  }

  @Test(arguments: [
    "", "/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/bin/rbash", "/usr/bin/rbash", "/usr/bin/git-shell",
    "/usr/bin/lshell", "/home/ann/bash", "/bin/../home/ann/bash", "/bin/bash/", "/bin/", "bash", "/bin/bash ",
    "/usr/bin/tmux",
    "/usr/local/bin/menu", "/usr/bin/tlog-rec-session", "/bin/sh/../rbash", "/bin//bash", "/opt/bin/bash",
  ])
  func `a shell that may be there to refuse commands is not left out`(shell: String) {
    #expect(TransferForm.parse(Array("scp -t x".utf8), shell: Array(shell.utf8)) == nil)
  }

  @Test func `a command longer than the bound is no transfer`() {
    let limit = TransferForm.commandByteCountMax
    let longest = Array("scp -t ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: limit - 7)
    #expect(parse(longest)?.form == .scp)
    #expect(parse(longest + [UInt8(ascii: "x")]) == nil)
  }

  @Test func `no byte that a shell gives a meaning to can stand in a path`() {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+,-./:@_".utf8)
    for byte in UInt8.min...UInt8.max {
      for form in ["scp -f a#b", "rsync --server -e.L . a#b", "/usr/lib/openssh/sftp-server -d a#b"] {
        let command = form.utf8.map { $0 == UInt8(ascii: "#") ? byte : $0 }
        let isWordBreak = byte == UInt8(ascii: " ") && !form.hasPrefix("/")
        #expect(
          (parse(command) != nil) == (plain.contains(byte) || isWordBreak), "byte \(byte) in \(form)")
      }
    }
  }

  @Test func `cut short anywhere, or with a byte changed, what still passes also passes an independent reading`() {
    let reader = SecondReader()
    let changes = Array("\"#$%&'()*;<=>?[\\]^`{|}~! \t\n\u{00}\u{7f}-+./:@_sefBMTx0".utf8) + [0x80, 0xa0, 0xff]
    for (command, _, _) in accepted {
      let bytes = Array(command.utf8)
      for count in bytes.indices { reader.check(Array(bytes[..<count])) }
      for place in bytes.indices {
        for byte in changes {
          var changed = bytes
          changed[place] = byte
          reader.check(changed)
        }
      }
    }
  }

  @Test func `of ten thousand random commands only those that pass an independent reading are transfers`() {
    var random = SeededNumbers()
    let reader = SecondReader()
    let found = (0..<10_000).count { _ in reader.check(randomCommand(&random), "seed \(random.seed)") }
    #expect(found > 1_000, "too few transfers to say much, seed \(random.seed)")
  }

  @Test(arguments: ["/bin/sh", "/bin/bash"])
  func `a shell would run a transfer with the same words`(shell: String) throws {
    var random = SeededNumbers()
    let commands = accepted.map { Array($0.0.utf8) } + (0..<1_000).map { _ in randomCommand(&random) }
    let transfers = commands.compactMap(parse)
    let words = transfers.map { $0.arguments.dropFirst().map { String(decoding: $0, as: UTF8.self) } }
    let script = words.map { "printf '<%s>' \($0.joined(separator: " ")); echo\n" }.joined()
    let expected = words.map { ($0.isEmpty ? "<>" : $0.map { "<\($0)>" }.joined()) + "\n" }.joined()
    #expect(try output(of: shell, running: script) == expected, "seed \(random.seed)")
  }
}

private let knownWords = (accepted.map(\.0) + refused).flatMap { $0.split(separator: " ") }

/// A command of a client's with up to two words put in or changed for words of other commands, hostile ones among them.
private func randomCommand(_ random: inout SeededNumbers) -> [UInt8] {
  var command = accepted[random.below(accepted.count)].0.split(separator: " ")
  for _ in 0..<random.below(3) {
    let place = 1 + random.below(command.count)
    let word = knownWords[random.below(knownWords.count)]
    if place < command.count && random.below(2) == 0 { command[place] = word } else { command.insert(word, at: place) }
  }
  return Array(command.joined(separator: " ").utf8)
}

private func output(of shell: String, running script: String) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: shell)
  process.arguments = ["-c", script]
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = try #require(try pipe.fileHandleForReading.readToEnd())
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self)
}

/// Reads accepted commands once more, by other means: a regular expression for each form, and a list of words that only
/// a client, a daemon or a shell has a use for.
private struct SecondReader {
  private let patterns: [TransferForm: Regex<AnyRegexOutput>]
  private static let programs = [
    "/usr/bin/scp", "/usr/bin/rsync", "/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
  ]
  private static let forbidden = [
    "--daemon", "--config", "--dparam", "--detach", "--rsh", "--rsync-path", "--remote-option", "--log-file",
    "--protect",
    "--secluded", "--write-", "--copy-as", "--copy-devices", "--exclude", "--filter", "--only-write", "--read-batch",
  ]

  init() {
    let path = "(?:[A-Za-z0-9_+,./:@][A-Za-z0-9_+,./:@-]*)"
    let texts: [TransferForm: String] = [
      .sftp: "/usr/(?:lib|libexec)/(?:openssh|ssh)/sftp-server(?: -[eR]| -[dflpPu] \(path))*",
      .scp: "(?:/usr/bin/)?scp(?: -[dpqrvft]+)+(?: --(?: -?\(path))+|(?: \(path))+)",
      .rsync:
        "(?:/usr/bin/)?rsync --server(?: --sender)?(?: -[A-Za-z]*(?:e[0-9]*[.][A-Za-z0-9]*)?| -B[0-9]+| --[a-zA-Z0-9-]+"
        + "(?:=[A-Za-z0-9%.,:+/@_-]+)?(?: \(path))?)* [.](?: \(path))+",
    ]
    patterns = texts.mapValues { try! Regex($0) }  // constants, so a mistake in one fails every run
  }

  /// - Returns: Whether the command is taken for a transfer.
  @discardableResult
  func check(_ command: [UInt8], _ comment: String = "") -> Bool {
    guard let transfer = parse(command) else { return false }
    let text = String(decoding: command, as: UTF8.self)
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let arguments = transfer.arguments.map { String(decoding: $0, as: UTF8.self) }
    #expect(command.allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "\(text) \(comment)")
    #expect(patterns[transfer.form].map { text.wholeMatch(of: $0) != nil } == true, "\(text) \(comment)")
    #expect(Array(arguments.dropFirst()) == Array(words.dropFirst()), "\(text) \(comment)")
    #expect(Self.programs.contains(arguments[0]), "\(text) \(comment)")
    #expect([words[0], "/usr/bin/\(words[0])"].contains(arguments[0]), "\(text) \(comment)")
    if transfer.form == .rsync { for word in words { checkRsync(word, "\(text) \(comment)") } }
    return true
  }

  private func checkRsync(_ word: String, _ comment: String) {
    #expect(!Self.forbidden.contains { word.hasPrefix($0) }, "\(comment)")
    if word.hasPrefix("-") && !word.hasPrefix("--") && !word.hasPrefix("-B") {
      #expect(!word.prefix { $0 != "e" }.contains { "sMTfFBae0".contains($0) }, "\(comment)")
    }
  }
}

@Suite struct `The environment of a transfer` {
  @Test func `nothing of the person's is left that could load or start a program`() {
    let caller = [
      "USER=ann", "HOME=/home/ann", "LOGNAME=ann", "PATH=/home/ann/bin", "LD_PRELOAD=/home/ann/x.so", "SHELL=/bin/bash",
      "GCONV_PATH=/home/ann", "OPENSSL_CONF=/home/ann/x", "BASH_ENV=/home/ann/x", "RSYNC_RSH=/home/ann/x",
      "LANG=C.UTF-8",
      "SSH_CLIENT=192.0.2.1 50000 22", "SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22", "SSH_TTY=/dev/pts/0", "USER",
      "USERS=x", "=x", "", "LOCPATH=/home/ann", "XUSER=x",
    ]
    let left = TransferForm.environment(from: caller.map { Array($0.utf8) }).map { String(decoding: $0, as: UTF8.self) }
    #expect(
      left == [
        "USER=ann", "LOGNAME=ann", "SSH_CLIENT=192.0.2.1 50000 22", "SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22",
      ])
  }
}

@Suite struct `What is kept of a transfer` {
  @Test func `in summary the first 4096 bytes each way and all errors are kept, in pieces of any size`() {
    var random = SeededNumbers()
    for _ in 0..<50 {
      var tally = TransferTally(.scp, .summary, logsInput: true, logsOutput: true)
      var crossed: [Stream: Int] = [:]
      var kept: [Stream: Int] = [:]
      for _ in 0..<60 {
        let stream = [Stream.input, .output, .errorOutput][random.below(3)]
        let count = random.below(random.below(4) == 0 ? 5_000 : 100)
        crossed[stream, default: 0] += count
        let taken = tally.take([UInt8](repeating: 7, count: count), stream)
        #expect((0...count).contains(taken), "seed \(random.seed)")
        kept[stream, default: 0] += taken
      }
      for stream in [Stream.input, .output] {
        #expect(kept[stream, default: 0] == min(crossed[stream, default: 0], 4096), "seed \(random.seed)")
      }
      #expect(kept[.errorOutput] == crossed[.errorOutput], "seed \(random.seed)")
    }
  }

  @Test func `a read across the edge is kept up to it`() {
    var tally = TransferTally(.rsync, .summary, logsInput: true, logsOutput: true)
    #expect(tally.take([UInt8](repeating: 1, count: 4095), .output) == 4095)
    #expect(tally.take([1, 2, 3], .output) == 1)
    #expect(tally.take([4], .output) == 0)
    #expect(tally.take([], .output) == 0)
    #expect(tally.take([1, 2, 3], .input) == 3)
  }

  @Test func `what is said at the end has counts, and the hash of what was not kept`() {
    let upload = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    var tally = TransferTally(.scp, .summary, logsInput: true, logsOutput: true)
    for start in stride(from: 0, to: upload.count, by: 999) {
      _ = tally.take(Array(upload[start..<min(start + 999, upload.count)]), .input)
    }
    _ = tally.take([0, 0, 0], .output)
    _ = tally.take(Array("scp: x\n".utf8), .errorOutput)
    let rest = Array(upload[4096...])
    #expect(
      tally.json == """
        {"form":"scp","in":{"bytes":10000,"kept":4096,"sha256":"\(base64URL(rest))"},\
        "out":{"bytes":3,"kept":3},"err":{"bytes":7,"kept":7}}
        """)
  }

  @Test func `a direction that is not recorded is hashed from its first byte`() {
    var tally = TransferTally(.sftp, .summary, logsInput: false, logsOutput: true)
    #expect(tally.take([1, 2, 3], .input) == 0)
    #expect(tally.take([4], .output) == 1)
    #expect(
      tally.json == """
        {"form":"sftp","in":{"bytes":3,"kept":0,"sha256":"\(base64URL([1, 2, 3]))"},\
        "out":{"bytes":1,"kept":1},"err":{"bytes":0,"kept":0}}
        """)
    var silent = TransferTally(.sftp, .summary, logsInput: false, logsOutput: false)
    #expect(silent.take([1], .errorOutput) == 0)
    #expect(silent.take([1], .output) == 0)
  }

  @Test func `with transfers off only counts are left`() {
    var tally = TransferTally(.rsync, .off, logsInput: true, logsOutput: true)
    for stream in [Stream.input, .output, .errorOutput] { #expect(tally.take([1, 2], stream) == 0) }
    #expect(
      tally.json == """
        {"form":"rsync","in":{"bytes":2,"kept":0},"out":{"bytes":2,"kept":0},"err":{"bytes":2,"kept":0}}
        """)
  }

  @Test func `with transfers full all is kept`() {
    var tally = TransferTally(.scp, .full, logsInput: true, logsOutput: true)
    let much = [UInt8](repeating: 0, count: 100_000)
    for stream in [Stream.input, .output, .errorOutput] { #expect(tally.take(much, stream) == much.count) }
    #expect(
      tally.json == """
        {"form":"scp","in":{"bytes":100000,"kept":100000},"out":{"bytes":100000,"kept":100000},\
        "err":{"bytes":100000,"kept":100000}}
        """)
  }
}

extension TransferTally {
  fileprivate mutating func take(_ bytes: [UInt8], _ stream: Stream) -> Int {
    bytes.withUnsafeBufferPointer { take($0, stream) }
  }

  fileprivate var json: String {
    var json = ByteBuilder(capacity: 64)
    append(to: &json)
    return String(decoding: json.array, as: UTF8.self)
  }
}

private func base64URL(_ bytes: [UInt8]) -> String {
  var hash = SHA256()
  hash.update(bytes)
  var text = ByteBuilder(capacity: 64)
  hash.digest().appendBase64URL(to: &text)
  return String(decoding: text.array, as: UTF8.self)
}
