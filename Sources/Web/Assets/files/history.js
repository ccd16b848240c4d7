// The lines above the screen at a moment, over the player: as the centre's emulator kept them, with their colours.

import { h } from "./dom.js";
import { button } from "./parts.js";
import { text } from "./text.js";

const words = text.player;
/** Levels of red, green and blue in the colour cube of 256 colours, as xterm has them. */
const CUBE = [0, 95, 135, 175, 215, 255];
const CLASSES = new Set(["bold", "faint", "italic", "underline", "strikethrough"]);

/** A colour of the centre's answer as CSS has it. */
function color(word) {
  if (word.startsWith("#")) return word;
  const index = Number(word);
  if (index < 16) return `var(--term-color-${index})`;
  if (index >= 232) return `rgb(${Array(3).fill(8 + (index - 232) * 10).join(" ")})`;
  const cell = index - 16;
  return `rgb(${[Math.floor(cell / 36), Math.floor(cell / 6) % 6, cell % 6].map((level) => CUBE[level]).join(" ")})`;
}

function run({ text: characters, fg, bg, attributes = [] }) {
  if (!fg && !bg && !attributes.length) return characters;
  const element = h("span", { class: attributes.filter((name) => CLASSES.has(name)).join(" ") || null }, characters);
  const isInverse = attributes.includes("inverse");
  const [front, back] = isInverse ? [bg ?? "background", fg ?? "foreground"] : [fg, bg];
  const css = (word) => (/^[bf]/.test(word) ? `var(--term-color-${word})` : color(word));
  if (back) element.style.setProperty("background-color", css(back));
  if (attributes.includes("invisible")) element.style.setProperty("color", "transparent");
  else if (front) element.style.setProperty("color", css(front));
  return element;
}

const pre = (lines, attributes = {}) => h("pre", attributes, lines.flatMap((line) => [...line.map(run), "\n"]));

export class History {
  /** @param {function()} closed Is called when it goes. */
  constructor(closed) {
    this.closed = closed;
    this.element = h("div", { class: "history", hidden: true, tabindex: "0", role: "log", "aria-live": "off", "aria-label": words.historyLabel });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Shows the lines above the screen, and the screen beneath them. */
  open({ lines, screen }) {
    this.element.replaceChildren(
      h("div", { class: "history-top" }, button(words.historyClose, { onclick: () => this.close() })),
      pre(lines), pre(screen, { class: "on-screen" }));
    this.element.hidden = false;
    this.element.scrollTop = this.element.scrollHeight;
    this.element.focus();
  }

  pageUp() {
    this.element.scrollBy(0, -this.element.clientHeight);
  }

  close() {
    this.element.hidden = true;
    this.closed();
  }
}
