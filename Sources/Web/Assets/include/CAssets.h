#ifndef CASSETS_H
#define CASSETS_H

#include <stddef.h>

// A file of the pages as it lies in the program.
struct casset {
  const char *name;            // under /assets/, or "index.html"
  const unsigned char *bytes;  // for ever
  size_t count;
};

// The assets, in no order. Stores their number in *count.
const struct casset *cassets_all(size_t *count);

#endif
