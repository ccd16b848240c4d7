// What is held of a recording's events: stretches, each of them contiguous, most of them beginning with a keyframe. It
// asks the centre for what is missing, a portion at a time, and lets go of what was not used for long. A recording is
// never fetched whole.

import { Refusal, request } from "./api.js";

/** Aimed at for one answer, in bytes of recorded output: a fraction of a second on a slow network. */
const PORTION_BYTES = 128 * 1024;
/** Used before the activity is known; `first.js` asks for as much. */
const FIRST_PORTION_MS = 10000;
/** Characters between a keyframe and a place beyond which a nearer keyframe is fetched: about what the centre leaves
 * between two of them. */
export const REPLAY_CHARACTERS_MAX = 512 * 1024;
/** Characters that one stretch may hold; then its beginning goes. */
const STRETCH_CHARACTERS_MAX = 4 * 1024 * 1024;
const STRETCH_COUNT_MAX = 8;

/** Events in a row. `end` is where it is known to go on: all events before `end` are here, those at `end` may not be. */
class Stretch {
  constructor(keyframe) {
    this.keyframe = keyframe;
    this.window = `${keyframe.columns}x${keyframe.rows}`;
    this.start = keyframe.ms;
    this.events = [];
    this.end = this.start;
    /** Nothing follows, or what follows comes by itself when `isStreamed`. */
    this.reachesEnd = false;
    this.isStreamed = false;
    this.characters = 0;
    this.position = null;
  }

  /** Takes the events that follow, and where they end: `position` is the centre's word for it. */
  append(events, position) {
    for (const event of events) {
      // The window with which a recording begins is the keyframe's.
      if (event[1] === "r" && event[2] === this.window) continue;
      if (event[1] === "r") this.window = event[2];
      this.events.push(event);
      this.characters += event[2].length;
    }
    this.position = position ?? this.position;
  }

  /** How many events are at or before `ms`. */
  count(ms) {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.events[middle][0] <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether all that is to be seen at `ms` is here. */
  holds(ms) {
    if (ms < this.start) return false;
    return ms < this.end || (this.reachesEnd && (this.isStreamed || ms <= this.end));
  }

  charactersTo(count) {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += this.events[index][2].length;
    return sum;
  }

  /** Lets go of events among the first `count`, and with them of the keyframe. Returns how many went. */
  trim(count) {
    let gone = 0;
    while (gone < count && this.characters > STRETCH_CHARACTERS_MAX / 2) {
      this.characters -= this.events[gone][2].length;
      gone += 1;
    }
    this.events.splice(0, gone);
    this.start = this.events[0]?.[0] ?? this.end;
    this.keyframe = null;
    return gone;
  }
}

export class Ranges {
  constructor(id) {
    this.path = `/v1/recordings/${id}/events`;
    this.stretches = [];
    this.activity = null;
    this.durationMs = 0;
    this.isLive = false;
    /** Its host is not heard of: nobody knows whether it goes on. */
    this.isSilent = false;
    this.extending = new Map();
    /** Characters of all answers, for those who measure. */
    this.fetchedCharacters = 0;
  }

  /** Until where to ask, so that an answer is of about the same size in busy and in idle stretches. */
  portionEnd(ms) {
    const { activity } = this;
    if (!activity) return ms + FIRST_PORTION_MS;
    let sum = 0;
    let bucket = Math.floor(ms / activity.bucket_ms);
    for (; bucket < activity.output.length && sum < PORTION_BYTES; bucket += 1) {
      sum += activity.output[bucket] + activity.input[bucket];
    }
    return Math.max((bucket + 1) * activity.bucket_ms, ms + 1000);
  }

  /** A stretch with a keyframe that holds `ms`, and not too much between the two. */
  held(ms) {
    return this.stretches.find(
      (stretch) => stretch.keyframe && stretch.holds(ms)
        && stretch.charactersTo(stretch.count(ms)) <= REPLAY_CHARACTERS_MAX);
  }

  /** The stretch that a seek to `ms` starts in; fetched when it is not held. */
  async at(ms, signal) {
    const held = this.held(ms);
    if (held) {
      this.use(held);
      return held;
    }
    const answer = await this.ask({ from: ms, until: this.portionEnd(ms), keyframe: 1 }, signal);
    const stretch = new Stretch(answer.keyframe ?? { ms: 0, columns: 80, rows: 24, data: "" });
    this.take(stretch, answer);
    while (!stretch.holds(ms) && !stretch.reachesEnd) {
      signal?.throwIfAborted();
      await this.extend(stretch);
    }
    this.use(stretch);
    return stretch;
  }

  /** Fetches what follows a stretch. One request at a time for each. */
  extend(stretch) {
    if (stretch.reachesEnd) return Promise.resolve();
    let work = this.extending.get(stretch);
    if (!work) {
      work = this.fetchNext(stretch).finally(() => this.extending.delete(stretch));
      this.extending.set(stretch, work);
    }
    return work;
  }

  async fetchNext(stretch) {
    const from = stretch.end;
    this.take(stretch, await this.ask({ from, until: this.portionEnd(from) }));
  }

  /** Events that came by themselves, after the end of a stretch. */
  push(stretch, events, position) {
    stretch.append(events, position);
    stretch.end = Math.max(stretch.end, stretch.events.at(-1)?.[0] ?? 0);
    this.durationMs = Math.max(this.durationMs, stretch.end);
  }

  /** A stretch that is longer than may be held loses events among its first `count`. Returns how many. */
  bound(stretch, count) {
    return stretch.characters > STRETCH_CHARACTERS_MAX ? stretch.trim(count) : 0;
  }

  take(stretch, answer) {
    stretch.append(answer.events, answer.position);
    const next = answer.next ?? null;
    stretch.reachesEnd = next === null;
    stretch.end = next === null ? Math.max(stretch.end, answer.duration_ms) : Math.max(next, stretch.end + 1);
    this.isLive = answer.live;
    this.durationMs = Math.max(this.durationMs, answer.duration_ms);
  }

  /** What cannot be read becomes a gap with the centre's reason; the rest plays. */
  async ask(query, signal) {
    try {
      const answer = await request(`${this.path}?${new URLSearchParams(query)}`, { signal });
      for (const event of answer.events) this.fetchedCharacters += event[2].length;
      this.fetchedCharacters += answer.keyframe?.data.length ?? 0;
      return answer;
    } catch (error) {
      if (!(error instanceof Refusal) || [401, 403, 404].includes(error.status)) throw error;
      const isEnd = query.until >= this.durationMs;
      return {
        events: [[query.from, "g", error.message]], next: isEnd ? null : query.until, live: this.isLive,
        duration_ms: this.durationMs,
      };
    }
  }

  use(stretch) {
    this.stretches = [stretch, ...this.stretches.filter((other) => other !== stretch)].slice(0, STRETCH_COUNT_MAX);
  }
}
