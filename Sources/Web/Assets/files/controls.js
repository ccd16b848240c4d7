// The control bar under the time line: buttons that name their keys, and what they show of the driver's state.

import { h } from "./dom.js";
import { clockTime, duration, localTime, zonedTime } from "./format.js";
import { keysOf } from "./keys.js";
import { SPEEDS } from "./driver.js";
import { button, iconButton, menu, problemOf, renameButton, setProblem } from "./parts.js";
import { text } from "./text.js";

const words = text.player;

export class Controls {
  /**
   * @param {object} actions What the buttons do, by the names that keys.js uses; `setSpeed(number)`; `goToTyped(text)`, which
   *   returns what is wrong with it.
   * @param {HostClock} hostClock Of the recording.
   */
  constructor(actions, hostClock, { hasInput, isLive }) {
    this.hostClock = hostClock;
    const act = (name) => ({ key: keysOf(name), onclick: () => actions[name]() });
    const small = (name, image, label, more = {}) => iconButton(image, label, { ...act(name), ...more });
    const wordy = (name, image, label, word, more = {}) => button(label, { icon: image, word, kind: "ghost", ...act(name), ...more });
    this.toggle = small("toggle", "play", words.play);
    this.toggle.className = "button primary icon-only toggle";
    this.elapsed = h("input", {
      class: "elapsed", type: "text", value: "0:00", "aria-label": words.goTo,
      title: `${words.goTo} (${keysOf("goTo")})`, autocomplete: "off", spellcheck: "false",
    });
    this.total = h("span", { class: "total" });
    this.wall = h("span", { class: "wall", title: words.wall });
    this.speed = h(
      "select", { "aria-label": words.speed, title: `${words.speed} ({ })`, onchange: () => actions.setSpeed(Number(this.speed.value)) },
      SPEEDS.map((speed) => h("option", { value: String(speed) }, words.speedOf(speed))));
    this.idle = wordy("idle", "idle", words.skipIdle, words.skipIdleShort, { "aria-pressed": "false" });
    this.keys = wordy("keystrokes", "keys", hasInput ? words.keystrokes : words.noKeystrokes, words.keystrokesShort, {
      "aria-pressed": "false", disabled: !hasInput && !isLive,
    });
    this.pan = small("pan", "pan", words.pan, { kind: "pan", "aria-pressed": "false" });
    this.zoom = h("button", {
      type: "button", class: "button ghost zoom", "aria-label": words.fit, title: `${words.fit} (z)`, onclick: () => actions.fit(),
    }, words.fitted);
    this.live = h("button", {
      type: "button", class: "button live-button", title: `${words.goLive} (l)`, hidden: !isLive, onclick: () => actions.live(),
    }, h("span", { class: "dot" }), h("span", {}, words.live));
    this.actions = actions;
    this.listen();
    const group = (name, ...children) => h("div", { class: `group ${name}` }, children);
    const stepper = (name, ...children) => h("span", { class: `stepper ${name}` }, children);
    this.element = h(
      "div", { class: "controls", role: "toolbar", "aria-label": words.controls },
      group("transport",
        small("start", "start", words.start), small("back5", "back5", words.back5), small("stepBack", "stepBack", words.stepBack),
        this.toggle, small("stepForward", "stepForward", words.stepForward), small("forward5", "forward5", words.forward5),
        small("end", "end", words.end)),
      group("times", h("span", { class: "goto" }, this.elapsed, problemOf(this.elapsed)), this.total, this.wall, this.live),
      h("div", { class: "tools" },
        group("speeds", stepper("speed", small("slower", "minus", words.slower), this.speed, small("faster", "plus", words.faster)), this.idle),
        group("views", this.keys, wordy("history", "history", words.history, words.historyShort),
          stepper("zooming", small("zoomOut", "minus", words.zoomOut), this.zoom, small("zoomIn", "plus", words.zoomIn)), this.pan,
          small("full", "full", words.full), small("help", "help", words.help, { kind: "help-button" }))));
  }

  listen() {
    const { elapsed } = this;
    elapsed.addEventListener("focus", () => elapsed.select());
    elapsed.addEventListener("input", () => setProblem(elapsed, ""));
    elapsed.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.goTo(elapsed.value);
      if (event.key === "Escape") elapsed.blur();
    });
    elapsed.addEventListener("blur", () => {
      setProblem(elapsed, "");
      this.update(this.driver);
    });
  }

  /** Goes to a typed place; what is wrong with it is said beside the field, which keeps it. */
  goTo(typed) {
    const problem = this.actions.goToTyped(typed) ?? "";
    if (problem) {
      this.elapsed.focus();
      this.elapsed.value = typed;
      setProblem(this.elapsed, problem);
    } else {
      this.elapsed.blur();
    }
  }

  update(driver) {
    if (!driver) return;
    this.driver = driver;
    const { position, duration: total } = driver;
    const isLong = total >= 3600000;
    if (document.activeElement !== this.elapsed) this.elapsed.value = duration(position, !driver.isPlaying && !isLong);
    this.elapsed.setAttribute("size", String(Math.max(7, duration(total).length + 2)));
    this.total.textContent = `/ ${duration(total)}`;
    const at = this.hostClock.at(position);
    this.wall.textContent = `${localTime(at).slice(0, 10)} ${clockTime(at)}`;
    this.wall.title = `${words.wall}: ${zonedTime(at)}`;
    if (this.shownPlaying !== driver.isPlaying) {
      this.shownPlaying = driver.isPlaying;
      renameButton(this.toggle, driver.isPlaying ? "pause" : "play", driver.isPlaying ? words.pause : words.play, keysOf("toggle"));
    }
    this.speed.value = String(driver.speed);
    this.speed.classList.toggle("changed", driver.speed !== 1);
    this.idle.setAttribute("aria-pressed", String(driver.skipsIdle));
    this.live.hidden = !driver.isLive;
    this.live.classList.toggle("on", driver.isFollowing);
    this.live.lastChild.textContent = driver.isFollowing
      ? (driver.isConnected ? words.live : words.reconnecting) : words.goLive;
  }

  setZoom(stage) {
    this.zoom.textContent = stage.isFitted ? words.fitted : words.zoomed(Math.round(stage.scale * 100));
    this.zoom.classList.toggle("changed", !stage.isFitted);
  }

  setPressed(name, isPressed) {
    this[name].setAttribute("aria-pressed", String(isPressed));
  }
}

/** A menu of what can be saved. */
export function exportMenu(id) {
  return menu(
    button(words.save, { icon: "save", word: words.save, kind: "ghost" }), Object.entries(text.exports).map(([format, name]) => h(
      "a", { href: `/v1/recordings/${id}/export?format=${format}`, download: true }, name)));
}
