// The top of every page: the word mark, the ways to the pages, the zone of times, and who is signed in.

import { closeSession, session } from "./api.js";
import { h } from "./dom.js";
import { shown, zoneOffset } from "./format.js";
import { button, choice, menu } from "./parts.js";
import { text } from "./text.js";
import { localZone, onZone, setUTC, showsUTC } from "./zone.js";

const THEME = "steno-theme";
/** Pages, and who may see them. */
const PAGES = [["/recordings", text.list.title, ["viewer", "auditor", "admin"]], ["/hosts", text.hosts.title, ["auditor", "admin"]]];

/** The sign and the name. */
export function wordmark(attributes = {}) {
  const mark = h(
    "svg:svg", { class: "mark", viewBox: "0 0 24 24", "aria-hidden": "true" },
    h("svg:rect", { width: 24, height: 24, rx: 6, fill: "#2f4fc4" }),
    h("svg:path", {
      d: "M15.6 7.6c-.8-1.3-2.2-2-4-2-2.3 0-3.9 1.2-3.9 3 0 4.4 8.6 1.9 8.6 6.6 0 2-1.8 3.3-4.3 3.3-2.1 0-3.8-.9-4.6-2.5",
      fill: "none", stroke: "#fff", "stroke-width": 2, "stroke-linecap": "round",
    }),
    h("svg:circle", { cx: 18.4, cy: 18.4, r: 2.6, fill: "#ff6b5e", stroke: "#2f4fc4", "stroke-width": 1.2 }));
  return h(attributes.href ? "a" : "span", { class: "wordmark", ...attributes }, mark, h("span", { class: "word" }, text.product));
}

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

function zoneButton() {
  const element = button(text.zone.label, { kind: "ghost quiet zone", onclick: () => setUTC(!showsUTC()) });
  const show = () => {
    const name = showsUTC() ? "UTC" : `UTC${zoneOffset(new Date())}`;
    element.replaceChildren(name);
    element.title = showsUTC() ? text.zone.toLocal(localZone) : text.zone.toUTC(localZone);
    element.setAttribute("aria-label", text.zone.shown(name));
  };
  onZone(show);
  show();
  return element;
}

function account() {
  const isByLink = session.name === "link";
  const name = isByLink ? text.signIn.byLink : shown(session.name);
  const leave = async () => {
    await closeSession();
    location.assign("/");
  };
  return menu(
    button(text.account.label(name), { icon: "person", kind: "ghost account", word: name }),
    h("div", { class: "about" }, h("b", {}, name), h("span", {}, text.account.roles[session.role] ?? session.role)), h("hr"),
    zoneChoice(),
    choice(text.theme.label, ["auto", "light", "dark"].map((value) => [value, text.theme[value]]), chosenTheme(), setTheme), h("hr"),
    h("button", { type: "button", onclick: leave }, text.signIn.out));
}

function zoneChoice() {
  const made = choice(text.zone.label, [["local", text.zone.local], ["utc", "UTC"]], showsUTC() ? "utc" : "local", (value) => setUTC(value === "utc"));
  onZone(() => {
    made.querySelector(`[value=${showsUTC() ? "utc" : "local"}]`).checked = true;
  });
  return made;
}

/** Shows which page is open. */
export function showPage(path) {
  for (const link of document.querySelectorAll(".top nav a")) {
    if (link.getAttribute("href") === path) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

export function header() {
  return h(
    "header", { class: "top" },
    h("a", { class: "skip", href: "#main" }, text.skipToContent), wordmark({ href: "/recordings", "aria-label": text.product }),
    h("nav", { "aria-label": text.pages }, PAGES.filter(([, , roles]) => roles.includes(session.role)).map(
      ([href, title]) => h("a", { href }, title))),
    h("div", { class: "top-page", id: "top-page" }),
    h("div", { class: "top-end" }, zoneButton(), account()));
}
