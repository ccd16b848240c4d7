// The page that plays one recording: it brings driver, terminal, time line and controls together, and keeps the moment
// in the address.

import { Refusal, request, session } from "./api.js";
import { Controls, exportMenu } from "./controls.js";
import { Details } from "./details.js";
import { confirm, help, showLink } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { Driver, SPEEDS } from "./driver.js";
import { duration, localTime, shown, zonedTime } from "./format.js";
import { showPage } from "./header.js";
import { History } from "./history.js";
import { HostClock } from "./hostclock.js";
import { Keystrokes } from "./keystrokes.js";
import { keysOf, listen } from "./keys.js";
import { showMessage } from "./message.js";
import { say, speak } from "./notices.js";
import { button } from "./parts.js";
import { addressPlace, elapsedPlace, typedPlace } from "./place.js";
import { Ranges } from "./ranges.js";
import { rename } from "./router.js";
import { Stage } from "./stage.js";
import { stateBadges } from "./states.js";
import { Terminal, loadTerminal } from "./terminal.js";
import { reason, text } from "./text.js";
import { BUCKETS, Timeline, markLabel } from "./timeline.js";
import { onZone } from "./zone.js";

const words = text.player;
/** How often the activity of a live recording is asked for. */
const ACTIVITY_MS = 5000;
/** The address follows the place no faster than this: browsers refuse more. */
const ADDRESS_MS = 400;

export function openPlayer([id], query) {
  const page = new PlayerPage(id, query);
  page.open();
  return page;
}

class PlayerPage {
  constructor(id, query) {
    this.id = id;
    this.askedMs = elapsedPlace(query.t ?? "");
    this.closing = new AbortController();
    this.main = document.getElementById("main");
    this.top = document.getElementById("top-page");
    this.addressTimer = 0;
  }

  /** Another moment of the same recording. */
  update(query) {
    const ms = elapsedPlace(query.t ?? "");
    if (ms !== null) this.driver?.seek(ms);
  }

  async open() {
    document.title = `${words.page} · ${text.product}`;
    showPage("/recordings");
    const { signal } = this.closing;
    this.ranges = new Ranges(this.id);
    const path = `/v1/recordings/${this.id}`;
    // All at once: the first frame waits for one answer, not for four.
    const loading = loadTerminal();
    loading.catch(() => {});
    const activity = request(`${path}/activity?buckets=${BUCKETS}`, { signal });
    activity.then((value) => {
      this.ranges.activity = value;
    }, () => {});
    this.first = this.ranges.at(this.askedMs ?? 0, signal).catch(() => {});
    try {
      this.recording = await request(path, { signal });
      this.id = this.recording.id;
      this.ranges.durationMs = Math.max(this.ranges.durationMs, this.recording.duration_ms);
      this.ranges.isLive = this.recording.state === "live";
      this.ranges.isSilent = Boolean(this.recording.silent);
      this.show();
      await this.begin();
      this.timelineReady(await activity);
    } catch (error) {
      if (signal.aborted) return;
      this.fail(error);
    }
  }

  fail(error) {
    const sentence = error instanceof Refusal
      ? { 403: words.forbidden, 404: words.notFound }[error.status] ?? text.status.failed(error.message) : words.noTerminal;
    if (this.driver) say(sentence, { isTrouble: true });
    else showMessage(this.main, { title: sentence });
  }

  // MARK: - What is on the page

