import Options

/// The file transfers that a login may be recorded as in summary, and how each is recognised: THREATS 10.
///
/// `transfers: summary` keeps little of what crosses, so it must not be had for anything that runs a command.
/// `scp -t /dev/null; bash`, a program called scp in the person's own `PATH`, a function of that name in their `.bashrc`
/// and `rsync --server --daemon`, which reads a configuration with commands in it, all look like transfers. So:
///
/// - The whole command must be of an exact form, in the words that clients send. Options are allowed by name, and words
///   may hold only characters that no shell gives a meaning to. All else is no transfer and is recorded in full, by way
///   of the shell: a refusal here costs space, never evidence.
/// - The recorder then executes the program itself, by a path that belongs to the system, with no shell between, and with
///   the environment that ``environment(from:)`` leaves.
/// - The shell must be one that would have run the command. nologin, rbash, git-shell and an administrator's own menu
///   are there to refuse commands, and to leave them out would be to let the person in.
///
/// Only for ``ShellRequest/soleCommand`` of a session without a terminal.
package enum TransferForm: UInt8, Sendable {
  case sftp = 1
  case scp = 2
  case rsync = 3

  package var name: StaticString {
    switch self {
    case .sftp: "sftp"
    case .scp: "scp"
    case .rsync: "rsync"
    }
  }

  /// Commands that are longer are not looked at. A client sends a few words; a long list of files is an exception.
  package static let commandByteCountMax = 4096

  /// Reads what a shell was given as `-c`.
  ///
  /// - Parameter shell: The path of that shell.
  /// - Returns: Nil when that is not a transfer beyond doubt.
  package static func parse(_ command: [UInt8], shell: [UInt8]) -> TransferCommand? {
    guard command.count <= commandByteCountMax, isUnrestricted(shell) else { return nil }
    let words = command.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map { [UInt8]($0) }
    if let program = system(words[0], in: ["/usr/bin/scp"], alsoAs: "scp") {
      return isSCP(words) ? TransferCommand(.scp, program, words) : nil
    }
    if let program = system(words[0], in: ["/usr/bin/rsync"], alsoAs: "rsync") {
      return isRsync(words) ? TransferCommand(.rsync, program, words) : nil
    }
    let servers: [StaticString] = [
      "/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server",
    ]  // Debian; Fedora; Arch and SUSE
    if let program = system(words[0], in: servers, alsoAs: nil) {
      return isSFTPServer(words) ? TransferCommand(.sftp, program, words) : nil
    }
    return nil
  }

  /// What a transfer may keep of its caller's environment, which the person may have written: who they are, and where
  /// from, for the log lines of sftp-server.
  ///
  /// Without `HOME`, since rsync takes `rsync exec --server PROGRAM` from `$HOME/.popt` and runs that program (tried with
  /// rsync 3.2.7 and 3.5.0). Without `LD_*`, `GCONV_PATH`, `OPENSSL_CONF` and the like, which load code. Without `PATH`,
  /// since none of the three starts a program.
  package static func environment(from caller: [[UInt8]]) -> [[UInt8]] {
    let kept: [StaticString] = ["USER=", "LOGNAME=", "SSH_CLIENT=", "SSH_CONNECTION="]
    return caller.filter { variable in kept.contains { variable.hasPrefix($0) } }
  }
}

/// A transfer, ready to be executed.
package struct TransferCommand: Equatable, Sendable {
  package let form: TransferForm
  /// The first is the absolute path of the program to execute, the others are the words of the command.
  package let arguments: [[UInt8]]

  fileprivate init(_ form: TransferForm, _ program: StaticString, _ words: [[UInt8]]) {
    self.form = form
    arguments = [[UInt8](program)] + words.dropFirst()
  }
}

/// The path among `paths` that `word` names; a bare `name` stands for the first.
private func system(_ word: [UInt8], in paths: [StaticString], alsoAs name: StaticString?) -> StaticString? {
  if let name, word.equals(name) { return paths.first }
  return paths.first { word.equals($0) }
}

/// Whether `shell` is known to run any command that it is given.
private func isUnrestricted(_ shell: [UInt8]) -> Bool {
  let folders: [StaticString] = ["/bin/", "/usr/bin/"]
  let names: [StaticString] = ["sh", "bash", "dash", "zsh", "ksh", "ksh93", "mksh", "fish", "csh", "tcsh"]
  return folders.contains { folder in
    shell.hasPrefix(folder) && isOne(of: names, [UInt8](shell.dropFirst(folder.utf8CodeUnitCount)))
  }
}

/// `sftp-server`, with the options that an administrator may give it in sshd_config.
private func isSFTPServer(_ words: [[UInt8]]) -> Bool {
  var place = 1
  while place < words.count {
    if isOne(of: ["-e", "-R"], words[place]) {
      place += 1
    } else if isOne(of: ["-d", "-f", "-l", "-P", "-p", "-u"], words[place]), place + 1 < words.count {
      guard isPlain(words[place + 1]) else { return false }
      place += 2
    } else {
      return false
    }
  }
  return true
}

