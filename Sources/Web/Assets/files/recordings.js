// The recordings that match a query, as far as they were asked for: live ones first, then the others in their order,
// a page at a time; kept up to date by what the centre tells.

import { follow, request } from "./api.js";
import { address } from "./router.js";

const PAGE_COUNT = 200;
/** The most that the centre gives at once. */
const PAGE_COUNT_MAX = 500;
/** Recordings that are not in the list are asked for no more often. */
const REFRESH_MS = 1000;

const FIELDS = { start: "start", duration: "duration_ms", bytes: "bytes", user: "user", host: "host" };

/** The order of a list, also when its query does not say: names from A on, numbers from the largest down. */
export function orderOf({ sort, order }) {
  return order || (sort === "user" || sort === "host" ? "asc" : "desc");
}

export class Recordings {
  /**
   * @param {object} query `user_part`, `host_part`, `since`, `until` (RFC 3339), `state`, `sort`, `order`; as the centre takes them.
   * @param {function(?number)} changed Is called when all has changed, or with the number of the one that did.
   */
  constructor(query, changed) {
    Object.assign(this, { query, changed });
    this.live = [];
    this.rest = [];
    this.next = null;
    this.isLoaded = false;
    this.loading = null;
    this.closing = new AbortController();
    this.refreshTimer = 0;
  }

  get all() {
    return [...this.live, ...this.rest];
  }

  /** Live ones are a group of their own unless some state is asked for that is not theirs. */
  get groupsLive() {
    return !this.query.state || this.query.state === "live";
  }

  get isComplete() {
    return this.isLoaded && this.next === null;
  }

  ask(more) {
    return request(address("/v1/recordings", { ...this.query, ...more }), { signal: this.closing.signal });
  }

  /** Loads the beginning: at least `count`, which is where the person was before. */
  async load(count = 0) {
    this.loading = this.fetchFirst(count);
    await this.loading;
    this.loading = null;
    this.changed(null);
  }

  async fetchFirst(count) {
    await this.loadLive();
    do await this.fetchMore(Math.min(PAGE_COUNT_MAX, Math.max(PAGE_COUNT, count - this.rest.length)));
    while (this.next !== null && this.rest.length < count);
  }

  async loadLive() {
    if (!this.groupsLive) return;
    const page = await this.ask({ state: "live", count: PAGE_COUNT_MAX });
    const received = performance.now();
    this.live = page.recordings.map((recording) => ({ ...recording, received }));
  }

  /** Loads the next page. One request at a time. */
  loadMore(count = PAGE_COUNT) {
    if (this.isComplete) return Promise.resolve();
    // The list may want the next page as soon as it shows this one.
    this.loading ??= this.fetchMore(count).finally(() => {
      this.loading = null;
    }).then(() => this.changed(null));
    return this.loading;
  }

  async fetchMore(count) {
    if (this.query.state !== "live") {
      const page = await this.ask({ count, after: this.next });
      this.rest.push(...page.recordings.filter((recording) => !this.groupsLive || recording.state !== "live"));
      this.next = page.next ?? null;
    }
    this.isLoaded = true;
  }

  // MARK: - Changes

  watch() {
    this.stopWatching = follow(() => "/v1/recordings/watch", { change: (recording) => this.take(recording) }, (isConnected) => {
      // What was missed in between.
      if (isConnected && this.wasConnected) this.refreshSoon();
      this.wasConnected ||= isConnected;
    });
  }

  take(recording) {
    recording.received = performance.now();
    const index = this.live.findIndex((each) => each.id === recording.id);
    if (index >= 0 && recording.state === "live") {
      this.live[index] = recording;
      this.changed(index);
    } else if (index >= 0) {
      this.live.splice(index, 1);
      this.insert(recording);
      this.changed(null);
    } else {
      const place = this.rest.findIndex((each) => each.id === recording.id);
      if (place < 0 || (this.groupsLive && recording.state === "live")) {
        // Whether it matches is for the centre to say.
        this.refreshSoon();
        return;
      }
      this.rest[place] = recording;
      this.changed(this.live.length + place);
    }
  }

  /** Puts one that has ended where it belongs, unless that was not loaded yet. */
  insert(recording) {
    // What has ended in a list of live ones leaves it.
    if (this.query.state === "live") return;
    const place = this.rest.findIndex((each) => this.isBefore(recording, each));
    if (place >= 0) this.rest.splice(place, 0, recording);
    else if (this.next === null) this.rest.push(recording);
  }

  isBefore(one, other) {
    const field = FIELDS[this.query.sort || "start"];
    return orderOf(this.query) === "desc" ? one[field] > other[field] : one[field] < other[field];
  }

  refreshSoon() {
    if (this.refreshTimer) return;
    this.refreshTimer = setTimeout(async () => {
      this.refreshTimer = 0;
      try {
        await this.refresh();
      } catch (error) {
        if (!this.closing.signal.aborted) throw error;
      }
    }, REFRESH_MS);
  }

  /** Asks again for the live ones and for the newest others. */
  async refresh() {
    const before = new Set(this.live.map((recording) => recording.id));
    await this.loadLive();
    if (this.query.state !== "live") {
      const page = await this.ask({ count: PAGE_COUNT });
      const known = new Set(this.rest.map((recording) => recording.id));
      for (const recording of page.recordings) {
        if ((!this.groupsLive || recording.state !== "live") && !known.has(recording.id)) this.insert(recording);
      }
      const live = new Set(this.live.map((recording) => recording.id));
      this.rest = this.rest.filter((recording) => !live.has(recording.id));
    }
    for (const recording of this.live) recording.isNew = !before.has(recording.id);
    this.changed(null);
  }

  close() {
    this.closing.abort();
    clearTimeout(this.refreshTimer);
    this.stopWatching?.();
  }
}
