// Plays a recording on a terminal: where it is, how fast it goes, what comes next. It has an explicit clock and asks
// `Ranges` for events; what the page shows of it is told by `changed`. A seek is the keyframe before, then what follows.

import { Live } from "./live.js";
import { REPLAY_CHARACTERS_MAX } from "./ranges.js";

export const SPEEDS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16];
/** Nothing for so long is idle, and may be skipped. */
const IDLE_MS = 1000;
/** What is left of an idle stretch before the next event. */
const IDLE_LEFT_MS = 250;
/** How much recorded time is held ahead, in seconds of the person who watches. */
const AHEAD_SECONDS = 10;
/** A place on which the pointer rests for so long while it drags is fetched. */
const REST_MS = 150;
/** Keys typed so long before a place are shown when one goes there. */
const KEYS_BEFORE_MS = 1500;

export class Driver {
  /**
   * @param {object} screen What shows it: a `Terminal`.
   * @param {Ranges} ranges Of the recording.
   * @param {object} told `changed()` after each change of place or state; `resized()`; `input(data, ms)`; `cleared()`
   *   before a jump; `gap(reason, ms)`; `ended(recording)` when a live one ended; `failed(error)`.
   * @param {function(): number} now A clock in milliseconds.
   */
  constructor(screen, ranges, told, now = () => performance.now()) {
    Object.assign(this, { screen, ranges, told, now });
    this.position = 0;
    this.stretch = null;
    /** Events of the stretch that are on the screen. */
    this.applied = 0;
    this.isPlaying = false;
    /** Nothing can be shown yet: the centre has been asked. */
    this.isWaiting = false;
    /** At the live edge, and moving with it. */
    this.isFollowing = false;
    this.skipsIdle = false;
    /** What is on the screen is a later moment, to be seen before it plays. */
    this.isPoster = false;
    this.speed = 1;
    this.anchor = { ms: 0, at: 0 };
    this.seeking = null;
    this.resting = 0;
    this.ticking = 0;
    this.live = new Live(ranges, {
      came: (stretch) => this.came(stretch),
      // While following, the clock runs on from where it was: time has passed there too.
      connected: () => (this.isFollowing ? told.changed() : this.settle()),
      ended: (end) => this.ended(end),
      refused: (refusal) => {
        this.pause();
        told.failed(refusal);
      },
    });
    this.isClosed = false;
  }

  get duration() {
    return this.ranges.durationMs;
  }

  get isLive() {
    return this.ranges.isLive;
  }

  get isConnected() {
    return this.live.isConnected;
  }

  get isAtEnd() {
    return !this.isLive && this.position >= this.duration;
  }

  /** From here on time runs from this place. */
  settle() {
    this.anchor = { ms: this.position, at: this.now() };
    this.told.changed();
  }

  // MARK: - Going somewhere

  /** Goes to `ms`. The latest call wins; the place shows at once, the screen when it is there. */
  async seek(ms, { keepsFollowing = false } = {}) {
    this.abandonSeek();
    const seeking = new AbortController();
    this.seeking = seeking;
    if (!keepsFollowing) this.isFollowing = false;
    this.isPoster = false;
    this.position = this.bounded(ms);
    this.isWaiting = !this.goForward(this.position);
    this.settle();
    try {
      if (this.isWaiting) {
        const stretch = await this.ranges.at(this.position, seeking.signal);
        if (seeking.signal.aborted) return;
        this.restore(stretch);
      }
    } catch (error) {
      if (seeking.signal.aborted) return;
      this.told.failed(error);
    }
    this.isWaiting = false;
    this.seeking = null;
    this.settle();
    this.prefetch();
  }

  /** Shows `ms` while the time line is dragged: at once where it is held; else it is fetched where the pointer rests. */
  scrub(ms) {
    this.abandonSeek();
    this.isFollowing = false;
    this.isPoster = false;
    this.position = this.bounded(ms);
    const held = this.ranges.held(this.position);
    if (held) this.restore(held);
    else this.resting = setTimeout(() => this.seek(this.position), REST_MS);
    this.isWaiting = !held;
    this.settle();
  }

