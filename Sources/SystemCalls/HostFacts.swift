import CSys
import Events

/// What the kernel and plain files say of the host, without asking any name service (THREATS 6).
package enum HostFacts {
  /// The host's full name: the node name, or the canonical name that /etc/hosts gives it, when that has a domain.
  package static var name: [UInt8] {
    var buffer = [CChar](repeating: 0, count: 256)
    let count = buffer.withUnsafeMutableBufferPointer { csys_node_name($0.baseAddress, $0.count) }
    let node = buffer[..<min(count, buffer.count)].map { UInt8(bitPattern: $0) }
    if node.contains(UInt8(ascii: ".")) { return node }
    guard let hosts = contents(of: "/etc/hosts", limit: 1 << 20) else { return node }
    return canonicalName(of: node, hosts: hosts) ?? node
  }

  /// The first name on the first line of `hosts` (hosts(5)) that names `node`, if it has a domain.
  package static func canonicalName(of node: [UInt8], hosts: [UInt8]) -> [UInt8]? {
    for line in hosts.split(separator: UInt8(ascii: "\n")) {
      let entry = line.prefix { $0 != UInt8(ascii: "#") }
      let words = entry.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      guard words.count >= 2, words.dropFirst().contains(where: { $0.elementsEqual(node) }) else { continue }
      return words[1].contains(UInt8(ascii: ".")) ? [UInt8](words[1]) : nil
    }
    return nil
  }

  /// boot id without dashes, process and its start time: `4d0c…-1a2b-3c4d5e`, lower-case hexadecimal.
  package static var recordingIdentifier: [UInt8] {
    let boot = contents(of: "/proc/sys/kernel/random/boot_id", limit: 64) ?? []
    let identifier = boot.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "\n") }
    return identifier + [UInt8(ascii: "-")] + hexadecimal(UInt64(Process.identifier))
      + [UInt8(ascii: "-")] + hexadecimal(processStartTicks)
  }

  /// Field 22 of /proc/self/stat (proc(5)): clock ticks from boot to the start of this process; 0 when unknown.
  package static var processStartTicks: UInt64 {
    guard let stat = contents(of: "/proc/self/stat", limit: 4096),
      let nameEnd = stat.lastIndex(of: UInt8(ascii: ")"))
    else { return 0 }
    let fields = stat[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
    return fields.count > 19 ? decimal(fields[19]) ?? 0 : 0
  }

  /// 4294967295 when the kernel keeps none: no audit, or no login. It never refuses a session.
  package static let noAuditSession: UInt32 = .max

  package static var auditSession: UInt32 { auditNumber("/proc/self/sessionid") }

  /// Who logged in, whatever ids were changed since; 4294967295 when unknown.
  package static var loginUser: UInt32 { auditNumber("/proc/self/loginuid") }

  private static func auditNumber(_ path: StaticString) -> UInt32 {
    guard let text = contents(of: path, limit: 32) else { return noAuditSession }
    let digits = text.prefix { $0 != UInt8(ascii: "\n") }
    guard let number = decimal(digits) else { return noAuditSession }
    return UInt32(exactly: number) ?? noAuditSession
  }
}

/// The number that `digits` are in decimal; nil when something else is among them, or it does not fit.
package func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
  guard !digits.isEmpty else { return nil }
  var number: UInt64 = 0
  for digit in digits {
    guard digit >= 0x30 && digit <= 0x39 else { return nil }
    let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
    let (sum, carry) = tenfold.addingReportingOverflow(UInt64(digit &- 0x30))
    if overflow || carry { return nil }
    number = sum
  }
  return number
}

private func hexadecimal(_ number: UInt64) -> [UInt8] {
  var digits: [UInt8] = []
  var rest = number
  repeat {
    let digit = UInt8(truncatingIfNeeded: rest & 0xf)
    digits.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    rest >>= 4
  } while rest > 0
  return digits.reversed()
}

/// An account, as passwd(5) has it.
package struct Person {
  package var name: [UInt8]
  package var shell: [UInt8]

  /// The account of `user`; nil when neither /etc/passwd nor NSS knows it.
  package init?(user: UInt32) {
    var entry = csys_person()
    guard csys_person(user, &entry) else { return nil }
    name = withUnsafeBytes(of: &entry.name) { CapturedText.upToNUL($0) }
    shell = withUnsafeBytes(of: &entry.shell) { CapturedText.upToNUL($0) }
  }

  /// Whether this process is in the local group of that name.
  package static func isInGroup(_ name: StaticString) -> Bool {
    withCString(bytes(name)) { csys_in_group($0) }
  }
}

private enum CapturedText {
  static func upToNUL(_ raw: UnsafeRawBufferPointer) -> [UInt8] { [UInt8](raw.prefix { $0 != 0 }) }
}
