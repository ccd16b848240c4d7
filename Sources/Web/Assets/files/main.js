// Where the pages begin: who is here, which page is meant.

import { closeSession, session } from "./api.js";
import { h } from "./dom.js";
import { openList } from "./list.js";
import { install as installNotices } from "./notices.js";
import { openPlayer } from "./player.js";
import { start } from "./router.js";
import { shown } from "./format.js";
import { ensureSession } from "./signin.js";
import { loadTerminal } from "./terminal.js";
import { text } from "./text.js";

const PLAYER = /^\/recordings\/([a-z2-7]{4,16})$/;
const THEME = "steno-theme";

function chosenTheme() {
  try {
    return localStorage.getItem(THEME) ?? "auto";
  } catch {
    return "auto";
  }
}

function setTheme(choice) {
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  try {
    localStorage.setItem(THEME, choice);
  } catch {
    // No storage: the choice lasts as long as the page.
  }
  document.dispatchEvent(new Event(THEME));
}

function header() {
  const choice = h(
    "select", { "aria-label": text.theme.label, title: text.theme.label, onchange: () => setTheme(choice.value) },
    ["auto", "light", "dark"].map((name) => h("option", { value: name, selected: name === chosenTheme() }, text.theme[name])));
  const leave = async () => {
    await closeSession();
    location.assign("/");
  };
  return h(
    "header", { class: "top" },
    h("a", { class: "skip", href: "#main" }, text.skipToContent),
    h("a", { class: "wordmark", href: "/recordings" }, text.product),
    h("div", { class: "top-page", id: "top-page" }),
    h("div", { class: "top-end" }, choice, h("span", { class: "who" }, session.name === "link" ? text.signIn.byLink : shown(session.name)),
      h("button", { type: "button", class: "quiet", onclick: leave }, text.signIn.out)));
}

async function main() {
  installNotices();
  // The terminal is loaded meanwhile, where one will be needed.
  if (PLAYER.test(location.pathname)) loadTerminal().catch(() => {});
  await ensureSession();
  document.body.prepend(header(), h("main", { id: "main", tabindex: "-1" }));
  start([
    [PLAYER, openPlayer],
    [/^/, openList],
  ]);
}

main();
