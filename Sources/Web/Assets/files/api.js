// What the pages ask the centre. A request waits out what passes: a session that ended (somebody signs in again) and a
// centre that does not answer. What is left to the caller are answers, and refusals as `Refusal`.

/** Waits between attempts, the last one for ever: a centre that restarts is back within seconds. */
const BACKOFF_MS = [500, 1000, 2000, 4000];

/** The centre's answer that it will not: `status`, and the word and sentence of its error value. */
export class Refusal extends Error {
  constructor(status, word, why) {
    super(why);
    this.status = status;
    this.word = word;
  }
}

/** Who is signed in: {name, role, csrf, ends}; null before that. */
export let session = null;

const listeners = { reachable: new Set() };
let isReachable = true;
let signIn = async () => {};

/** @param {function(): Promise} ask Is called when nobody is signed in; resolves when somebody is. */
export function whenSignedOut(ask) {
  signIn = ask;
}

/** Calls `listener` with false when the centre stops answering, and with true when it does again. */
export function onReachable(listener) {
  listeners.reachable.add(listener);
  return () => listeners.reachable.delete(listener);
}

function noteReachable(value) {
  if (value === isReachable) return;
  isReachable = value;
  for (const listener of listeners.reachable) listener(value);
}

export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

/** The answer to what `first.js` asked, if it did; once. */
function early(path) {
  const answer = window.stenoAsked.get(path);
  window.stenoAsked.delete(path);
  return answer;
}

/** One attempt. */
async function attempt(path, { method = "GET", body, signal } = {}) {
  const headers = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET" && session) headers["x-steno-csrf"] = session.csrf;
  const answer = await ((method === "GET" && early(path)) || fetch(path, {
    method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store",
  }));
  if (answer.ok) return answer.status === 204 || answer.status === 202 ? null : answer.json();
  let problem = {};
  try {
    problem = await answer.json();
  } catch {
    // Something between us and the centre answered.
  }
  throw new Refusal(answer.status, problem.error ?? "failed", problem.why ?? answer.statusText);
}

/**
 * Asks until there is an answer.
 *
 * @param {object} options `method`, `body` (becomes JSON), `signal`. Only what changes nothing is asked again.
 * @throws {Refusal} The centre refused. {AbortError} `signal` said so.
 */
export async function request(path, options = {}) {
  for (let count = 0; ; count += 1) {
    try {
      const answer = await attempt(path, options);
      noteReachable(true);
      return answer;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      if (error instanceof Refusal) {
        noteReachable(true);
        if (error.status === 401) {
          await signIn();
          continue;
        }
        if (![429, 502, 503, 504].includes(error.status)) throw error;
      } else {
        noteReachable(false);
      }
      if ((options.method ?? "GET") !== "GET") throw error;
      await pause(BACKOFF_MS[Math.min(count, BACKOFF_MS.length - 1)], options.signal);
    }
  }
}

/** Learns who is signed in. False when nobody is. */
export async function loadSession() {
  for (let count = 0; ; count += 1) {
    try {
      session = await attempt("/v1/session");
      noteReachable(true);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return false;
      if (error instanceof Refusal && error.status < 500) throw error;
      noteReachable(error instanceof Refusal);
      await pause(BACKOFF_MS[Math.min(count, BACKOFF_MS.length - 1)]);
    }
  }
}

/** @param {object} proof {link}, or {user, password}. */
export async function openSession(proof) {
  // What was asked before was answered to nobody.
  window.stenoAsked.clear();
  await attempt("/v1/session", { method: "POST", body: proof });
  await loadSession();
}

export async function closeSession() {
  await attempt("/v1/session", { method: "DELETE" });
  session = null;
}

/**
 * Server-sent events that go on: after any break it waits, makes sure that somebody is signed in, and starts again at
 * what `path()` says then. The browser's own reconnecting would not notice that a session ended.
 *
 * @param {function(): string} path Is asked before each connection.
 * While the page is not seen there is no connection: browsers have few for each centre, and many tabs.
 *
 * @param {object} handlers By name of the event; each is given its data, read as JSON, and its id.
 * @param {function(boolean)} onConnected Is told when the connection is there, and when it is lost.
 * @param {object} probe `path`: what is asked after a break; `refused(refusal)`: is called when that is refused, and
 *   nothing more is tried.
 * @returns {function()} Ends it.
 */
export function follow(path, handlers, onConnected = () => {}, probe = { path: "/v1/session", refused: () => {} }) {
  const ending = new AbortController();
  let source = null;
  let count = 0;
  const close = () => {
    source?.close();
    source = null;
  };
  const connect = () => {
    source = new EventSource(path());
    source.onopen = () => {
      count = 0;
      onConnected(true);
    };
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => handle(JSON.parse(event.data), event.lastEventId));
    }
    source.onerror = async () => {
      close();
      onConnected(false);
      try {
        await pause(BACKOFF_MS[Math.min(count, BACKOFF_MS.length - 1)], ending.signal);
        count += 1;
        session = await request("/v1/session", { signal: ending.signal });
        await request(probe.path, { signal: ending.signal });
        if (!ending.signal.aborted && !document.hidden && !source) connect();
      } catch (error) {
        if (ending.signal.aborted) return;
        if (!(error instanceof Refusal)) throw error;
        stop();
        probe.refused(error);
      }
    };
  };
  const onVisibility = () => {
    if (document.hidden) close();
    else if (!source) connect();
  };
  const stop = () => {
    document.removeEventListener("visibilitychange", onVisibility);
    ending.abort();
    close();
  };
  document.addEventListener("visibilitychange", onVisibility);
  connect();
  return stop;
}
