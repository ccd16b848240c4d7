// What is known of a recording, beside the player: facts, and the marks of its time line to go to.

import { duration, shown, size, zonedTime } from "./format.js";
import { h } from "./dom.js";
import { skew } from "./hostclock.js";
import { stateBadges, trustBadge } from "./states.js";
import { markLabel } from "./timeline.js";
import { reason, text } from "./text.js";

const words = text.info;

function facts(recording) {
  const end = recording.state === "live" ? text.list.now : zonedTime(new Date(recording.end));
  return [
    [words.user, shown(recording.user)],
    [words.host, shown(recording.host)],
    [words.state, h("span", { class: "badges" }, stateBadges(recording))],
    [words.start, zonedTime(new Date(recording.start))],
    [words.end, end],
    [words.duration, duration(recording.duration_ms)],
    [words.ended, recording.why ? reason(recording.why) : null],
    [words.exit, recording.exit ?? null],
    [words.signal, recording.signal ?? null],
    [words.trust, trustBadge(recording)],
    [words.clock, skew(recording.clock_ms ?? 0)],
    [words.size, size(recording.bytes)],
    [words.messages, recording.messages],
    [words.gaps, recording.gaps || null],
    [words.input, recording.has_input === undefined ? null : recording.has_input ? words.yes : words.no],
    [words.window, recording.columns ? `${recording.columns}×${recording.rows}` : null],
    [words.terminal, shown(recording.term)],
    [words.tty, shown(recording.tty)],
    [words.command, shown(recording.cmd)],
    [words.id, recording.id],
  ].filter(([, value]) => value !== null && value !== "");
}

export class Details {
  /** @param {function(number)} seek Goes to a mark. */
  constructor(seek) {
    this.seek = seek;
    this.facts = h("dl", { class: "facts" });
    this.marks = h("ol", { class: "marks" });
    this.element = h(
      "aside", { class: "details", "aria-label": text.player.info, hidden: true }, this.facts,
      h("h2", {}, text.player.marksTitle), this.marks);
  }

  setRecording(recording) {
    this.facts.replaceChildren(...facts(recording).map(
      ([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, typeof value === "number" ? String(value) : value))));
  }

  setMarks(marks) {
    this.marks.replaceChildren(...marks.slice(0, 500).map((mark) => h(
      "li", {}, h("button", { type: "button", class: `mark-button ${mark.kind}`, onclick: () => this.seek(mark.ms) },
        h("span", { class: "at" }, duration(mark.ms)), h("span", {}, markLabel(mark))))));
    if (!marks.length) this.marks.replaceChildren(h("li", { class: "none" }, text.player.noMarks));
  }
}
