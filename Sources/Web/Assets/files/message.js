// Pages that only say something: there is nothing at an address, or one may not see it.

import { h } from "./dom.js";
import { text } from "./text.js";

/** Shows a sentence in place of a page, with the way to the recordings. */
export function showMessage(main, { title, body }) {
  main.replaceChildren(h(
    "div", { class: "message", role: "alert" }, h("h1", {}, title), body ? h("p", {}, body) : null,
    h("a", { class: "button", href: "/recordings" }, text.toRecordings)));
}

export function openNothing() {
  document.title = `${text.nothing.title} · ${text.product}`;
  showMessage(document.getElementById("main"), text.nothing);
  return { close() {} };
}