  bounded(ms) {
    return Math.min(Math.max(0, Math.round(ms)), this.duration);
  }

  /** Forgets where it was going. */
  abandonSeek() {
    clearTimeout(this.resting);
    this.seeking?.abort();
    this.seeking = null;
  }

  /** Shows the last screen that is held, and stays where it is: something to see before it plays. */
  showPoster() {
    if (!this.stretch || this.position > 0) return;
    this.apply(this.stretch.events.length, Infinity);
    this.isPoster = true;
    this.told.changed();
  }

  /** Goes on from what is on the screen, when `ms` lies not too far ahead in the same stretch. */
  goForward(ms) {
    const { stretch } = this;
    if (!stretch?.holds(ms)) return false;
    const count = stretch.count(ms);
    if (count < this.applied) return false;
    if (stretch.charactersTo(count) - stretch.charactersTo(this.applied) > REPLAY_CHARACTERS_MAX) return false;
    this.told.cleared();
    this.apply(count, ms - KEYS_BEFORE_MS);
    return true;
  }

  restore(stretch) {
    const { keyframe } = stretch;
    this.stretch = stretch;
    this.applied = 0;
    this.told.cleared();
    this.screen.reset(keyframe.columns, keyframe.rows, keyframe.data);
    this.told.resized();
    this.apply(stretch.count(this.position), this.position - KEYS_BEFORE_MS);
    this.attach();
  }

  /** Shows the events of the stretch up to `count`; keys and gaps before `toldFrom` are not told. */
  apply(count, toldFrom = 0) {
    let text = "";
    for (let index = this.applied; index < count; index += 1) {
      const [ms, kind, data] = this.stretch.events[index];
      if (kind === "o") {
        text += data;
      } else if (kind === "r") {
        this.screen.feed(text);
        text = "";
        const [columns, rows] = data.split("x").map(Number);
        this.screen.resize(columns, rows);
        this.told.resized();
      } else if (ms >= toldFrom) {
        if (kind === "i") this.told.input(data, ms);
        if (kind === "g") this.told.gap(data, ms);
      }
    }
    this.screen.feed(text);
    this.applied = Math.max(this.applied, count);
  }

  /** One step on, or back: to the next or last time at which the screen changed. */
  async step(direction) {
    this.pause();
    const target = direction > 0 ? await this.nextChange() : await this.lastChange();
    await this.seek(target);
  }

  async nextChange() {
    const { stretch } = this;
    if (!stretch) return this.position;
    for (;;) {
      const next = stretch.events.slice(stretch.count(this.position)).find((event) => event[1] !== "i");
      if (next) return next[0];
      if (stretch.reachesEnd) return this.isLive ? this.position : this.duration;
      await this.ranges.extend(stretch);
    }
  }

  /** The time of the change before the one that led to what is on the screen; 0 at the first. */
  async lastChange() {
    let { stretch } = this;
    let shown = null;
    let ms = this.position;
    while (stretch) {
      for (let index = stretch.count(ms) - 1; index >= 0; index -= 1) {
        const [at, kind] = stretch.events[index];
        if (kind === "i") continue;
        if (shown !== null && at < shown) return at;
        shown ??= at;
      }
      if (stretch.start <= 0) return 0;
      ms = stretch.start;
      stretch = await this.ranges.at(ms - 1);
      while (!stretch.holds(ms) && !stretch.reachesEnd) await this.ranges.extend(stretch);
    }
    return 0;
  }

  // MARK: - Playing

  async play() {
    if (this.isPlaying || this.isClosed) return;
    this.isPlaying = true;
    this.screen.setPlaying(true);
    if (this.isAtEnd || this.isPoster) await this.seek(this.isPoster ? this.position : 0);
    this.settle();
    cancelAnimationFrame(this.ticking);
    const tick = () => {
      if (!this.isPlaying) return;
      this.tick();
      this.ticking = requestAnimationFrame(tick);
    };
    this.ticking = requestAnimationFrame(tick);
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.isFollowing = false;
    cancelAnimationFrame(this.ticking);
    this.screen.setPlaying(false);
    this.told.changed();
  }