  show() {
    const { recording } = this;
    const start = new Date(recording.start);
    document.title = `${shown(recording.user)}@${shown(recording.host)} · ${localTime(start)} · ${text.product}`;
    this.stage = new Stage(() => this.controls.setZoom(this.stage));
    this.keystrokes = new Keystrokes();
    this.details = new Details((ms) => this.driver?.seek(ms));
    this.hostClock = new HostClock(start);
    this.timeline = new Timeline(this.hostClock, {
      seek: (ms) => this.driver?.seek(ms), scrub: (ms) => this.driver?.scrub(ms),
    });
    this.actions = this.makeActions();
    this.controls = new Controls(this.actions, this.hostClock, { hasInput: recording.has_input !== false, isLive: this.ranges.isLive });
    this.waiting = h("div", { class: "waiting", hidden: true }, words.waiting);
    this.screenNote = h("div", { class: "screen-note", role: "status", hidden: true });
    this.history = new History(() => this.stage.element.focus());
    // The control bar has the button that keys and screen readers find.
    this.poster = h("div", { class: "poster", "aria-hidden": "true", hidden: true }, h(
      "button", { type: "button", tabindex: "-1", title: words.play, onclick: () => this.actions.toggle() }, icon("play")));
    this.view = h("div", { class: "view" }, this.history.element, this.stage.element, this.poster, this.keystrokes.element, this.waiting, this.screenNote);
    this.body = h(
      "div", { class: "player" }, h("div", { class: "player-body" }, this.view, this.details.element),
      this.timeline.element, this.controls.element);
    this.main.replaceChildren(this.body);
    this.showTop(start);
    this.stopZone = onZone(() => this.rezoned());
    this.details.setRecording(recording);
    this.keystrokes.show(false);
    this.stopKeys = listen(this.actions);
    this.stage.element.addEventListener("wheel", (event) => this.wheel(event), { passive: true });
    this.main.focus({ preventScroll: true });
  }

  showTop(start) {
    const { recording } = this;
    this.badges = h("span", { class: "badges" }, stateBadges(recording));
    this.info = button(words.info, { icon: "info", word: words.info, kind: "ghost", "aria-pressed": "false", onclick: () => this.toggleDetails() });
    this.endButton = button(words.endSession, { kind: "danger end-session", hidden: true, onclick: () => this.endSession() });
    this.begun = h("time", { datetime: recording.start, title: zonedTime(start) }, localTime(start));
    this.top.replaceChildren(
      h("a", { class: "back", href: "/recordings", "aria-label": words.back, title: words.back, onclick: (event) => this.back(event) },
        icon("back"), h("span", { class: "word" }, words.back)),
      h("h1", { class: "title" }, h("b", { title: shown(recording.user) }, shown(recording.user)), h("span", { class: "at" }, words.on),
        h("b", { title: shown(recording.host) }, shown(recording.host))),
      h("span", { class: "meta" }, this.badges, this.begun), h("span", { class: "fill" }), this.endButton, this.info,
      button(words.link, { icon: "link", word: words.linkShort, kind: "ghost", key: keysOf("link"), onclick: () => this.actions.link() }),
      ...exportMenu(this.id));
    this.showEndButton();
  }

  /** The same moments, with other times. */
  rezoned() {
    const start = new Date(this.recording.start);
    this.begun.textContent = localTime(start);
    this.begun.title = zonedTime(start);
    this.details.setRecording(this.recording);
    this.changed();
  }

  /** To the list as it was, when one came from there. */
  back(event) {
    if (!/^\/(recordings)?(\?|$)/.test(history.state?.from ?? "")) return;
    event.preventDefault();
    event.stopPropagation();
    history.back();
  }

  showEndButton() {
    this.endButton.hidden = !(session?.role === "admin" && this.ranges.isLive);
  }

  toggleDetails() {
    this.details.element.hidden = !this.details.element.hidden;
    this.info.setAttribute("aria-pressed", String(!this.details.element.hidden));
  }

  // MARK: - Playing

  async begin() {
    const { recording } = this;
    const terminal = await Terminal.open(this.stage.mount, recording.columns || 80, recording.rows || 24, words.screen);
    if (this.closing.signal.aborted) {
      terminal.close();
      return;
    }
    this.terminal = terminal;
    this.stage.setTerminal(terminal);
    this.driver = new Driver(terminal, this.ranges, {
      changed: () => this.changed(),
      resized: () => this.stage.layout(),
      input: (data) => this.keystrokes.input(data),
      cleared: () => this.keystrokes.clear(),
      gap: (why) => this.note(words.gapNow(reason(why))),
      ended: (end) => this.ended(end),
      failed: (error) => this.fail(error),
    });
    await this.first;
    if (this.closing.signal.aborted) return;
    if (this.ranges.isLive && this.askedMs === null) await this.driver.goLive();
    else await this.driver.seek(this.askedMs ?? 0);
    if (this.askedMs === null && !this.ranges.isLive) this.driver.showPoster();
    this.body.dataset.ready = "";
    if (this.ranges.isLive) this.activityTimer = setInterval(() => this.refreshActivity(), ACTIVITY_MS);
  }

