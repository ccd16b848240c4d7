// The pages as bytes of the program, so that an installed program finds them. Each file is named twice: where its bytes
// are, and in the list. What `make deps` fetches may be missing when this is compiled: then it is not in the list, and
// this file must be compiled again once it is there (tools/deps touches it).

#include "CAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed, which clang has had since version 19

static const unsigned char api_js[] = {
#embed "files/api.js"
};
static const unsigned char controls_js[] = {
#embed "files/controls.js"
};
static const unsigned char details_js[] = {
#embed "files/details.js"
};
static const unsigned char dialogs_js[] = {
#embed "files/dialogs.js"
};
static const unsigned char dom_js[] = {
#embed "files/dom.js"
};
static const unsigned char driver_js[] = {
#embed "files/driver.js"
};
static const unsigned char first_js[] = {
#embed "files/first.js"
};
static const unsigned char format_js[] = {
#embed "files/format.js"
};
static const unsigned char header_js[] = {
#embed "files/header.js"
};
static const unsigned char history_js[] = {
#embed "files/history.js"
};
static const unsigned char hostclock_js[] = {
#embed "files/hostclock.js"
};
static const unsigned char hosts_js[] = {
#embed "files/hosts.js"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char index_html[] = {
#embed "files/index.html"
};
static const unsigned char keys_js[] = {
#embed "files/keys.js"
};
static const unsigned char keystrokes_js[] = {
#embed "files/keystrokes.js"
};
static const unsigned char list_js[] = {
#embed "files/list.js"
};
static const unsigned char live_js[] = {
#embed "files/live.js"
};
static const unsigned char main_js[] = {
#embed "files/main.js"
};
static const unsigned char message_js[] = {
#embed "files/message.js"
};
static const unsigned char notices_js[] = {
#embed "files/notices.js"
};
static const unsigned char pages_css[] = {
#embed "files/pages.css"
};
static const unsigned char parts_css[] = {
#embed "files/parts.css"
};
static const unsigned char parts_js[] = {
#embed "files/parts.js"
};
static const unsigned char place_js[] = {
#embed "files/place.js"
};
static const unsigned char player_css[] = {
#embed "files/player.css"
};
static const unsigned char player_js[] = {
#embed "files/player.js"
};
static const unsigned char ranges_js[] = {
#embed "files/ranges.js"
};
static const unsigned char recordings_js[] = {
#embed "files/recordings.js"
};
static const unsigned char router_js[] = {
#embed "files/router.js"
};
static const unsigned char rows_js[] = {
#embed "files/rows.js"
};
static const unsigned char signin_js[] = {
#embed "files/signin.js"
};
static const unsigned char stage_js[] = {
#embed "files/stage.js"
};
static const unsigned char states_js[] = {
#embed "files/states.js"
};
static const unsigned char terminal_js[] = {
#embed "files/terminal.js"
};
static const unsigned char text_js[] = {
#embed "files/text.js"
};
static const unsigned char timeline_js[] = {
#embed "files/timeline.js"
};
static const unsigned char tokens_css[] = {
#embed "files/tokens.css"
};
static const unsigned char writtentime_js[] = {
#embed "files/writtentime.js"
};
static const unsigned char zone_js[] = {
#embed "files/zone.js"
};

#if __has_embed("vendor/asciinema-player.js")
#define HAS_PLAYER
static const unsigned char vendor_player_js[] = {
#embed "vendor/asciinema-player.js"
};
static const unsigned char vendor_player_css[] = {
#embed "vendor/asciinema-player.css"
};
static const unsigned char vendor_player_license[] = {
#embed "vendor/asciinema-player.LICENSE"
};
#endif

static const struct casset all[] = {
  {"api.js", api_js, sizeof api_js},
  {"controls.js", controls_js, sizeof controls_js},
  {"details.js", details_js, sizeof details_js},
  {"dialogs.js", dialogs_js, sizeof dialogs_js},
  {"dom.js", dom_js, sizeof dom_js},
  {"driver.js", driver_js, sizeof driver_js},
  {"first.js", first_js, sizeof first_js},
  {"format.js", format_js, sizeof format_js},
  {"header.js", header_js, sizeof header_js},
  {"history.js", history_js, sizeof history_js},
  {"hostclock.js", hostclock_js, sizeof hostclock_js},
  {"hosts.js", hosts_js, sizeof hosts_js},
  {"icon.svg", icon_svg, sizeof icon_svg},
  {"index.html", index_html, sizeof index_html},
  {"keys.js", keys_js, sizeof keys_js},
  {"keystrokes.js", keystrokes_js, sizeof keystrokes_js},
  {"list.js", list_js, sizeof list_js},
  {"live.js", live_js, sizeof live_js},
  {"main.js", main_js, sizeof main_js},
  {"message.js", message_js, sizeof message_js},
  {"notices.js", notices_js, sizeof notices_js},
  {"pages.css", pages_css, sizeof pages_css},
  {"parts.css", parts_css, sizeof parts_css},
  {"parts.js", parts_js, sizeof parts_js},
  {"place.js", place_js, sizeof place_js},
  {"player.css", player_css, sizeof player_css},
  {"player.js", player_js, sizeof player_js},
  {"ranges.js", ranges_js, sizeof ranges_js},
  {"recordings.js", recordings_js, sizeof recordings_js},
  {"router.js", router_js, sizeof router_js},
  {"rows.js", rows_js, sizeof rows_js},
  {"signin.js", signin_js, sizeof signin_js},
  {"stage.js", stage_js, sizeof stage_js},
  {"states.js", states_js, sizeof states_js},
  {"terminal.js", terminal_js, sizeof terminal_js},
  {"text.js", text_js, sizeof text_js},
  {"timeline.js", timeline_js, sizeof timeline_js},
  {"tokens.css", tokens_css, sizeof tokens_css},
  {"writtentime.js", writtentime_js, sizeof writtentime_js},
  {"zone.js", zone_js, sizeof zone_js},
#ifdef HAS_PLAYER
  {"asciinema-player.js", vendor_player_js, sizeof vendor_player_js},
  {"asciinema-player.css", vendor_player_css, sizeof vendor_player_css},
  {"asciinema-player.LICENSE", vendor_player_license, sizeof vendor_player_license},
#endif
};

const struct casset *cassets_all(size_t *count) {
  *count = sizeof all / sizeof all[0];
  return all;
}
