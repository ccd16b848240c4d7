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
  case .print(let text): Process.exit(PlayMain.print(text))
  case .configured(let merged) where merged.flag("configuration"):
    Process.exit(PlayMain.print(merged.printed(by: sources.program.rows)))
  case .configured(let merged): Process.exit(PlayMain.run(try PlaySettings(merged)))
  }
} catch {
  PlayMain.refuse(error)
}
