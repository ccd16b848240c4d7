// Keys of the player: those of tlog's players and of asciinema's, where they do not conflict. One table makes both what
// a key does and the help that shows it.

import { h } from "./dom.js";
import { text } from "./text.js";

/** `[action, keys, keys as shown]`. Keys are `KeyboardEvent.key`, after `Shift+` where that matters. */
const TABLE = [
  ["toggle", [" ", "p", "P"], [text.keys.space, "p"]],
  ["back5", ["ArrowLeft"], ["←"]],
  ["forward5", ["ArrowRight"], ["→"]],
  ["backTenth", ["Shift+ArrowLeft"], ["Shift ←"]],
  ["forwardTenth", ["Shift+ArrowRight"], ["Shift →"]],
  ["stepBack", [","], [","]],
  ["stepForward", ["."], ["."]],
  ["start", ["Home", "R"], ["Home", "R"]],
  ["end", ["End", "G"], ["End", "G"]],
  ["tenths", [], ["0 … 9"]],
  ["goToTyped", [], ["90G"]],
  ["goTo", ["g"], ["g"]],
  ["slower", ["{", "<"], ["{", "<"]],
  ["faster", ["}", ">"], ["}", ">"]],
  ["normal", ["Backspace", "Delete"], ["Backspace"]],
  ["previousMark", ["["], ["["]],
  ["nextMark", ["]"], ["]"]],
  ["idle", ["i"], ["i"]],
  ["keystrokes", ["k"], ["k"]],
  ["zoomIn", ["+", "="], ["+"]],
  ["zoomOut", ["-"], ["-"]],
  ["fit", ["z", "Z"], ["z"]],
  ["pan", ["h"], ["h"]],
  ["history", ["PageUp"], ["Page up"]],
  ["full", ["f"], ["f"]],
  ["live", ["l"], ["l"]],
  ["link", ["c"], ["c"]],
  ["help", ["?"], ["?"]],
];

const ACTIONS = new Map(TABLE.flatMap(([action, keys]) => keys.map((key) => [key, action])));
const FIELDS = "input, textarea, select, [contenteditable]";
/** Digits and colons before `G`; more than a time needs is a mistake. */
const TYPED_MAX = 12;
/** Digits are forgotten when nothing follows for so long. */
const TYPED_MS = 3000;

/** The keys of an action as shown, for tips. */
export function keysOf(action) {
  return TABLE.find(([name]) => name === action)?.[2].join(", ");
}

/**
 * Has keys do things until the returned function is called.
 *
 * @param {object} actions By name; `tenths(0…9)` and `goToKeys("1:30")` are given what was typed.
 */
export function listen(actions) {
  let typed = "";
  let typedAt = 0;
  const onKey = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const { target } = event;
    if (target.closest?.(FIELDS) || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if ((event.key === " " || event.key === "Enter") && target.closest?.("button, a, summary")) return;
    if (/^[0-9:]$/.test(event.key)) {
      typed = ((event.timeStamp - typedAt < TYPED_MS ? typed : "") + event.key).slice(-TYPED_MAX);
      typedAt = event.timeStamp;
      if (event.key !== ":") actions.tenths(Number(event.key));
    } else {
      const isMoved = event.shiftKey && event.key.startsWith("Arrow");
      const action = ACTIONS.get(isMoved ? `Shift+${event.key}` : event.key);
      if (event.key === "Shift" || !action) return;
      if (event.key === "G" && typed && event.timeStamp - typedAt < TYPED_MS) actions.goToKeys(typed);
      else actions[action]();
      typed = "";
    }
    // asciinema-player listens too.
    event.stopPropagation();
    event.preventDefault();
  };
  window.addEventListener("keydown", onKey, { capture: true });
  return () => window.removeEventListener("keydown", onKey, { capture: true });
}

/** The help, as a list of keys and what they do. */
export function helpList() {
  return h("dl", { class: "keys" }, TABLE.map(([action, , keys]) => h(
    "div", {}, h("dt", {}, keys.map((key) => h("kbd", {}, key))), h("dd", {}, text.keys[action]))));
}
