// What is said for a moment at the foot of the page, and to screen readers; and what stays until it is over.

import { h } from "./dom.js";
import { onReachable } from "./api.js";
import { text } from "./text.js";

const SHOWN_MS = 5000;

const notice = h("div", { class: "toast", role: "status", "aria-live": "polite", hidden: true });
const trouble = h("div", { class: "toast stays", role: "alert", hidden: true });
const spoken = h("div", { class: "visually-hidden", "aria-live": "polite" });
let timer = 0;

/** Shows a sentence for some seconds. */
export function say(sentence, { isTrouble = false } = {}) {
  notice.textContent = sentence;
  notice.classList.toggle("bad", isTrouble);
  notice.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => {
    notice.hidden = true;
  }, SHOWN_MS);
}

/** Tells screen readers alone. */
export function speak(sentence) {
  spoken.textContent = sentence;
}

export function install() {
  document.body.append(trouble, notice, spoken);
  onReachable((isReachable) => {
    trouble.textContent = isReachable ? "" : text.status.unreachable;
    trouble.hidden = isReachable;
    if (isReachable) say(text.status.reachable);
  });
}
