// Keystrokes as they are played: named, grouped, fading. Text is grouped; keys that are repeated are counted.

import { h } from "./dom.js";
import { shown } from "./format.js";
import { text } from "./text.js";

const PILL_COUNT_MAX = 5;
/** Of text in one pill; its end is kept. */
const TEXT_LENGTH_MAX = 24;
const FADE_MS = 2500;
/** An escape sequence, a control, or a run of text. */
const TOKENS = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O[@-~]|[^\u001b[O])|[\u0000-\u001f\u007f]|[^\u0000-\u001f\u007f]+/g;

/** A key's name, or null for text. */
function keyName(token) {
  if (text.keyNames[token] && token !== " ") return text.keyNames[token];
  if (token.length === 2 && token[0] === "\u001b") return text.keyAlt(shown(token[1]));
  if (token.length === 1 && token < " ") return text.keyControl(String.fromCharCode(token.charCodeAt(0) + 64));
  return token[0] === "\u001b" ? shown(token) : null;
}

export class Keystrokes {
  constructor() {
    this.element = h("div", { class: "keystrokes", "aria-hidden": "true" });
    this.pills = [];
    this.timer = 0;
    this.isShown = false;
    this.isPlaying = false;
  }

  show(isShown) {
    this.isShown = isShown;
    this.element.hidden = !isShown;
  }

  /** What was typed fades while it plays, and stays while it is paused. */
  setPlaying(isPlaying) {
    if (isPlaying === this.isPlaying) return;
    this.isPlaying = isPlaying;
    clearTimeout(this.timer);
    if (isPlaying) this.fadeLater();
  }

  fadeLater() {
    clearTimeout(this.timer);
    if (this.isPlaying) this.timer = setTimeout(() => this.clear(), FADE_MS);
  }

  /** Takes input as it is played. */
  input(data) {
    for (const token of data.match(TOKENS) ?? []) this.add(keyName(token), token);
    if (this.isShown) this.paint();
  }

  add(name, token) {
    const last = this.pills.at(-1);
    if (name === null) {
      if (last && last.name === null) last.text = (last.text + token).slice(-TEXT_LENGTH_MAX);
      else this.pills.push({ name: null, text: token.slice(-TEXT_LENGTH_MAX), count: 1 });
    } else if (last?.name === name) {
      last.count += 1;
    } else {
      this.pills.push({ name, text: name, count: 1 });
    }
    this.pills = this.pills.slice(-PILL_COUNT_MAX);
  }

  paint() {
    this.element.replaceChildren(...this.pills.map((pill) => h(
      "span", { class: pill.name === null ? "pill" : "pill key" },
      pill.name === null ? shown(pill.text) : pill.text, pill.count > 1 ? ` ×${pill.count}` : null)));
    this.fadeLater();
  }

  clear() {
    clearTimeout(this.timer);
    this.pills = [];
    this.element.replaceChildren();
  }
}
