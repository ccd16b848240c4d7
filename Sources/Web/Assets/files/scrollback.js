// The lines that left the screen at the top. asciinema-player's emulator keeps none, so this one reads output once more,
// for its text alone: a screen of characters without colours, and a list of what scrolled off it. A row that the next one
// goes on from has `wraps`; such rows are one line in the list.

/** Lines kept; more is what seeking is for. */
export const SCROLLBACK_ROWS_MAX = 2000;
/** Of one line, however often it wraps. */
const LINE_CHARACTERS_MAX = 65536;

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{M}|[\u200b-\u200f]/u;
/** Control sequences, two-character escapes, strings to the terminal, single controls, or a run of text. */
const TOKENS = /\u001b\[([0-?]*)[ -/]*([@-~])|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]+[0-~]|\u001b([0-~])|([\u0000-\u001f\u007f])|([^\u0000-\u001f\u007f]+)|\u001b/gu;

const blank = (columns) => new Array(columns).fill(" ");

export class Scrollback {
  constructor(columns, rows) {
    this.lines = [];
    /** The last line in the list goes on in the next row that leaves. */
    this.isOpen = false;
    this.saved = null;
    this.size(columns, rows);
    this.reset();
  }

  size(columns, rows) {
    [this.columns, this.rows] = [columns, rows];
  }

  reset() {
    this.screen = Array.from({ length: this.rows }, () => blank(this.columns));
    this.other = null;
    [this.row, this.column, this.top, this.bottom] = [0, 0, 0, this.rows - 1];
  }

  /** A full-screen program is on the alternate screen, which has no scrollback. */
  get isFullScreen() {
    return this.other !== null;
  }

  resize(columns, rows) {
    const fitted = (screen) => {
      const lines = screen.map((line) => Object.assign(
        line.length < columns ? [...line, ...blank(columns - line.length)] : line.slice(0, columns), { wraps: line.wraps }));
      while (lines.length > rows) {
        if (lines.at(-1).every((cell) => cell === " ") && this.row < lines.length - 1) lines.pop();
        else this.keep(lines.shift());
      }
      while (lines.length < rows) lines.push(blank(columns));
      return lines;
    };
    const before = this.rows;
    this.size(columns, rows);
    this.screen = fitted(this.screen);
    if (this.other) this.other = fitted(this.other);
    this.row = Math.min(Math.max(0, this.row - Math.max(0, before - rows)), rows - 1);
    this.column = Math.min(this.column, columns - 1);
    [this.top, this.bottom] = [0, rows - 1];
  }

  feed(data) {
    for (const [, parameters, final, escape, control, run] of data.matchAll(TOKENS)) {
      if (run !== undefined) this.print(run);
      else if (control !== undefined) this.control(control);
      else if (final !== undefined) this.sequence(parameters, final);
      else if (escape !== undefined) this.escape(escape);
    }
  }

  print(run) {
    for (const character of run) {
      if (COMBINING.test(character)) continue;
      const width = WIDE.test(character) ? 2 : 1;
      if (this.column + width > this.columns) {
        this.column = 0;
        this.screen[this.row].wraps = true;
        this.lineFeed();
      }
      if (this.column + width === this.columns) this.screen[this.row].wraps = false;
      this.screen[this.row][this.column] = character;
      if (width === 2) this.screen[this.row][this.column + 1] = "";
      this.column += width;
    }
  }

  control(control) {
    switch (control) {
      case "\r": this.column = 0; break;
      case "\n": case "\v": case "\f": this.lineFeed(); break;
      case "\b": this.column = Math.max(0, Math.min(this.column, this.columns) - 1); break;
      case "\t": this.column = Math.min((this.column >> 3) * 8 + 8, this.columns - 1); break;
      default: break;
    }
  }

  escape(final) {
    switch (final) {
      case "7": this.saved = [this.row, this.column]; break;
      case "8": [this.row, this.column] = this.saved ?? [0, 0]; this.clamp(); break;
      case "D": this.lineFeed(); break;
      case "E": this.column = 0; this.lineFeed(); break;
      case "M": if (this.row === this.top) this.scrollDown(this.top, 1); else this.row = Math.max(0, this.row - 1); break;
      case "c": this.reset(); break;
      default: break;
    }
  }

  clamp() {
    this.row = Math.min(Math.max(this.row, 0), this.rows - 1);
    this.column = Math.min(Math.max(this.column, 0), this.columns - 1);
  }

