// tlog-rec: records a program, or the caller's shell, with the caller's rights.

import Capture
import SystemCalls

Process.cleanUp()
Process.exit(Recorder.main(.rec))
