// tlog-rec-session: stands where the login shell stands, and records it. The C prologue has run already: it put what the
// caller handed on into a known state and, when this program is installed with root's rights, gave them up.

import CPrologue
import Capture
import SystemCalls

Process.exit(Recorder.main(.session))
