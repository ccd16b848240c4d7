// What the clock of the recorded host showed: its start, how long it was since, and where the clock was set meanwhile.

import { duration } from "./format.js";
import { text } from "./text.js";

/** What a host's clock and the centre's differ by without anybody minding. */
const SKEW_MS = 2000;

/** By how much a host's clock is ahead of the centre's, as a sentence; null where nobody minds. */
export function skew(ms) {
  return Math.abs(ms) > SKEW_MS ? text.info.skew(duration(Math.abs(ms)), ms > 0) : null;
}

export class HostClock {
  /** @param {Date} start What it showed at the recording's start. */
  constructor(start) {
    this.start = start.getTime();
    this.steps = [];
  }

  /** Takes the marks of a time line: those of kind `clock` say by how much the clock was set. */
  setMarks(marks) {
    this.steps = marks.filter((mark) => mark.kind === "clock");
  }

  /** The step behind `from`, up to `to`; undefined where there is none. */
  stepIn(from, to) {
    return this.steps.find((step) => step.ms > from && step.ms <= to);
  }

  /** @returns {number} Where in the recording it showed `time`, milliseconds since the Epoch; the last such place. */
  place(time) {
    const steps = this.steps.filter((step) => this.at(step.ms).getTime() <= time);
    return time - this.start - steps.reduce((sum, step) => sum + step.by_ms, 0);
  }

  /** @returns {Date} What it showed at `ms` of the recording. */
  at(ms) {
    return new Date(this.steps.reduce((sum, step) => (step.ms <= ms ? sum + step.by_ms : sum), this.start + ms));
  }
}
