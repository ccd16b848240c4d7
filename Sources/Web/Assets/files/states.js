// The state of a recording, as a word with a colour and a tip.

import { h } from "./dom.js";
import { text } from "./text.js";

/** What a list says of a recording first: `live`, `killed`, `abandoned` or `complete`. */
export function stateOf(recording) {
  if (recording.state === "complete" && recording.why === "killed") return "killed";
  return recording.state;
}

export function stateBadges(recording) {
  const state = stateOf(recording);
  const badges = [h(
    "span", { class: `badge ${state}`, title: text.states.tips[state] },
    state === "live" ? h("span", { class: "dot", "aria-hidden": "true" }) : null, text.states[state] ?? state)];
  if (recording.gaps > 0) {
    badges.push(h("span", { class: "badge gaps", title: text.states.tips.gaps(recording.gaps) }, text.states.gaps));
  }
  return badges;
}

export function trustBadge(recording) {
  const { trust } = recording;
  return h("span", { class: `trust ${trust === "trusted" ? "trusted" : "doubted"}`, title: text.trust.tips[trust] },
    text.trust[trust] ?? trust);
}
