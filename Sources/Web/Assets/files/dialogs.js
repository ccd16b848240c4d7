// Dialogs: a question with two answers, the help.

import { h } from "./dom.js";
import { helpList } from "./keys.js";
import { button } from "./parts.js";
import { text } from "./text.js";

function show(dialog) {
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  (document.fullscreenElement ?? document.body).append(dialog);
  dialog.showModal();
}

/** Asks; resolves with true when the person says so. */
export function confirm(title, body, act) {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = h(
      "dialog", { "aria-labelledby": "question" },
      h("h2", { id: "question" }, title), h("p", {}, body),
      h("div", { class: "answers" },
        button(text.player.cancel, { autofocus: true, onclick: () => dialog.close() }),
        button(act, {
          kind: "danger", onclick: () => {
            answer = true;
            dialog.close();
          },
        })));
    dialog.addEventListener("close", () => resolve(answer));
    show(dialog);
  });
}

export function help() {
  const dialog = h(
    "dialog", { class: "help", "aria-labelledby": "keys-title" },
    h("h2", { id: "keys-title" }, text.keys.title), helpList(),
    h("div", { class: "answers" }, button(text.player.close, { autofocus: true, onclick: () => dialog.close() })));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "?") dialog.close();
  });
  show(dialog);
}

/** Shows an address for whoever cannot copy it otherwise. */
export function showLink(address) {
  const field = h("input", { type: "text", readonly: true, value: address, "aria-labelledby": "link-title" });
  const dialog = h(
    "dialog", { "aria-labelledby": "link-title" }, h("h2", { id: "link-title" }, text.player.linkFallback), field,
    h("div", { class: "answers" }, button(text.player.close, { onclick: () => dialog.close() })));
  show(dialog);
  field.select();
}
