// A place in a recording as people write it: how long since the start, or what the host's clock showed.

import { WrittenTimeError, writtenTime } from "./writtentime.js";
import { offsetAt, showsUTC } from "./zone.js";

const UNITS = { h: 3600000, m: 60000, s: 1000 };
const DAY_MS = 86400000;

/**
 * `90`, `90.5`, `1:30`, `1:02:03`, `90s`, `2m`, `1h2m`: how long since the start.
 *
 * @returns {?number} Milliseconds; null for anything else.
 */
export function elapsedPlace(written) {
  const words = written.trim().toLowerCase();
  if (/^\d+(:[0-5]?\d){0,2}(\.\d+)?$/.test(words)) {
    return Math.round(words.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000);
  }
  const parts = /^(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+(?:\.\d+)?)\s*s)?$/.exec(words);
  if (!parts || !words) return null;
  const [h = 0, m = 0, s = 0] = parts.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  return Math.round(h * UNITS.h + m * UNITS.m + s * UNITS.s);
}

/**
 * A typed place: since the start where that lies in the recording, else what the host's clock showed.
 *
 * @param {HostClock} hostClock Of the recording.
 * @param {number} durationMs Of the recording.
 * @returns {object} `ms`, or `problem`: `unreadable`, `beyond` (after the end), `outside` (a clock time before or after it).
 */
export function typedPlace(written, hostClock, durationMs) {
  const elapsed = elapsedPlace(written);
  if (elapsed !== null && elapsed <= durationMs) return { ms: elapsed };
  const clock = clockPlace(written.trim(), hostClock, durationMs);
  if (clock !== null && clock >= 0 && clock <= durationMs) return { ms: clock };
  if (elapsed !== null) return { problem: "beyond" };
  return { problem: clock === null ? "unreadable" : "outside" };
}

/** Where the host's clock showed a time; null when it is none. Times of day are looked for from the start on. */
function clockPlace(written, hostClock, durationMs) {
  const isTimeOfDay = /^\d\d?:\d\d(:\d\d)?$/.test(written);
  if (!isTimeOfDay && !/^\d{4}-/.test(written)) return null;
  try {
    if (!isTimeOfDay) return hostClock.place(writtenTime(written, false, Date.now(), showsUTC() ? 0 : undefined).getTime());
    const start = hostClock.at(0);
    const midnight = Math.floor((start.getTime() + offsetAt(start) * 60000) / DAY_MS) * DAY_MS - offsetAt(start) * 60000;
    const [h, m, s = 0] = written.split(":").map(Number);
    if (h > 23 || m > 59 || s > 59) return null;
    const first = midnight + h * UNITS.h + m * UNITS.m + s * UNITS.s;
    // `14:05` is any moment of that minute: a recording may begin within it.
    const span = written.split(":").length === 2 ? UNITS.m : UNITS.s;
    for (let time = first; ; time += DAY_MS) {
      const ms = hostClock.place(time);
      if (ms + span > 0) return Math.max(0, ms);
      if (ms > durationMs) return ms;
    }
  } catch (error) {
    if (error instanceof WrittenTimeError) return null;
    throw error;
  }
}

/** As an address has it, in seconds: `90`, `90.5`. */
export function addressPlace(ms) {
  return String(Math.round(ms) / 1000);
}
