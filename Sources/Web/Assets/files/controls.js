// The control bar under the time line: buttons that name their keys, and what they show of the driver's state.

import { h, icon, iconButton, renameButton } from "./dom.js";
import { clockTime, duration, localTime, typedPosition, zonedTime } from "./format.js";
import { keysOf } from "./keys.js";
import { SPEEDS } from "./driver.js";
import { text } from "./text.js";

const words = text.player;

export class Controls {
  /**
   * @param {object} actions What the buttons do, by the names that keys.js uses; `setSpeed(number)`, `goToTyped(text)`.
   * @param {HostClock} hostClock Of the recording.
   */
  constructor(actions, hostClock, { hasInput, isLive }) {
    this.hostClock = hostClock;
    const button = (name, image, label, more = {}) =>
      iconButton(image, label, { key: keysOf(name), onclick: () => actions[name](), ...more });
    this.toggle = button("toggle", "play", words.play, { class: "icon-button primary" });
    this.elapsed = h("input", {
      class: "elapsed", type: "text", inputmode: "numeric", value: "0:00", "aria-label": words.goTo,
      title: `${words.goTo} (${keysOf("goTo")})`, autocomplete: "off", spellcheck: "false",
    });
    this.total = h("span", { class: "total" });
    this.wall = h("span", { class: "wall", title: words.wall });
    this.speed = h(
      "select", { "aria-label": words.speed, title: `${words.speed} ({ })`, onchange: () => actions.setSpeed(Number(this.speed.value)) },
      SPEEDS.map((speed) => h("option", { value: String(speed) }, words.speedOf(speed))));
    this.slower = h("button", { type: "button", class: "icon-button", "aria-label": words.slower, title: `${words.slower} ({)`,
      onclick: () => actions.slower() }, "÷2");
    this.faster = h("button", { type: "button", class: "icon-button", "aria-label": words.faster, title: `${words.faster} (})`,
      onclick: () => actions.faster() }, "×2");
    this.idle = button("idle", "idle", words.skipIdle, { "aria-pressed": "false" });
    this.keys = button("keystrokes", "keys", hasInput ? words.keystrokes : words.noKeystrokes, {
      "aria-pressed": "false", disabled: !hasInput && !isLive,
    });
    this.pan = button("pan", "pan", words.pan, { "aria-pressed": "false" });
    this.zoom = h("button", {
      type: "button", class: "zoom", "aria-label": words.fit, title: `${words.fit} (z)`, onclick: () => actions.fit(),
    }, words.fitted);
    this.live = h("button", {
      type: "button", class: "live-button", title: `${words.goLive} (l)`, hidden: !isLive, onclick: () => actions.live(),
    }, h("span", { class: "dot" }), h("span", {}, words.live));
    this.listen(actions);
    const group = (...children) => h("div", { class: "group" }, children);
    this.element = h(
      "div", { class: "controls", role: "toolbar", "aria-label": words.controls },
      group(
        button("start", "start", words.start), button("back5", "back5", words.back5),
        button("stepBack", "stepBack", words.stepBack), this.toggle,
        button("stepForward", "stepForward", words.stepForward), button("forward5", "forward5", words.forward5),
        button("end", "end", words.end)),
      h("div", { class: "group times" }, this.elapsed, this.total, this.wall, this.live),
      h("div", { class: "group speeds" }, this.slower, this.speed, this.faster, this.idle),
      h("div", { class: "group views" },
        this.keys, button("history", "history", words.history),
        h("button", { type: "button", class: "icon-button", "aria-label": words.zoomOut, title: `${words.zoomOut} (-)`,
          onclick: () => actions.zoomOut() }, "−"),
        this.zoom,
        h("button", { type: "button", class: "icon-button", "aria-label": words.zoomIn, title: `${words.zoomIn} (+)`,
          onclick: () => actions.zoomIn() }, "+"),
        this.pan, button("full", "full", words.full), button("help", "help", words.help)));
  }

  listen(actions) {
    const { elapsed } = this;
    elapsed.addEventListener("focus", () => elapsed.select());
    elapsed.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && typedPosition(elapsed.value) !== null) actions.goToTyped(elapsed.value);
      if (event.key === "Enter" || event.key === "Escape") elapsed.blur();
    });
    elapsed.addEventListener("blur", () => this.update(this.driver));
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
  return h(
    "details", { class: "menu" },
    h("summary", { class: "icon-button", "aria-label": words.save, title: words.save }, icon("save")),
    h("div", { class: "menu-items" }, Object.entries(text.exports).map(([format, name]) => h(
      "a", { href: `/v1/recordings/${id}/export?format=${format}`, download: true }, name))));
}