  timelineReady(activity) {
    this.ranges.activity = activity;
    this.hostClock.setMarks(activity.marks);
    this.timeline.setActivity(activity);
    this.details.setMarks(activity.marks);
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    if (!sum(activity.output) && sum(activity.input)) {
      this.note(words.onlyInput, true);
      this.showKeystrokes(true);
    }
  }

  async refreshActivity() {
    if (document.hidden || !this.ranges.isLive) return;
    await this.refreshRecording();
    this.ranges.isSilent = Boolean(this.recording.silent);
  }

  /** Shows what is on the screen besides the screen. */
  note(sentence, stays = false) {
    this.screenNote.textContent = sentence;
    this.screenNote.hidden = false;
    clearTimeout(this.noteTimer);
    if (!stays) {
      this.noteTimer = setTimeout(() => {
        this.screenNote.hidden = true;
      }, 4000);
    }
  }

  changed() {
    const { driver } = this;
    if (!driver) return;
    this.controls.update(driver);
    const step = driver.isPlaying && this.hostClock.stepIn(this.shownMs ?? 0, driver.position);
    if (step) this.note(markLabel(step));
    this.shownMs = driver.position;
    const at = this.hostClock.at(driver.position);
    this.timeline.setPosition(driver.position, driver.duration,
      words.position(duration(driver.position), duration(driver.duration), zonedTime(at)));
    this.waiting.hidden = !driver.isWaiting;
    this.poster.hidden = !driver.isPoster;
    this.keystrokes.setPlaying(driver.isPlaying);
    if (this.history.isOpen && driver.position !== this.historyMs) this.history.close();
    if (!driver.isPlaying) this.renameSoon();
  }

  /** The address is a link to the moment at which it stands. */
  renameSoon() {
    if (this.addressTimer) return;
    this.addressTimer = setTimeout(() => {
      this.addressTimer = 0;
      if (!this.driver.isPlaying) rename(this.address());
    }, ADDRESS_MS);
  }

  address() {
    const { position, isLive } = this.driver;
    // A live recording without a place is opened where it is now.
    return `/recordings/${this.id}${position > 0 || isLive ? `?t=${addressPlace(position)}` : ""}`;
  }

  async ended(end) {
    say(words.endedLive(end.why ? reason(end.why) : text.states.tips[end.state]));
    this.showEndButton();
    await this.refreshRecording();
  }