/// `scp [-dpqrv…] -f PATH…` or `scp [-dpqrv…] -t PATH`, the two ends of scp's own protocol. Other options, such as `-S`
/// and `-o`, are of the client, which starts ssh.
private func isSCP(_ words: [[UInt8]]) -> Bool {
  var (sources, sinks) = (0, 0)
  var place = 1
  while place < words.count, isOption(words[place]), !words[place].equals("--") {
    guard words[place].count > 1 else { return false }
    for letter in words[place].dropFirst() {
      switch letter {
      case UInt8(ascii: "f"): sources += 1
      case UInt8(ascii: "t"): sinks += 1
      default: if !isOne(of: "dpqrv", letter) { return false }
      }
    }
    place += 1
  }
  let endsOptions = place < words.count && words[place].equals("--")
  let paths = words.dropFirst(endsOptions ? place + 1 : place)
  guard paths.allSatisfy({ isPlain($0) || endsOptions && isOption($0) && isPlain([UInt8]($0.dropFirst())) }) else {
    return false
  }
  return sources == 1 && sinks == 0 && !paths.isEmpty || sources == 0 && sinks == 1 && paths.count == 1
}

/// `rsync --server [--sender] OPTION… . PATH…`, as rsync's client puts it together (`server_options` in its options.c).
///
/// rsync takes options behind paths too, so no path may look like one; its client writes `./-x`. Not among the options
/// are those of the daemon, whose configuration names commands; `-s`, with which all else comes by way of standard
/// input; `-e` but for the capabilities that clients send in it; and the few that write to a device or a log.
private func isRsync(_ words: [[UInt8]]) -> Bool {
  guard words.count > 1, words[1].equals("--server") else { return false }
  var place = 2
  if place < words.count, words[place].equals("--sender") { place += 1 }
  while place < words.count, isOption(words[place]) {
    if isOne(of: rsyncPathOptions, words[place]) {
      place += 1
      guard place < words.count, isPlain(words[place]) else { return false }
    } else if !isRsyncLetters(words[place]) && !isRsyncFlag(words[place]) && !isRsyncSetting(words[place]) {
      return false
    }
    place += 1
  }
  guard place + 1 < words.count, words[place].equals(".") else { return false }
  return words.dropFirst(place + 1).allSatisfy(isPlain)
}

/// `-vlogDtpre.iLsfxCIvu`: letters that take nothing, then perhaps `e`, a version and the client's capabilities.
private func isRsyncLetters(_ word: [UInt8]) -> Bool {
  var letters = word.dropFirst()
  while let letter = letters.first, isOne(of: "ACDEHIJKLNORSUWXbcdgklmnopqrtuvxyz", letter) { letters.removeFirst() }
  if letters.isEmpty { return word.count > 1 }
  if letters.first == UInt8(ascii: "B"), word.count == letters.count + 1 {
    return letters.count > 1 && letters.dropFirst().allSatisfy(isDigit)
  }
  guard letters.removeFirst() == UInt8(ascii: "e") else { return false }
  while let digit = letters.first, isDigit(digit) { letters.removeFirst() }
  return letters.first == UInt8(ascii: ".") && letters.dropFirst().allSatisfy { isLetter($0) || isDigit($0) }
}

private func isRsyncFlag(_ word: [UInt8]) -> Bool {
  isOne(
    of: [
      "--append", "--copy-unsafe-links", "--delay-updates", "--delete", "--delete-after", "--delete-before",
      "--delete-delay", "--delete-during", "--delete-excluded", "--delete-missing-args", "--existing", "--fake-super",
      "--files-from=-", "--force", "--from0", "--fsync", "--fuzzy", "--ignore-errors", "--ignore-existing",
      "--ignore-missing-args", "--inplace", "--list-only", "--log-format=%i", "--log-format=%i%I", "--log-format=%o",
      "--log-format=X", "--mkpath", "--msgs2stderr", "--new-compress", "--no-W", "--no-implied-dirs",
      "--no-msgs2stderr", "--no-r", "--no-relative", "--no-specials", "--numeric-ids", "--old-compress",
      "--one-file-system", "--open-noatime", "--partial", "--preallocate", "--remove-sent-files",
      "--remove-source-files", "--safe-links", "--size-only", "--specials", "--stats", "--super", "--use-qsort",
    ], word)
}

/// `--name=value` for a number or a name of something that rsync itself has.
private func isRsyncSetting(_ word: [UInt8]) -> Bool {
  guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else { return false }
  let names: [StaticString] = [
    "--bwlimit", "--checksum-choice", "--checksum-seed", "--compress-choice", "--compress-level", "--compress-threads",
    "--debug", "--info", "--max-alloc", "--max-delete", "--max-size", "--min-size", "--modify-window",
    "--skip-compress", "--stderr", "--suffix", "--timeout",
  ]
  return isOne(of: names, [UInt8](word[..<equals])) && isPlain([UInt8](word[(equals + 1)...]))
}

/// Options whose value, a directory, is a word of its own.
private let rsyncPathOptions: [StaticString] = [
  "--backup-dir", "--compare-dest", "--copy-dest", "--link-dest", "--partial-dir", "--temp-dir",
]

private func isOption(_ word: [UInt8]) -> Bool { word.first == UInt8(ascii: "-") }

/// Whether a word is a path or a value that means the same to every shell and is no option: letters, digits and
/// `+ , - . / : @ _`, with no `-` in front. Bytes beyond ASCII are left out, since a shell in a locale of one byte a
/// character may take one of them for a space.
private func isPlain(_ word: [UInt8]) -> Bool {
  !word.isEmpty && !isOption(word) && word.allSatisfy { isLetter($0) || isDigit($0) || isOne(of: "+,-./:@_", $0) }
}

private func isLetter(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isOne(of characters: StaticString, _ byte: UInt8) -> Bool {
  for place in 0..<characters.utf8CodeUnitCount where characters.utf8Start[place] == byte { return true }
  return false
}

private func isOne(of words: [StaticString], _ word: [UInt8]) -> Bool { words.contains { word.equals($0) } }
