// tlog-play: plays a recording, or prints what it holds, with the caller's rights.

import Events
import Options
import Playback
import SystemCalls

Process.cleanUp()
let sources = ConfigurationSources(
  program: PlayTable.program, environment: Process.environment, isPrivileged: false,
  readFile: ConfigurationFile.read)
do throws(Failure) {
  switch try Call.read(from: sources, arguments: Process.arguments) {
  case .print(let text): say(text, on: 1)
  case .configured(let merged) where merged.flag("configuration"): say(merged.printed(by: sources.program.rows), on: 1)
  case .configured(let merged): Process.exit(PlayMain.run(try PlaySettings(merged)))
  }
  Process.exit(0)
} catch {
  PlayMain.refuse(error)
}
