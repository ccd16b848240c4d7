#include "CSys.h"

#include <string.h>

int csys_errno(void) { return errno; }

const char *csys_strerror(int code) { return strerror(code); }

size_t csys_strlen(const char *string) { return strlen(string); }
