// The state of a recording, as a word with a colour and a tip.

import { h } from "./dom.js";
import { zonedTime } from "./format.js";
import { text } from "./text.js";

/** The states of recordings, as the centre names them. */
export const STATES = ["live", "complete", "incomplete", "killed", "interrupted", "abandoned", "damaged", "tampered"];

export function stateBadges(recording) {
  const { state } = recording;
  const badges = [h(
    "span", { class: `badge ${state}`, title: tip(recording) },
    h("span", { class: "dot", "aria-hidden": "true" }), text.states[state] ?? state)];
  if (recording.silent) {
    const since = zonedTime(new Date(recording.silent));
    badges.push(h("span", { class: "badge silent", title: text.states.tips.silent(since) }, text.states.silent));
  }
  if (recording.gaps > 0 && state !== "incomplete") {
    badges.push(h("span", { class: "badge gaps", title: text.states.tips.gaps(recording.gaps) }, text.states.gaps));
  }
  return badges;
}

function tip({ state, gaps }) {
  return state === "incomplete" && gaps ? text.states.tips.gaps(gaps) : text.states.tips[state];
}

export function trustBadge(recording) {
  const { trust } = recording;
  return h("span", { class: `${trust === "trusted" ? "trusted" : "doubted"}`, title: text.trust.tips[trust] },
    text.trust[trust] ?? trust);
}
