// Where the pages begin: who is here, which page is meant.

import { h } from "./dom.js";
import { header } from "./header.js";
import { openHosts } from "./hosts.js";
import { openList } from "./list.js";
import { openNothing } from "./message.js";
import { install as installNotices } from "./notices.js";
import { openPlayer } from "./player.js";
import { start } from "./router.js";
import { ensureSession } from "./signin.js";
import { loadTerminal } from "./terminal.js";

const PLAYER = /^\/recordings\/([a-z2-7]{4,16})$/;

async function main() {
  installNotices();
  // The terminal is loaded meanwhile, where one will be needed.
  if (PLAYER.test(location.pathname)) loadTerminal().catch(() => {});
  await ensureSession();
  document.body.prepend(header(), h("main", { id: "main", tabindex: "-1" }));
  start([
    [PLAYER, openPlayer],
    [/^\/(recordings)?$/, openList],
    [/^\/hosts$/, openHosts],
    [/^/, openNothing],
  ]);
}

main();
