// steno: looks at recordings.

import Commands
import SystemCalls

Process.cleanUp()
Process.exit(Steno.run(Process.arguments.dropFirst().map { String(decoding: $0, as: UTF8.self) }))
