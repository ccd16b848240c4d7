// The pages as bytes of the program, so that an installed program finds them. Each file is named twice: where its bytes
// are, and in the list. What `make deps` fetches may be missing when this is compiled: then it is not in the list, and
// this file must be compiled again once it is there (tools/deps touches it).

#include "CAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed, which clang has had since version 19

static const unsigned char index_html[] = {
#embed "files/index.html"
};

#if __has_embed("vendor/asciinema-player.js")
#define HAS_PLAYER
static const unsigned char player_js[] = {
#embed "vendor/asciinema-player.js"
};
static const unsigned char player_css[] = {
#embed "vendor/asciinema-player.css"
};
static const unsigned char player_license[] = {
#embed "vendor/asciinema-player.LICENSE"
};
#endif

static const struct casset all[] = {
  {"index.html", index_html, sizeof index_html},
#ifdef HAS_PLAYER
  {"asciinema-player.js", player_js, sizeof player_js},
  {"asciinema-player.css", player_css, sizeof player_css},
  {"asciinema-player.LICENSE", player_license, sizeof player_license},
#endif
};

const struct casset *cassets_all(size_t *count) {
  *count = sizeof all / sizeof all[0];
  return all;
}
