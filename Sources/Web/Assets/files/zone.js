// The time zone in which times are shown and typed: the viewer's own, or UTC. The choice is remembered.

const KEY = "steno-zone";
const listeners = new Set();

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

let isUTC = kept() === "utc";

/** Shows and reads all times in UTC from now on, or in the viewer's zone. */
export function setUTC(value) {
  isUTC = value;
  try {
    localStorage.setItem(KEY, value ? "utc" : "local");
  } catch {
    // No storage: the choice lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export function showsUTC() {
  return isUTC;
}

/** Calls `listener` after each change. @returns {function()} Ends that. */
export function onZone(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The name of the viewer's own zone: `Europe/Berlin`. */
export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Minutes east of UTC at `date`, in the zone that is shown. */
export function offsetAt(date) {
  return isUTC ? 0 : -date.getTimezoneOffset();
}
