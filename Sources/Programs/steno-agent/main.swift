// steno-agent: one per host. It takes recordings from recorders and keeps them until the centre has them.

import CSys
import Glibc
import Shipping
import System

func tell(_ text: String) { say(Array("steno-agent: \(text)\n".utf8)) }

func main() -> Int32 {
  let settings: AgentSettings
  do throws(AgentSettings.Problem) {
    let arguments = Process.arguments.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    guard let given = try AgentSettings.parse(arguments, host: HostFacts.name) else {
      say(Array(AgentSettings.usage.utf8), on: 1)
      return 0
    }
    settings = given.withRecorders()
  } catch {
    tell("\(error.text)\nhint: steno-agent --help")
    return 2
  }
  if settings.server != nil {
    tell("--server: there is no way to a centre in this program yet")
    return 1
  }
  do throws(SystemError) {
    raiseDescriptorLimit()
    let loop = try AgentLoop(settings, uplink: nil, signals: try Signals(), log: tell)
    loop.run()
    return 0
  } catch {
    let what = String(decoding: error.path, as: UTF8.self)
    tell("\(error.call) \(what): \(String(decoding: error.reason, as: UTF8.self))")
    return 1
  }
}

/// Each recording needs two.
func raiseDescriptorLimit() {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

exit(main())
