import Access
import Archive
import Foundation
import Web
import YAML

/// The configuration file: YAML, every key optional, unknown ones refused with their place. Flags go over it.
struct Settings {
  var listen = "0.0.0.0:8443"
  /// Names and addresses under which hosts reach the centre, beside those of `listen` and this machine.
  var names: [String] = []
  var abandonAfterHours = 24
  var sessionLimits = Sessions.Limits()
  /// How often a stream looks whether its viewer may still see it.
  var streamSeconds = 15
  var bounds = ArchiveBounds()
  var connections = ConnectionBounds()

  init() {}

  /// - Throws: `YAMLNode.Problem`.
  init(yaml: [UInt8]) throws(YAMLNode.Problem) {
    guard let root = try YAMLNode.read(yaml) else { return }
    guard case .mapping(let entries) = root.content else { throw root.problem("not a mapping") }
    for (key, place, value) in entries {
      switch key {
      case "listen":
        guard let text = value.scalar else { throw value.problem("listen is HOST:PORT") }
        listen = text
      case "names":
        guard let list = value.sequence else { throw value.problem("names is a list") }
        names = list.compactMap(\.scalar)
      case "session-idle-minutes":
        sessionLimits.idleMilliseconds = Int64(try Self.number(value, 1...1440)) * 60_000
      case "session-hours": sessionLimits.wholeMilliseconds = Int64(try Self.number(value, 1...720)) * 3_600_000
      case "stream-seconds": streamSeconds = try Self.number(value, 1...30)
      case "abandon-after-hours": abandonAfterHours = try Self.number(value, 1...8760)
      case "free-bytes-min": bounds.freeByteCountMin = UInt64(try Self.number(value, 0...Int.max))
      case "free-percent-min": bounds.freePercentMin = UInt64(try Self.number(value, 0...99))
      case "live-recordings-per-host": bounds.livePerHostMax = try Self.number(value, 1...1_000_000)
      case "connections-per-address": connections.perAddress = try Self.number(value, 1...65_536)
      case "slow-seconds": connections.slowSeconds = try Self.number(value, 1...3600)
      default: throw YAMLNode.Problem(place, "unknown key")
      }
    }
  }

  private static func number(_ node: YAMLNode, _ range: ClosedRange<Int>) throws(YAMLNode.Problem) -> Int {
    guard let number = node.scalar.flatMap({ Int($0) }), range.contains(number) else {
      throw node.problem("a number from \(range.lowerBound) to \(range.upperBound) is needed")
    }
    return number
  }

  /// Where browsers reach the centre: the first of ``names``, or what it listens at, or this machine's name.
  func publicHost(_ hostName: String) -> String {
    if let name = names.first { return name }
    guard let host = address?.host, host != "0.0.0.0", host != "::" else { return hostName }
    return host.contains(":") ? "[\(host)]" : host
  }

  /// `listen` taken apart; nil when it is not HOST:PORT.
  var address: (host: String, port: Int)? {
    guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
      (0...65535).contains(port)
    else { return nil }
    let host = listen[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    return host.isEmpty ? nil : (host, port)
  }
}