  sequence(parameters, final) {
    if (parameters.startsWith("?")) {
      if (final === "h" || final === "l") this.mode(parameters.slice(1).split(";"), final === "h");
      return;
    }
    if (/^[<=>]/.test(parameters)) return;
    const numbers = parameters.split(";").map((word) => parseInt(word, 10) || 0);
    const count = Math.max(1, Math.min(numbers[0], 65535));
    switch (final) {
      case "A": this.row -= count; break;
      case "B": case "e": this.row += count; break;
      case "C": case "a": this.column += count; break;
      case "D": this.column -= count; break;
      case "E": this.row += count; this.column = 0; break;
      case "F": this.row -= count; this.column = 0; break;
      case "G": case "`": this.column = count - 1; break;
      case "d": this.row = count - 1; break;
      case "H": case "f": this.row = count - 1; this.column = Math.max(1, numbers[1] ?? 1) - 1; break;
      case "J": this.eraseInScreen(numbers[0]); return;
      case "K": this.eraseInLine(numbers[0]); return;
      case "L": if (this.isInside) this.scrollDown(this.row, count); return;
      case "M": if (this.isInside) this.scrollUp(this.row, count, false); return;
      case "S": this.scrollUp(this.top, count, this.top === 0); return;
      case "T": this.scrollDown(this.top, count); return;
      case "P": this.shift(count, 0); return;
      case "@": this.shift(0, count); return;
      case "X":
        this.screen[this.row].fill(" ", this.column, this.column + count);
        if (this.column + count >= this.columns) this.screen[this.row].wraps = false;
        return;
      case "r": {
        const bottom = numbers[1] || this.rows;
        if (count < bottom && bottom <= this.rows) [this.top, this.bottom] = [count - 1, bottom - 1];
        [this.row, this.column] = [0, 0];
        return;
      }
      case "s": this.saved = [this.row, this.column]; return;
      case "u": [this.row, this.column] = this.saved ?? [0, 0]; break;
      default: return;
    }
    this.clamp();
  }

  mode(numbers, isSet) {
    if (!numbers.some((number) => ["47", "1047", "1049"].includes(number)) || isSet === this.isFullScreen) return;
    if (isSet) {
      this.other = this.screen;
      this.saved = [this.row, this.column];
      this.screen = Array.from({ length: this.rows }, () => blank(this.columns));
    } else {
      this.screen = this.other;
      this.other = null;
      [this.row, this.column] = this.saved ?? [0, 0];
      this.clamp();
    }
  }

  get isInside() {
    return this.row >= this.top && this.row <= this.bottom;
  }

  keep(line) {
    if (this.isFullScreen) return;
    const text = line.wraps ? line.join("") : line.join("").trimEnd();
    if (this.isOpen) this.lines[this.lines.length - 1] += text;
    else this.lines.push(text);
    this.isOpen = Boolean(line.wraps) && this.lines.at(-1).length < LINE_CHARACTERS_MAX;
    if (this.lines.length > SCROLLBACK_ROWS_MAX * 2) this.lines.splice(0, this.lines.length - SCROLLBACK_ROWS_MAX);
  }

  lineFeed() {
    if (this.row === this.bottom) this.scrollUp(this.top, 1, this.top === 0);
    else this.row = Math.min(this.row + 1, this.rows - 1);
  }

  scrollUp(top, count, isKept) {
    for (let done = 0; done < Math.min(count, this.bottom - top + 1); done += 1) {
      const [line] = this.screen.splice(top, 1);
      if (isKept) this.keep(line);
      this.screen.splice(this.bottom, 0, blank(this.columns));
    }
  }

  scrollDown(top, count) {
    for (let done = 0; done < Math.min(count, this.bottom - top + 1); done += 1) {
      this.screen.splice(this.bottom, 1);
      this.screen.splice(top, 0, blank(this.columns));
    }
  }

  shift(deleted, inserted) {
    const line = this.screen[this.row];
    line.wraps = false;
    if (deleted) line.splice(this.column, deleted);
    if (inserted) line.splice(this.column, 0, ...blank(Math.min(inserted, this.columns)));
    line.length = Math.min(line.length, this.columns);
    while (line.length < this.columns) line.push(" ");
  }

  eraseInLine(how) {
    const line = this.screen[this.row];
    if (how !== 1) line.wraps = false;
    if (how === 0) line.fill(" ", this.column);
    else if (how === 1) line.fill(" ", 0, this.column + 1);
    else if (how === 2) line.fill(" ");
  }

  eraseInScreen(how) {
    if (how === 3) return;
    if (how !== 2) this.eraseInLine(how);
    const [from, to] = how === 0 ? [this.row + 1, this.rows] : [0, how === 1 ? this.row : this.rows];
    for (let row = from; row < to; row += 1) this.screen[row] = blank(this.columns);
  }
}

/**
 * The lines that left the screen before `ms`, the newest last.
 *
 * @param {Ranges} ranges Is asked for earlier keyframes until there is enough, or the beginning.
 * @returns {{lines: string[], isFullScreen: boolean}}
 */
export async function linesBefore(ranges, ms) {
  /** Keyframes to go back over: about 1 MiB of output. */
  const stepsMax = 4;
  let first = await ranges.at(ms);
  for (let step = 0; step < stepsMax && first.start > 0; step += 1) first = await ranges.at(first.start - 1);
  const { keyframe } = first;
  const reader = new Scrollback(keyframe.columns, keyframe.rows);
  reader.feed(keyframe.data);
  // A keyframe draws a screen: what scrolled while it was drawn was not shown.
  reader.lines = [];
  reader.isOpen = false;
  while (!first.holds(ms) && !first.reachesEnd) await ranges.extend(first);
  for (const [, kind, data] of first.events.slice(0, first.count(ms))) {
    if (kind === "o") reader.feed(data);
    if (kind === "r") reader.resize(...data.split("x").map(Number));
  }
  return { lines: reader.lines.slice(-SCROLLBACK_ROWS_MAX), isFullScreen: reader.isFullScreen };
}
