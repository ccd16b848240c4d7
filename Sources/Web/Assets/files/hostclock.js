// What the clock of the recorded host showed: its start, how long it was since, and where the clock was set meanwhile.

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

  /** @returns {Date} What it showed at `ms` of the recording. */
  at(ms) {
    return new Date(this.steps.reduce((sum, step) => (step.ms <= ms ? sum + step.by_ms : sum), this.start + ms));
  }
}
