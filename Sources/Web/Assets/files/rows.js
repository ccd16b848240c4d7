// A list of which only what is seen is in the page: any number of rows of one height, in a scrolling element.

import { h } from "./dom.js";

/** Rows kept above and below what is seen, so that scrolling finds them there. */
const MARGIN = 12;

export class Rows {
  /**
   * @param {function(*, number): Element} make A row for a value and its number.
   * @param {function()} nearEnd Is called when the last rows come into sight.
   * @param {function()} scrolled Is called after scrolling.
   */
  constructor(make, { nearEnd, scrolled, ...attributes }) {
    Object.assign(this, { make, nearEnd, scrolled });
    this.values = [];
    this.shown = new Map();
    this.space = h("div", { class: "rows-space", role: "presentation" });
    this.element = h("div", { class: "rows", ...attributes }, this.space);
    this.element.addEventListener("scroll", () => {
      this.draw();
      this.scrolled();
    }, { passive: true });
    this.resizing = new ResizeObserver(() => {
      this.clear();
      this.draw();
    });
    this.resizing.observe(this.element);
  }

  get rowHeight() {
    // A registered property: its value is in pixels.
    return parseFloat(getComputedStyle(this.element).getPropertyValue("--row-height"));
  }

  setValues(values) {
    this.values = values;
    this.clear();
    this.draw();
  }

  clear() {
    for (const row of this.shown.values()) row.remove();
    this.shown.clear();
  }

  /** Shows what has come into sight, and takes away what has left it; a row with the focus stays. */
  draw() {
    const height = this.rowHeight;
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / height) - MARGIN);
    const last = Math.min(this.values.length, Math.ceil((scrollTop + clientHeight) / height) + MARGIN);
    this.space.style.setProperty("height", `${this.values.length * height}px`);
    for (const [index, row] of this.shown) {
      if ((index < first || index >= last) && !row.contains(document.activeElement)) {
        row.remove();
        this.shown.delete(index);
      }
    }
    for (let index = first; index < last; index += 1) {
      if (!this.shown.has(index)) this.place(index, height);
    }
    if (last >= this.values.length - MARGIN) this.nearEnd();
  }

  place(index, height) {
    const row = this.make(this.values[index], index);
    row.style.setProperty("top", `${index * height}px`);
    row.dataset.index = String(index);
    this.shown.set(index, row);
    // In the order of reading, which is that of Tab.
    const after = [...this.shown.keys()].filter((other) => other > index);
    this.space.insertBefore(row, after.length ? this.shown.get(Math.min(...after)) : null);
  }

  /** Draws one row again, and leaves the focus where it is. */
  redraw(index) {
    const row = this.shown.get(index);
    if (!row) return;
    const hadFocus = row.contains(document.activeElement);
    const fresh = this.make(this.values[index], index);
    fresh.style.setProperty("top", row.style.getPropertyValue("top"));
    fresh.dataset.index = String(index);
    row.replaceWith(fresh);
    this.shown.set(index, fresh);
    if (hadFocus) fresh.querySelector("a").focus({ preventScroll: true });
  }

  /** Brings a row into sight and gives its link the focus. */
  focus(index) {
    if (index < 0 || index >= this.values.length) return;
    const height = this.rowHeight;
    const { element } = this;
    if (index * height < element.scrollTop) element.scrollTop = index * height;
    else if ((index + 1) * height > element.scrollTop + element.clientHeight) {
      element.scrollTop = (index + 1) * height - element.clientHeight;
    }
    this.draw();
    this.shown.get(index)?.querySelector("a").focus({ preventScroll: true });
  }

  close() {
    this.resizing.disconnect();
  }
}
