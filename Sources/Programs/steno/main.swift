// steno: looks at recordings on this machine.

import Playback
import System

Process.cleanUp()
Process.exit(StenoMain.run(Process.arguments))
