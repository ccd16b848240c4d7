// Where the terminal stands: fitted to the window, zoomed, moved about. Zooming changes the size of the font, so that
// text stays sharp and can be selected at any size.

import { h } from "./dom.js";
import { text } from "./text.js";

/** Font size at 100 %, in pixels. */
const FONT_PIXELS = 15;
const ZOOM_STEP = 0.1;
const ZOOM_MIN = 0.1;
const ZOOM_MAX = 4;
/** The player's frame around the screen, in parts of the font's size, both sides together. */
const FRAME = 1.5;

export class Stage {
  /** @param {function()} changed Is called when the zoom has changed. */
  constructor(changed) {
    this.changed = changed;
    this.mount = h("div", { class: "mount" });
    this.element = h("div", { class: "stage", role: "region", tabindex: "-1", "aria-label": text.player.stage }, this.mount);
    this.terminal = null;
    /** Null while fitted. */
    this.zoom = null;
    this.isPanning = false;
    this.cell = null;
    this.resizing = new ResizeObserver(() => this.layout());
    this.resizing.observe(this.element);
    this.listen();
  }

  setTerminal(terminal) {
    this.terminal = terminal;
    this.cell = terminal.cell;
    this.layout();
  }

  get isFitted() {
    return this.zoom === null;
  }

  /** 1 at the size of 15 pixels, also while fitted. */
  get scale() {
    return this.zoom ?? this.fittedFont() / FONT_PIXELS;
  }

  fittedFont() {
    const { terminal, cell } = this;
    if (!terminal || !cell) return FONT_PIXELS;
    const style = getComputedStyle(this.element);
    const width = this.element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const height = this.element.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    return Math.max(
      1, Math.min(width / (terminal.columns * cell.width + FRAME), height / (terminal.rows * cell.height + FRAME)));
  }

  layout() {
    if (!this.terminal) return;
    this.element.classList.toggle("fitted", this.isFitted);
    const font = this.isFitted ? Math.floor(this.fittedFont() * 20) / 20 : FONT_PIXELS * this.zoom;
    this.mount.style.setProperty("--terminal-font", `${font}px`);
    this.changed();
  }

  zoomBy(steps) {
    const next = Math.round((this.scale + steps * ZOOM_STEP) * 10) / 10;
    this.zoom = Math.min(Math.max(next, ZOOM_MIN), ZOOM_MAX);
    this.layout();
  }

  fit() {
    this.zoom = null;
    this.layout();
  }

  setPanning(isPanning) {
    this.isPanning = isPanning;
    this.element.classList.toggle("panning", isPanning);
  }

  listen() {
    const { element } = this;
    let from = null;
    element.addEventListener("pointerdown", (event) => {
      if (!this.isPanning || event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      from = { x: event.clientX + element.scrollLeft, y: event.clientY + element.scrollTop };
      event.preventDefault();
    });
    element.addEventListener("pointermove", (event) => {
      if (from) element.scrollTo(from.x - event.clientX, from.y - event.clientY);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      element.addEventListener(name, () => {
        from = null;
      });
    }
  }

  close() {
    this.resizing.disconnect();
  }
}
