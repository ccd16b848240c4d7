// The line of time: how much happened when, marks, the place, and the time under the pointer. It is a slider for screen
// readers; the page's keys move it.

import { clockTime, duration } from "./format.js";
import { h } from "./dom.js";
import { reason, text } from "./text.js";

/** Pixels around a mark in which the pointer finds it. */
const NEAR_PIXELS = 5;
/** Of buckets asked for: bars of some pixels. `first.js` asks for as many. */
export const BUCKETS = 400;

export function markLabel(mark) {
  switch (mark.kind) {
    case "resize": return text.marks.resize(mark.columns, mark.rows);
    case "gap": return text.marks.gap(reason(mark.why ?? ""));
    case "clock": return text.marks.clock(`${mark.by_ms < 0 ? "−" : "+"}${duration(Math.abs(mark.by_ms))}`);
    case "masked": return text.marks.masked;
    case "end": return text.marks.end(reason(mark.why ?? ""));
    default: return mark.kind;
  }
}

export class Timeline {
  /** @param {object} told `scrub(ms)` while dragged, `seek(ms)` when let go. @param {HostClock} hostClock Of the recording. */
  constructor(hostClock, told) {
    Object.assign(this, { hostClock, told });
    this.activity = null;
    this.durationMs = 0;
    this.position = 0;
    this.hover = null;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.tip = h("div", { class: "tip", "aria-hidden": "true", hidden: true });
    this.head = h("div", { class: "head", "aria-hidden": "true" });
    this.hoverLine = h("div", { class: "hover-line", "aria-hidden": "true", hidden: true });
    this.element = h(
      "div", {
        class: "timeline", role: "slider", tabindex: "0", "aria-label": text.player.timeline, "aria-valuemin": "0",
        "aria-valuemax": "0", "aria-valuenow": "0", "aria-orientation": "horizontal",
      }, this.canvas, this.hoverLine, this.head, this.tip);
    this.listen();
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.element);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => this.draw();
    this.scheme.addEventListener("change", this.redraw);
    document.addEventListener("steno-theme", this.redraw);
  }

  listen() {
    const { element } = this;
    const place = (event) => {
      const box = element.getBoundingClientRect();
      return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * this.durationMs;
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      this.isDragged = true;
      this.told.scrub(place(event));
    });
    element.addEventListener("pointermove", (event) => {
      this.showTip(place(event));
      if (this.isDragged) this.told.scrub(place(event));
    });
    for (const name of ["pointerup", "pointercancel"]) {
      element.addEventListener(name, (event) => {
        if (this.isDragged) this.told.seek(place(event));
        this.isDragged = false;
      });
    }
    element.addEventListener("pointerleave", () => this.showTip(null));
  }

  setActivity(activity) {
    this.activity = activity;
    this.draw();
  }

  get marks() {
    return this.activity?.marks ?? [];
  }

  /** Shows the place; `said` is what a screen reader says of it. */
  setPosition(ms, durationMs, said) {
    const isLonger = durationMs !== this.durationMs;
    this.position = ms;
    this.durationMs = durationMs;
    this.head.style.setProperty("left", `${durationMs ? (ms / durationMs) * 100 : 0}%`);
    const seconds = String(Math.floor(ms / 1000));
    if (this.element.getAttribute("aria-valuenow") !== seconds || isLonger) {
      this.element.setAttribute("aria-valuenow", seconds);
      this.element.setAttribute("aria-valuemax", String(Math.floor(durationMs / 1000)));
      this.element.setAttribute("aria-valuetext", said);
    }
    if (isLonger) this.draw();
  }

  showTip(ms) {
    this.tip.hidden = this.hoverLine.hidden = ms === null;
    if (ms === null) return;
    const width = this.element.clientWidth;
    const near = this.marks.filter((mark) => Math.abs(mark.ms - ms) / (this.durationMs || 1) * width <= NEAR_PIXELS);
    this.tip.replaceChildren(
      h("b", {}, duration(ms)), ` ${clockTime(this.hostClock.at(ms))}`,
      ...near.slice(0, 3).map((mark) => h("div", {}, markLabel(mark))));
    const at = (ms / (this.durationMs || 1)) * width;
    this.hoverLine.style.setProperty("left", `${at}px`);
    const half = this.tip.offsetWidth / 2;
    this.tip.style.setProperty("left", `${Math.min(Math.max(at, half), width - half)}px`);
  }

  draw() {
    const { canvas, activity } = this;
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const colors = new Map();
    // What light-dark() is, is known where it is used, not in the variable.
    const color = (name) => {
      if (!colors.has(name)) {
        canvas.style.setProperty("color", `var(${name})`);
        colors.set(name, getComputedStyle(canvas).color);
      }
      return colors.get(name);
    };
    context.clearRect(0, 0, width, height);
    if (!activity || !this.durationMs) return;
    this.drawBars(context, activity.output, width, height, color("--activity"), 1);
    this.drawBars(context, activity.input, width, height, color("--activity-input"), 0.35);
    for (const mark of this.marks) {
      if (mark.kind === "end") continue;
      context.fillStyle = color(`--mark-${mark.kind}, var(--mark-resize)`);
      const x = (mark.ms / this.durationMs) * width;
      if (mark.kind === "gap") context.fillRect(x - 1, 0, 3, height);
      else context.fillRect(x - 0.5, 0, 1.5, mark.kind === "masked" ? height / 2 : height / 3);
    }
  }

  /** Square roots, so that a key is seen beside a flood; from the bottom, `share` of the height at most. */
  drawBars(context, values, width, height, color, share) {
    const most = Math.sqrt(Math.max(1, ...values));
    context.fillStyle = color;
    const span = (this.activity.bucket_ms / this.durationMs) * width;
    for (const [index, value] of values.entries()) {
      if (!value) continue;
      const bar = Math.max(2, (Math.sqrt(value) / most) * (height - 4) * share);
      context.fillRect(index * span, height - bar, Math.max(span, 1), bar);
    }
  }

  close() {
    this.resizing.disconnect();
    this.scheme.removeEventListener("change", this.redraw);
    document.removeEventListener("steno-theme", this.redraw);
  }
}