  async refreshRecording() {
    const { signal } = this.closing;
    try {
      this.recording = await request(`/v1/recordings/${this.id}`, { signal });
      this.details.setRecording(this.recording);
      this.badges.replaceChildren(...stateBadges(this.recording));
      this.timelineReady(await request(`/v1/recordings/${this.id}/activity?buckets=${BUCKETS}`, { signal }));
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  async endSession() {
    const { recording } = this;
    if (!(await confirm(words.endTitle, words.endBody(shown(recording.user), shown(recording.host)), words.endConfirm))) return;
    try {
      await request(`/v1/recordings/${this.id}/end`, { method: "POST" });
      say(words.endAsked);
    } catch (error) {
      say(text.status.failed(error.message), { isTrouble: true });
    }
  }

  // MARK: - What keys and buttons do

  makeActions() {
    const driver = (act) => (...values) => this.driver && act(this.driver, ...values);
    const by = (difference) => driver((it) => it.seek(it.position + difference(it)));
    return {
      toggle: driver((it) => this.toggle(it)),
      back5: by(() => -5000),
      forward5: by(() => 5000),
      backTenth: by((it) => -it.duration / 10),
      forwardTenth: by((it) => it.duration / 10),
      stepBack: driver((it) => it.step(-1)),
      stepForward: driver((it) => it.step(1)),
      start: driver((it) => it.seek(0)),
      end: driver((it) => (it.isLive ? it.goLive() : it.seek(it.duration))),
      tenths: driver((it, tenth) => it.seek((it.duration * tenth) / 10)),
      goToTyped: driver((it, typed) => this.goToTyped(it, typed)),
      goToKeys: (typed) => this.controls.goTo(typed),
      goTo: () => this.controls.elapsed.focus(),
      slower: driver((it) => this.setSpeed(SPEEDS[Math.max(0, SPEEDS.indexOf(it.speed) - 1)])),
      faster: driver((it) => this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, SPEEDS.indexOf(it.speed) + 1)])),
      normal: driver(() => this.setSpeed(1)),
      setSpeed: driver((it, speed) => this.setSpeed(speed)),
      previousMark: driver((it) => this.goToMark(-1)),
      nextMark: driver((it) => this.goToMark(1)),
      idle: driver((it) => {
        it.setSkipsIdle(!it.skipsIdle);
        speak(it.skipsIdle ? words.said.skipping : words.said.notSkipping);
      }),
      keystrokes: () => !this.controls.keys.disabled && this.showKeystrokes(!this.keystrokes.isShown),
      zoomIn: () => this.stage.zoomBy(1),
      zoomOut: () => this.stage.zoomBy(-1),
      fit: () => this.stage.fit(),
      pan: () => {
        this.stage.setPanning(!this.stage.isPanning);
        this.controls.setPressed("pan", this.stage.isPanning);
      },
      history: driver(() => (this.history.isOpen ? this.history.pageUp() : this.openHistory())),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.body.requestFullscreen()),
      live: driver((it) => it.goLive()),
      link: driver(() => this.copyLink()),
      help,
    };
  }

  toggle(driver) {
    if (driver.isPlaying) {
      driver.pause();
      speak(words.said.paused(duration(driver.position)));
    } else {
      driver.play();
      speak(words.said.playing);
    }
  }

  /** Goes to a place as people write it. Returns what is wrong with it. */
  goToTyped(driver, typed) {
    const { ms, problem } = typedPlace(typed, this.hostClock, driver.duration);
    if (problem) return words.badPlace[problem](duration(driver.duration));
    driver.seek(ms);
    return "";
  }

  setSpeed(speed) {
    if (this.driver.isFollowing && speed !== 1) return;
    this.driver.setSpeed(speed);
    speak(words.said.speed(words.speedOf(speed)));
  }

  goToMark(direction) {
    const { position } = this.driver;
    const marks = this.timeline.marks;
    const mark = direction > 0
      ? marks.find((each) => each.ms > position) : marks.findLast((each) => each.ms < position - 500 || (each.ms < position && !this.driver.isPlaying));
    if (mark) this.driver.seek(mark.ms);
  }

  showKeystrokes(isShown) {
    this.keystrokes.show(isShown);
    this.controls.setPressed("keys", isShown);
  }

  async copyLink() {
    const address = new URL(this.address(), location.href).href;
    try {
      await navigator.clipboard.writeText(address);
      say(words.linked);
    } catch {
      showLink(address);
    }
  }

  // MARK: - Lines that left the screen

  wheel(event) {
    const { element } = this.stage;
    if (event.deltaY < 0 && element.scrollTop === 0 && !this.history.isOpen && !event.ctrlKey) this.openHistory();
  }

  async openHistory() {
    if (this.isReadingHistory || !this.driver) return;
    this.isReadingHistory = true;
    this.driver.pause();
    const ms = Math.round(this.driver.position);
    try {
      const answer = await request(`/v1/recordings/${this.id}/scrollback?at=${ms}`, { signal: this.closing.signal });
      if (answer.full_screen) this.note(words.historyFull);
      else if (!answer.lines.length) this.note(words.historyNone);
      else {
        this.historyMs = this.driver.position;
        this.history.open(answer);
      }
    } catch (error) {
      if (!this.closing.signal.aborted) this.fail(error);
    } finally {
      this.isReadingHistory = false;
    }
  }

  close() {
    this.closing.abort();
    this.stopKeys?.();
    this.stopZone?.();
    clearInterval(this.activityTimer);
    clearTimeout(this.addressTimer);
    clearTimeout(this.noteTimer);
    this.driver?.close();
    this.terminal?.close();
    this.timeline?.close();
    this.stage?.close();
    this.keystrokes?.clear();
    this.top.replaceChildren();
  }
}
