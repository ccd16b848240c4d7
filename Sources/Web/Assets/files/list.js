// The page of all recordings: filters, columns to sort by, rows. Filters and order are in the address; how far the person
// had scrolled is in the history entry, so that going back leads to the same place.

import { h } from "./dom.js";
import { duration, localTime, shown, size, zonedTime } from "./format.js";
import { say } from "./notices.js";
import { Recordings, orderOf } from "./recordings.js";
import { address, remember, rename } from "./router.js";
import { Rows } from "./rows.js";
import { STATES, stateBadges, trustBadge } from "./states.js";
import { text } from "./text.js";
import { WrittenTimeError, writtenTime } from "./writtentime.js";

const words = text.list;
const FILTERS = ["user", "host", "since", "until", "state"];
const SORTED = new Set(["user", "host", "start", "duration", "bytes"]);
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
    this.filters = this.makeFilters();
    this.count = h("div", { class: "count", role: "status" });
    this.head = h("div", { class: "row head-row", role: "row" });
    this.empty = h("p", { class: "empty", hidden: true });
    this.rows = new Rows((recording) => this.row(recording), {
      nearEnd: () => this.more(), scrolled: () => this.rememberSoon(), role: "rowgroup", tabindex: "-1",
    });
    this.main.replaceChildren(h(
      "div", { class: "list" }, h("h1", { class: "visually-hidden" }, words.title), this.filters,
      h("div", { class: "table", role: "table", "aria-label": words.title, "aria-rowcount": "-1" },
        h("div", { role: "rowgroup", class: "head-group" }, this.head), this.rows.element),
      this.empty, this.count));
    this.onKey = (event) => this.key(event);
    this.main.addEventListener("keydown", this.onKey);
    this.rows.element.addEventListener("click", (event) => this.click(event));
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
    const labelled = (name, control) => {
      control.id = `filter-${name}`;
      return h("div", { class: `filter ${name}` }, h("label", { for: control.id }, words[name]), control);
    };
    const field = (name, more = {}) => labelled(name, h("input", {
      name, type: "text", value: this.query[name], autocomplete: "off", spellcheck: "false", autocapitalize: "none", ...more,
    }));
    const state = h("select", { name: "state" }, h("option", { value: "" }, words.anyState),
      [...STATES, "gaps"].map((name) => h("option", { value: name, selected: name === this.query.state }, text.states[name])));
    const form = h(
      "form", { class: "filters", role: "search", "aria-label": words.filters },
      field("user"), field("host"), field("since", { placeholder: words.timeHint }), field("until", { placeholder: words.timeHint }),
      labelled("state", state),
      h("button", { type: "button", class: "quiet clear", onclick: () => this.clear() }, words.clear));
    form.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.apply(), TYPING_MS);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.apply();
    });
    return form;
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

  /** What the centre is asked, or why not: one of the two. */
  centreQuery() {
    const query = { ...this.query };
    let problem = "";
    for (const name of ["since", "until"]) {
      const field = this.filters.elements[name];
      let wrong = "";
      try {
        query[name] = query[name] && writtenTime(query[name], name === "until").toISOString();
      } catch (error) {
        if (!(error instanceof WrittenTimeError)) throw error;
        wrong = words.badTime(error.part, error.number);
      }
      field.setCustomValidity(wrong);
      field.setAttribute("aria-invalid", String(wrong !== ""));
      field.title = wrong;
      problem ||= wrong;
    }
    return problem ? { problem } : { query };
  }

  // MARK: - Loading

  async load({ scrollTop = 0, count = 0 } = {}) {
    this.showHead();
    const { query, problem } = this.centreQuery();
    if (problem) {
      say(problem, { isTrouble: true });
      return;
    }
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
        class: `cell ${name}`, role: "columnheader", "aria-sort": isSorted ? (order === "desc" ? "descending" : "ascending") : null,
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
    const cell = (name, ...content) => h("div", { class: `cell ${name}`, role: "cell" }, content);
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

  click(event) {
    this.rememberPlace();
    if (event.target.closest("a, button") || event.button !== 0 || String(getSelection())) return;
    event.target.closest(".row")?.querySelector("a")?.click();
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const field = event.target.closest("input, select");
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    const row = event.target.closest(".rows .row");
    if (event.key === "/" && !field) {
      this.filters.elements.user.focus();
    } else if (row && step) {
      this.rows.focus(Number(row.dataset.index) + step);
    } else if (step === 1 && event.key === "ArrowDown" && (!field || field.tagName === "INPUT")) {
      this.rows.focus(Math.ceil(this.rows.element.scrollTop / this.rows.rowHeight));
    } else {
      return;
    }
    event.preventDefault();
  }

  close() {
    clearTimeout(this.typing);
    clearTimeout(this.remembering);
    clearInterval(this.ticking);
    this.recordings?.close();
    this.rows.close();
    this.main.removeEventListener("keydown", this.onKey);
  }
}
