// A point in time as a person writes it, read as `steno` reads it (Sources/Options/WrittenTime.swift): one table of texts and
// what they mean is checked against both.

const CLOCK = String.raw`(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d+))?)?`;
const ZONE = String.raw`(?:[ \t]*(z|utc|[+-]\d\d(?::?\d\d)?))?`;
const DAY = new RegExp(String.raw`^(?:(\d{4})-(\d{1,2})-(\d{1,2})|(today|yesterday)(?![a-z]))(?:(?:t|[ \t]+)${CLOCK})?${ZONE}$`);
const TIME = new RegExp(`^${CLOCK}${ZONE}$`);
const UNITS = [
  [/^(s|sec|seconds?)$/, 1], [/^(m|min|minutes?)$/, 60], [/^(h|hours?)$/, 3600], [/^(d|days?)$/, 86400], [/^(w|weeks?)$/, 604800],
];

/**
 * What a person wrote as a time: `2026-12-01 02:21`, `yesterday`, `02:21`, `2h`, `30m ago`, RFC 3339. Without a zone it is the
 * viewer's, or `standard`.
 *
 * @param {boolean} isEnd A bare date means the end of that day.
 * @param {number} now Milliseconds since the Epoch.
 * @param {?number} standard Minutes east of UTC of what names no zone; undefined for the viewer's.
 * @returns {Date}
 * @throws {WrittenTimeError}
 */
export function writtenTime(text, isEnd = false, now = Date.now(), standard = undefined) {
  const words = text.trim().toLowerCase();
  if (words === "now") return new Date(now);
  const day = DAY.exec(words);
  if (day) return ofDay(day, isEnd, now, standard);
  const time = TIME.exec(words);
  return time ? ofClock(clock(time.slice(1, 5)), zone(time[5], standard), now) : ago(words, now);
}

/** What is wrong with a text: a part of a time that there is not, with its number; or `time`. */
export class WrittenTimeError extends Error {
  constructor(part, number) {
    super(part);
    Object.assign(this, { part, number });
  }
}

function ofDay([, year, month, date, word, ...more], isEnd, now, standard) {
  const offset = zone(more[4], standard);
  let parts;
  if (word) {
    // The day that it is here, also where another zone is named for the time.
    parts = shift(calendar(now, standard), word === "today" ? 0 : -1);
  } else {
    parts = [Number(year), Number(month), Number(date)];
    if (parts[1] < 1 || parts[1] > 12) throw new WrittenTimeError("month", parts[1]);
    const [, shown] = shift(parts, 0);
    if (parts[2] < 1 || shown !== parts[1]) throw new WrittenTimeError("day", parts[2]);
  }
  if (more[0] !== undefined) return moment(parts, clock(more.slice(0, 4)), offset);
  return moment(isEnd ? shift(parts, 1) : parts, [0, 0, 0, 0], offset);
}

/** The last time that clocks showed it. */
function ofClock(parts, offset, now) {
  const today = calendar(now, offset);
  const time = moment(today, parts, offset);
  return time.getTime() <= now ? time : moment(shift(today, -1), parts, offset);
}

function ago(words, now) {
  const piece = /(\d{1,9})[ \t]*([a-z]+)[ \t]*/y;
  piece.lastIndex = words.startsWith("-") ? 1 : 0;
  let seconds = null;
  let end = piece.lastIndex;
  for (let match = piece.exec(words); match; match = piece.exec(words)) {
    const unit = UNITS.find(([names]) => names.test(match[2]));
    if (!unit) break;
    seconds += Number(match[1]) * unit[1];
    end = piece.lastIndex;
  }
  if (seconds === null || !["", "ago"].includes(words.slice(end))) throw new WrittenTimeError("time");
  return new Date(now - seconds * 1000);
}

/** Hours, minutes, seconds, milliseconds. */
function clock([hour, minute, second = "0", fraction = ""]) {
  const parts = [Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, "0"))];
  for (const [place, name, most] of [[0, "hour", 23], [1, "minute", 59], [2, "second", 60]]) {
    if (parts[place] > most) throw new WrittenTimeError(name, parts[place]);
  }
  return parts;
}

/** Minutes east of UTC; undefined for the viewer's zone. */
function zone(text, standard) {
  if (text === undefined) return standard;
  if (text === "z" || text === "utc") return 0;
  const [hour, minute] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(":", "") || 0)];
  if (hour > 23) throw new WrittenTimeError("hour", hour);
  if (minute > 59) throw new WrittenTimeError("minute", minute);
  return (text[0] === "-" ? -1 : 1) * (hour * 60 + minute);
}

/** Year, month and date that a calendar shows. */
function calendar(now, offset) {
  if (offset === undefined) {
    const here = new Date(now);
    return [here.getFullYear(), here.getMonth() + 1, here.getDate()];
  }
  const there = new Date(now + offset * 60000);
  return [there.getUTCFullYear(), there.getUTCMonth() + 1, there.getUTCDate()];
}

/** So many days later. */
function shift([year, month, date], days) {
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, date + days);
  return [time.getUTCFullYear(), time.getUTCMonth() + 1, time.getUTCDate()];
}

function moment([year, month, date], parts, offset) {
  const time = new Date(0);
  if (offset === undefined) {
    time.setFullYear(year, month - 1, date);
    time.setHours(...parts);
  } else {
    time.setUTCFullYear(year, month - 1, date);
    time.setUTCHours(...parts);
    time.setTime(time.getTime() - offset * 60000);
  }
  return time;
}
