// Values as people read them: times, durations, sizes, strings from hosts. No text of its own beyond units.

import { offsetAt } from "./zone.js";

/** C0, DEL, C1, bidi controls, line separators, and what cannot be seen: shown as \u{…}. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** A string that came from a host, with what could mislead made visible. */
export function shown(text) {
  return String(text ?? "").replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0).toString(16)}}`);
}

const two = (number) => String(number).padStart(2, "0");

/**
 * How long, or where in a recording: `m:ss` or `h:mm:ss`, with tenths when `precise`. What has not passed whole is not
 * counted. Commands write the same: Tests/Vectors/durations.json is for both.
 */
export function duration(ms, precise = false) {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  const seconds = Math.floor(tenths / 10);
  const [hours, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const end = precise ? `${two(s)}.${tenths % 10}` : two(s);
  return hours ? `${hours}:${two(m)}:${end}` : `${m}:${end}`;
}

/** `812 B`, `4.2 kB`, `17 MB`. */
export function size(bytes) {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 1000 || unit === "GB") return `${unit === "B" || value >= 10 ? Math.round(value) : value.toFixed(1)} ${unit}`;
    value /= 1000;
  }
}

/** `2020-06-01 16:16:12` in the zone that is shown (zone.js). */
export function localTime(date) {
  return new Date(date.getTime() + offsetAt(date) * 60000).toISOString().slice(0, 19).replace("T", " ");
}

/** `16:16:12`, in that zone. */
export function clockTime(date) {
  return localTime(date).slice(-8);
}

/** The zone's offset at `date`: `+02:00`. */
export function zoneOffset(date) {
  const minutes = offsetAt(date);
  return `${minutes < 0 ? "−" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** Date, time and offset. */
export function zonedTime(date) {
  return `${localTime(date)} ${zoneOffset(date)}`;
}
