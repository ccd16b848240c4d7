// The page of all recordings: filters, columns to sort by, rows. Filters and order are in the address; how far the person
// had scrolled is in the history entry, so that going back leads to the same place.

import { request } from "./api.js";
import { h } from "./dom.js";
import { duration, localTime, shown, size, zonedTime } from "./format.js";
import { showPage } from "./header.js";
import { say } from "./notices.js";
import { button, field, setProblem } from "./parts.js";
import { Recordings, orderOf } from "./recordings.js";
import { address, remember, rename } from "./router.js";
import { Rows } from "./rows.js";
import { STATES, stateBadges, trustBadge } from "./states.js";
import { text } from "./text.js";
import { WrittenTimeError, writtenTime } from "./writtentime.js";
import { onZone, showsUTC } from "./zone.js";

const words = text.list;
const FILTERS = ["user", "host", "since", "until", "state"];
const SORTED = new Set(["user", "host", "start", "duration", "bytes"]);
const NUMBERS = new Set(["duration", "bytes"]);
const COLUMNS = ["state", "user", "host", "start", "end", "duration", "bytes", "trust"];
/** Typing pauses so long before it is searched for. */
const TYPING_MS = 300;
const TICK_MS = 1000;
/** So often live ones are asked for again: that a host has fallen silent is no change that the centre tells. */
const REFRESH_TICKS = 60;

export function openList(_, query, state) {
  const page = new ListPage(query);
  page.open(state);
  return page;
}

class ListPage {
  constructor(query) {
    this.query = Object.fromEntries([...FILTERS, "sort", "order"].map((name) => [name, query[name] ?? ""]));
    this.main = document.getElementById("main");
    this.recordings = null;
  }

