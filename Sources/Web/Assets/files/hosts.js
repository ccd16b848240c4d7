// The page of all hosts: what is known of each.

import { Refusal, request } from "./api.js";
import { h } from "./dom.js";
import { localTime, shown, zonedTime } from "./format.js";
import { showPage } from "./header.js";
import { skew } from "./hostclock.js";
import { showMessage } from "./message.js";
import { text } from "./text.js";
import { onZone } from "./zone.js";

const words = text.hosts;
const COLUMNS = ["name", "state", "enrolled", "seen", "live", "clock"];
/** So often the centre is asked again: a host that falls silent is no change that it tells. */
const REFRESH_MS = 10000;

export function openHosts() {
  const closing = new AbortController();
  const main = document.getElementById("main");
  const page = { hosts: null };
  document.title = `${words.title} · ${text.product}`;
  showPage("/hosts");
  const load = async () => {
    try {
      page.hosts = await request("/v1/hosts", { signal: closing.signal });
      show(main, page.hosts);
    } catch (error) {
      if (closing.signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      clearInterval(timer);
      showMessage(main, { title: error.status === 403 ? words.forbidden : text.status.failed(error.message) });
    }
  };
  const timer = setInterval(() => document.hidden || load(), REFRESH_MS);
  const stopZone = onZone(() => page.hosts && show(main, page.hosts));
  load();
  return {
    close() {
      closing.abort();
      clearInterval(timer);
      stopZone();
    },
  };
}

function show(main, hosts) {
  const table = main.querySelector(".table.hosts .rows");
  const rows = hosts.map(row);
  if (table) table.replaceChildren(...rows);
  else {
    main.replaceChildren(h(
      "div", { class: "list" }, h("h1", { class: "visually-hidden" }, words.title),
      h("div", { class: "table hosts", role: "table", "aria-label": words.title },
        h("div", { class: "head-group", role: "rowgroup" }, h("div", { class: "row head-row", role: "row" }, COLUMNS.map(
          (name) => h("div", { class: `cell ${name}`, role: "columnheader" }, words.columns[name])))),
        h("div", { class: "rows", role: "rowgroup", tabindex: "0", "aria-label": words.title }, rows)),
      h("p", { class: "empty" }, words.none), h("div", { class: "count", role: "status" })));
  }
  main.querySelector(".empty").hidden = hosts.length > 0;
  main.querySelector(".count").textContent = words.count(hosts.length);
}

function row(host) {
  const cell = (name, ...content) => h("div", { class: `cell ${name}`, role: "cell" }, content);
  const time = (written) => (written ? h("time", { datetime: written, title: zonedTime(new Date(written)) }, localTime(new Date(written))) : words.never);
  const name = shown(host.name);
  const live = host.live
    ? h("a", { href: `/recordings?${new URLSearchParams({ host: host.name, state: "live" })}` }, words.live(host.live)) : "–";
  return h(
    "div", { class: "row", role: "row" },
    cell("name", h("a", { href: `/recordings?${new URLSearchParams({ host: host.name })}`, title: words.recordingsOf(name) }, name)),
    cell("state", h("span", { class: `badge ${host.state}` }, words.states[host.state] ?? shown(host.state))),
    cell("enrolled", time(host.enrolled)), cell("seen", time(host.seen)), cell("live", live),
    cell("clock", clock(host.clock_ms)));
}

function clock(ms) {
  if (ms === undefined) return words.unknownClock;
  const wrong = skew(ms);
  return h("span", { class: wrong ? "doubted" : "trusted" }, wrong ?? words.rightClock);
}
