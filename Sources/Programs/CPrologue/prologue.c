#include "CPrologue.h"