  setSpeed(speed) {
    this.speed = speed;
    this.settle();
  }

  setSkipsIdle(skipsIdle) {
    this.skipsIdle = skipsIdle;
    this.told.changed();
  }

  /** Shows what is due now. */
  tick() {
    if (this.seeking || !this.stretch) return;
    const { stretch } = this;
    let due = this.anchor.ms + (this.now() - this.anchor.at) * this.speed;
    if (this.isFollowing) {
      if (this.isConnected && !this.ranges.isSilent) this.ranges.durationMs = this.position = Math.max(this.position, due);
      this.told.changed();
      return;
    }
    const beyondIdle = this.beyondIdle(due);
    if (beyondIdle !== null) {
      due = beyondIdle;
      this.anchor = { ms: due, at: this.now() };
    }
    const held = stretch.reachesEnd ? Math.max(this.duration, stretch.end) : stretch.end - 1;
    this.isWaiting = due > held && !stretch.reachesEnd;
    if (due > held) this.anchor = { ms: held, at: this.now() };
    this.position = Math.max(this.position, Math.min(due, held));
    this.apply(stretch.count(this.position));
    this.applied -= this.ranges.bound(stretch, this.applied);
    this.prefetch();
    if (stretch.reachesEnd && this.position >= this.duration) this.reachEnd();
    this.told.changed();
  }

  reachEnd() {
    if (!this.isLive) {
      this.pause();
      return;
    }
    this.speed = 1;
    this.isFollowing = true;
    this.settle();
  }

  /** Where an idle stretch at `due` may be left; null where there is none, or none is skipped. */
  beyondIdle(due) {
    if (!this.skipsIdle) return null;
    const last = this.stretch.events[this.applied - 1]?.[0] ?? this.stretch.start;
    const next = this.stretch.events[this.applied]?.[0]
      ?? (this.stretch.reachesEnd && !this.isLive ? this.duration : null);
    if (next === null || due - last < IDLE_MS || next - due < IDLE_MS) return null;
    return next - IDLE_LEFT_MS;
  }

  /** Holds enough ahead that playing never waits, and no more. */
  prefetch() {
    const { stretch } = this;
    if (!stretch || stretch.reachesEnd) return;
    const isNextKnown = !this.skipsIdle || this.applied < stretch.events.length;
    if (isNextKnown && stretch.end > this.position + AHEAD_SECONDS * 1000 * this.speed) return;
    this.ranges.extend(stretch).then(() => this.attach(), (error) => this.told.failed(error));
  }

  // MARK: - Live

  /** Has a stretch that reaches the end of a live recording go on by itself. */
  attach() {
    if (!this.isClosed && this.isLive && this.stretch?.reachesEnd) this.live.attach(this.stretch);
  }

  came(stretch) {
    this.ranges.isSilent = false;
    if (this.stretch === stretch) {
      if (this.isFollowing && !this.seeking) {
        this.apply(stretch.events.length);
        this.position = stretch.end;
        this.anchor = { ms: this.position, at: this.now() };
      }
      this.applied -= this.ranges.bound(stretch, this.applied);
    } else {
      this.ranges.bound(stretch, stretch.events.length);
    }
    this.told.changed();
  }

  ended(end) {
    this.position = Math.min(this.position, this.duration);
    if (this.isFollowing) this.pause();
    this.told.ended(end);
    this.told.changed();
  }

  /** To the live edge, and along with it. */
  async goLive() {
    if (!this.isLive) return;
    this.speed = 1;
    this.isFollowing = true;
    await this.seek(this.duration, { keepsFollowing: true });
    if (!this.isFollowing || !this.isLive) return;
    if (this.stretch?.reachesEnd) this.apply(this.stretch.events.length);
    await this.play();
    this.told.changed();
  }

  close() {
    this.isClosed = true;
    this.isPlaying = false;
    cancelAnimationFrame(this.ticking);
    this.abandonSeek();
    this.live.close();
  }
}
