// steno-agent: one per host. It takes recordings from recorders and keeps them until the centre has them.

import API
import CSys
import Client
import FoundationEssentials
import Glibc
import Shipping
import SystemCalls

@Sendable func tell(_ text: String) { complain(Array("steno-agent: \(text)\n".utf8)) }

func main() -> Int32 {
  let settings: AgentSettings
  do throws(AgentSettings.Problem) {
    let arguments = Process.arguments.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    guard let given = try AgentSettings.parse(arguments, host: HostFacts.name) else {
      return printUsage()
    }
    settings = given.withRecorders()
  } catch {
    tell("\(error.text)\nhint: steno-agent --help")
    return 2
  }
  do {
    raiseDescriptorLimit()
    // Before any other thread is started: what is blocked here is blocked there.
    let signals = try Signals()
    let uplink = try uplink(settings)
    let loop = try AgentLoop(settings, uplink: uplink, signals: signals, log: tell)
    if let uplink { Task { await uplink.keepJoined() } }
    ServiceManager.tellReady()
    loop.run()
    ServiceManager.tellStopping()
    return 0
  } catch {
    tell(sentence(of: error))
    return 1
  }
}

func printUsage() -> Int32 {
  do throws(OutputError) { try show(Array(AgentSettings.usage.utf8)) } catch {
    Process.exit("steno-agent", after: error)
  }
  return 0
}

/// nil when everything is to stay on this host.
func uplink(_ settings: AgentSettings) throws -> CentreUplink? {
  guard let server = settings.server, let authority = settings.certificatePath else { return nil }
  guard let address = CentreAddress(server) else {
    throw AgentSettings.Problem(text: "--server \(server): it is https://HOST:PORT")
  }
  return CentreUplink(
    address, authorityPEM: try contents(of: authority), host: String(decoding: settings.host, as: UTF8.self),
    joinToken: try settings.joinToken.map(token), identity: try HostIdentity(settings.statePath), log: tell)
}

/// - Parameter word: The token, or @FILE that holds it.
func token(_ word: String) throws -> String {
  guard word.hasPrefix("@") else { return word }
  return try contents(of: String(word.dropFirst())).filter { !$0.isWhitespace }
}

func contents(of path: String) throws -> String {
  guard let file = try SmallFile.read(Array(path.utf8), limit: 1 << 20) else {
    throw AgentSettings.Problem(text: "\(path): not there")
  }
  return String(decoding: file.bytes, as: UTF8.self)
}

/// Each recording needs two.
func raiseDescriptorLimit() {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

exit(main())
