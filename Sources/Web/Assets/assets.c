// The pages as bytes of the program, so that an installed program finds them. Each file is named twice: where its bytes
// are, and in the list. What `make deps` fetches may be missing when this is compiled: then its count is 0.

#include "CAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed, which clang has had since version 19

static const unsigned char index_html[] = {
#embed "files/index.html"
};

static const struct casset all[] = {
  {"index.html", index_html, sizeof index_html},
};

const struct casset *cassets_all(size_t *count) {
  *count = sizeof all / sizeof all[0];
  return all;
}
