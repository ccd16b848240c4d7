// The terminal on the page: asciinema-player's emulator and view, without its controls. It is fed, reset and resized by
// the driver, and knows nothing of time. The player's script is loaded when the first terminal is made.

const SCRIPT = new URL("./asciinema-player.js", import.meta.url).href;
const STYLE = new URL("./asciinema-player.css", import.meta.url).href;

let loading = null;

/** Loads the player's script and style, once. */
export function loadTerminal() {
  loading ??= Promise.all([
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: SCRIPT, onload: resolve, onerror: () => reject(new Error(SCRIPT)) });
      document.head.append(script);
    }),
    new Promise((resolve, reject) => {
      const style = document.createElement("link");
      Object.assign(style, { rel: "stylesheet", href: STYLE, onload: resolve, onerror: () => reject(new Error(STYLE)) });
      // Before ours, which overrules it.
      document.head.prepend(style);
    }),
  ]);
  return loading;
}

/** Rows are as long as the screen is wide: what is copied ends where their text ends. */
function copyWithoutPadding(event) {
  event.clipboardData.setData("text/plain", getSelection().toString().replace(/[ \u00a0]+$/gmu, ""));
  event.preventDefault();
}

export class Terminal {
  /**
   * Makes a terminal in `container`.
   *
   * @param {string} label What a screen reader calls it.
   */
  static async open(container, columns, rows, label) {
    await loadTerminal();
    const terminal = new Terminal();
    let hooks = null;
    const player = await new Promise((resolve) => {
      const made = window.AsciinemaPlayer.create(
        (given) => {
          hooks = given;
          return { init: () => ({ cols: columns, rows }), play: () => {}, pause: () => {}, getCurrentTime: () => 0 };
        },
        container, { controls: false, fit: false, preload: true, theme: "steno", cols: columns, rows });
      made.addEventListener("metadata", () => resolve(made));
    });
    Object.assign(terminal, { player, hooks, columns, rows, element: player.el });
    const screen = terminal.screen;
    screen.setAttribute("role", "group");
    screen.setAttribute("aria-label", label);
    terminal.element.addEventListener("copy", copyWithoutPadding);
    return terminal;
  }

  get screen() {
    return this.element.querySelector(".ap-terminal");
  }

  /** A new, empty screen of that size; `text` is written on it. */
  reset(columns, rows, text = "") {
    this.columns = columns;
    this.rows = rows;
    this.hooks.reset(columns, rows, text);
  }

  feed(text) {
    if (text) this.hooks.feed(text);
  }

  resize(columns, rows) {
    if (!(columns > 0 && rows > 0)) return;
    this.columns = columns;
    this.rows = rows;
    this.hooks.resize(columns, rows);
    this.hooks.feed("");
  }

  /** While it plays, the cursor blinks. */
  setPlaying(isPlaying) {
    this.hooks.setState(isPlaying ? "playing" : "idle");
  }

  /** Width of a column and height of a row, in parts of the font's size. */
  get cell() {
    const screen = this.screen;
    const fontSize = parseFloat(getComputedStyle(screen).fontSize);
    return { width: screen.clientWidth / this.columns / fontSize, height: screen.clientHeight / this.rows / fontSize };
  }

  close() {
    this.player.dispose();
  }
}
