// The prologue of tlog-rec-session has nothing to call: linking it is enough.
#ifndef CPROLOGUE_H
#define CPROLOGUE_H
#endif
