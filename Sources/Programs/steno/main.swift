// steno: looks at recordings.

import Commands
import Foundation

exit(await CentreSteno.status(Array(CommandLine.arguments.dropFirst())))