  open(state) {
    document.title = `${words.title} · ${text.product}`;
    showPage("/recordings");
    this.filters = this.makeFilters();
    this.count = h("div", { class: "count", role: "status" });
    this.head = h("div", { class: "row head-row", role: "row" });
    this.empty = h("p", { class: "empty", hidden: true });
    this.rows = new Rows((recording) => this.row(recording), {
      nearEnd: () => this.more(), scrolled: () => this.rememberSoon(), role: "rowgroup", tabindex: "-1",
    });
    this.main.replaceChildren(h(
      "div", { class: "list" }, h("h1", { class: "visually-hidden" }, words.title), this.filters,
      h("div", { class: "table recordings", role: "table", "aria-label": words.title, "aria-rowcount": "-1" },
        h("div", { role: "rowgroup", class: "head-group" }, this.head), this.rows.element),
      this.empty, this.count));
    this.onKey = (event) => this.key(event);
    window.addEventListener("keydown", this.onKey);
    for (const name of ["click", "auxclick"]) this.rows.element.addEventListener(name, (event) => this.click(event));
    // The middle button opens a tab, and does not scroll.
    this.rows.element.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault());
    this.stopZone = onZone(() => this.rezoned());
    this.ticking = setInterval(() => this.tick(), TICK_MS);
    this.load(state);
  }

  update(query, state) {
    for (const name of Object.keys(this.query)) this.query[name] = query[name] ?? "";
    for (const name of FILTERS) this.filters.elements[name].value = this.query[name];
    this.load(state);
  }

  // MARK: - Filters

  makeFilters() {
    const part = (name, control) => field(words[name], control, { class: name });
    const input = (name, more = {}) => part(name, h("input", {
      name, type: "text", value: this.query[name], autocomplete: "off", spellcheck: "false", autocapitalize: "none", ...more,
    }));
    const names = (name) => [
      input(name, { list: `names-${name}`, placeholder: words.anyName, onfocus: () => this.suggest() }), h("datalist", { id: `names-${name}` })];
    const state = h("select", { name: "state" }, h("option", { value: "" }, words.anyState),
      [...STATES, "gaps"].map((name) => h("option", { value: name, selected: name === this.query.state }, text.states[name])));
    const form = h(
      "form", { class: "filters", role: "search", "aria-label": words.filters },
      names("user"), names("host"), input("since", { placeholder: words.timeHint }), input("until", { placeholder: words.untilHint }),
      part("state", state), button(words.clear, { kind: "ghost quiet clear", onclick: () => this.clear() }));
    form.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.apply(), TYPING_MS);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      this.apply();
      // The list's keys work at once.
      document.activeElement.blur();
    });
    return form;
  }

  /** Has the browser suggest the names that there are. */
  async suggest() {
    if (this.hasNames) return;
    this.hasNames = true;
    try {
      const { users, hosts } = await request("/v1/names");
      for (const [name, values] of [["user", users], ["host", hosts]]) {
        document.getElementById(`names-${name}`)?.replaceChildren(...values.map((value) => h("option", { value })));
      }
    } catch {
      // Without suggestions one types on; the next focus asks again.
      this.hasNames = false;
    }
  }

  clear() {
    for (const name of FILTERS) this.filters.elements[name].value = "";
    this.apply();
    this.filters.elements.user.focus();
  }

  apply() {
    clearTimeout(this.typing);
    for (const name of FILTERS) this.query[name] = this.filters.elements[name].value.trim();
    this.renamed();
  }

  renamed() {
    rename(address("/recordings", this.query));
    remember({ scrollTop: 0, count: 0 });
    this.load({});
  }

  /** What the centre is asked; null while a filter cannot be read, which is said beneath it. */
  centreQuery() {
    const { user, host, ...query } = this.query;
    Object.assign(query, { user_part: user, host_part: host });
    let isReadable = true;
    for (const name of ["since", "until"]) {
      let wrong = "";
      try {
        query[name] = query[name] && writtenTime(query[name], name === "until", Date.now(), showsUTC() ? 0 : undefined).toISOString();
      } catch (error) {
        if (!(error instanceof WrittenTimeError)) throw error;
        wrong = words.badTime(error.part, error.number);
        isReadable = false;
      }
      setProblem(this.filters.elements[name], wrong);
    }
    return isReadable ? query : null;
  }

  // MARK: - Loading

  async load({ scrollTop = 0, count = 0 } = {}) {
    this.showHead();
    const query = this.centreQuery();
    if (!query) return;
    this.recordings?.close();
    const recordings = new Recordings(query, (index) => this.changed(index));
    this.recordings = recordings;
    this.scrollTop = scrollTop;
    this.count.textContent = words.loading;
    try {
      await recordings.load(count);
      recordings.watch();
    } catch (error) {
      if (recordings.closing.signal.aborted) return;
      say(text.status.failed(error.message), { isTrouble: true });
    }
  }

  more() {
    const { recordings } = this;
    if (!recordings?.isLoaded || recordings.isComplete || recordings.loading) return;
    recordings.loadMore().catch((error) => {
      if (!recordings.closing.signal.aborted) say(text.status.failed(error.message), { isTrouble: true });
    });
  }

  changed(index) {
    const { recordings, rows } = this;
    const all = recordings.all;
    if (index === null) {
      const focused = rows.element.contains(document.activeElement) ? document.activeElement.closest("[data-id]")?.dataset.id : null;
      rows.setValues(all);
      if (this.scrollTop !== null) rows.element.scrollTop = this.scrollTop;
      this.scrollTop = null;
      if (focused) rows.focus(all.findIndex((each) => each.id === focused));
    } else {
      rows.values = all;
      rows.redraw(index);
    }
    const isFiltered = FILTERS.some((name) => this.query[name]);
    this.empty.hidden = all.length > 0 || !recordings.isLoaded;
    this.empty.textContent = isFiltered ? words.none : words.noneAtAll;
    const parts = [words.count(all.length, recordings.isComplete)];
    if (recordings.live.length) parts.unshift(words.live(recordings.live.length));
    this.count.textContent = parts.join(" · ");
  }

  rememberSoon() {
    clearTimeout(this.remembering);
    this.remembering = setTimeout(() => this.rememberPlace(), 150);
  }

  rememberPlace() {
    clearTimeout(this.remembering);
    remember({ scrollTop: this.rows.element.scrollTop, count: this.recordings?.rest.length ?? 0 });
  }

  // MARK: - Columns and rows

  showHead() {
    const sort = this.query.sort || "start";
    const order = orderOf(this.query);
    this.head.replaceChildren(...COLUMNS.map((name) => {
      const label = words.columns[name];
      const isSorted = name === sort;
      const next = isSorted ? (order === "desc" ? "asc" : "desc") : orderOf({ sort: name });
      const content = SORTED.has(name)
        ? h("button", { type: "button", title: words.sortBy(label, next), onclick: () => this.sort(name, next) }, label,
          h("span", { class: "arrow", "aria-hidden": "true" }, isSorted ? (order === "desc" ? "↓" : "↑") : ""))
        : label;
      return h("div", {
        class: classes(name), role: "columnheader", "aria-sort": isSorted ? (order === "desc" ? "descending" : "ascending") : null,
      }, content);
    }));
  }

  sort(name, order) {
    Object.assign(this.query, { sort: name, order });
    this.renamed();
    this.head.querySelector(`.${name} button`).focus();
  }

  row(recording) {
    const start = new Date(recording.start);
    const isLive = recording.state === "live";
    const cell = (name, ...content) => h("div", { class: classes(name), role: "cell" }, content);
    const time = (date) => h("time", { datetime: date.toISOString(), title: zonedTime(date) }, localTime(date));
    return h(
      "div", { class: `row${isLive ? " live" : ""}${recording.isNew ? " new" : ""}`, role: "row", "data-id": recording.id },
      cell("state", stateBadges(recording)),
      cell("user", h("a", {
        href: `/recordings/${recording.id}`, "aria-label": words.open(shown(recording.user), shown(recording.host), localTime(start)),
        title: shown(recording.user),
      }, shown(recording.user))),
      cell("host", h("span", { title: shown(recording.host) }, shown(recording.host))),
      cell("start", time(start)), cell("end", isLive ? words.now : time(new Date(recording.end))),
      cell("duration", duration(this.durationOf(recording))), cell("bytes", size(recording.bytes)),
      cell("trust", trustBadge(recording)));
  }

  /** A live one gets longer between two messages, unless its host is silent. */
  durationOf(recording) {
    const runs = recording.state === "live" && !recording.silent;
    return recording.duration_ms + (runs ? performance.now() - recording.received : 0);
  }

  tick() {
    this.ticks = (this.ticks ?? 0) + 1;
    if (this.ticks % REFRESH_TICKS === 0 && this.recordings?.live.length && !document.hidden) this.recordings.refreshSoon();
    const live = this.recordings?.live.length ?? 0;
    for (const [index, row] of this.rows.shown) {
      if (index < live) row.querySelector(".duration").textContent = duration(this.durationOf(this.rows.values[index]));
    }
  }

  /** Another zone: the same recordings, with other times; what was typed means other times too. */
  rezoned() {
    if (this.query.since || this.query.until) this.load({});
    else if (this.recordings) this.changed(null);
  }

  /** A row is its link, also to the middle button and with a key held. */
  click(event) {
    this.rememberPlace();
    if (event.target.closest("a, button") || event.button > 1 || (event.button === 0 && String(getSelection()))) return;
    const link = event.target.closest(".row")?.querySelector("a");
    if (!link) return;
    if (event.button === 1 || event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open], [popover]:popover-open")) return;
    const { target } = event;
    if (target.closest?.("input, select")) {
      if (event.key !== "ArrowDown" || target.matches("select, [list]")) return;
    } else if (event.key === "/") {
      event.preventDefault();
      this.filters.elements.user.focus();
      return;
    }
    const index = this.rowFor(event.key, target.closest?.(".rows .row"));
    if (index === null) return;
    event.preventDefault();
    this.rows.focus(Math.min(Math.max(index, 0), this.rows.values.length - 1));
  }

  /** The number of the row that a key leads to, from `row` or from what is in sight; null for another key. */
  rowFor(key, row) {
    const { element, rowHeight, values } = this.rows;
    const page = Math.max(1, Math.floor(element.clientHeight / rowHeight) - 1);
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page }[key];
    if (key === "Home") return 0;
    if (key === "End") return values.length - 1;
    if (!step) return null;
    if (row) return Number(row.dataset.index) + step;
    const first = Math.ceil(element.scrollTop / rowHeight);
    return Math.abs(step) === 1 ? first : first + step;
  }

  close() {
    clearTimeout(this.typing);
    clearTimeout(this.remembering);
    clearInterval(this.ticking);
    this.recordings?.close();
    this.rows.close();
    window.removeEventListener("keydown", this.onKey);
    this.stopZone();
  }
}

const classes = (name) => (NUMBERS.has(name) ? `cell ${name} number` : `cell ${name}`);
