// Makes elements. Text goes in as text: nothing here, or anywhere in the pages, reads a string as markup.

/**
 * An element with its attributes and children.
 *
 * @param {string} name Of the element; `svg:path` and the like for those of SVG.
 * @param {object} attributes `onclick` and the like take functions; `false`, null and undefined leave one out.
 * @param {...(Node|string|null|false)} children Strings become text.
 */
export function h(name, attributes = {}, ...children) {
  const element = name.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Outlines on a 16 by 16 grid. */
const ICONS = {
  play: "M4.5 2.5v11l9-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  start: "M3.5 3v10M12.5 3v10L5.5 8z",
  end: "M12.5 3v10M3.5 3v10l7-5z",
  stepBack: "M5 3v10M11.5 4L7.5 8l4 4",
  stepForward: "M11 3v10M4.5 4l4 4-4 4",
  back: "M13 8H3.5M7.5 4l-4 4 4 4",
  forward5: "M13 8a5 5 0 1 1-1.5-3.5M12 1.5v3.5H8.5",
  back5: "M3 8a5 5 0 1 0 1.5-3.5M4 1.5v3.5h3.5",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  keys: "M1.5 4.5h13v7h-13zM4 7h.01M6.5 7h.01M9 7h.01M11.5 7h.01M5 9.5h6",
  idle: "M2.5 4l4 4-4 4M7.5 4l4 4-4 4M13.5 4v8",
  pan: "M8 1.5v13M1.5 8h13M6 3.5l2-2 2 2M6 12.5l2 2 2-2M3.5 6l-2 2 2 2M12.5 6l2 2-2 2",
  link: "M6.5 9.5l3-3M7 4.5l1.5-1.5a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5L7.5 13a2.8 2.8 0 0 1-4-4L5 7.5",
  minus: "M3.5 8h9",
  plus: "M8 3.5v9M3.5 8h9",
  info: "M8 7v4.5M8 4.2v.3M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
  help: "M6 6.2a2 2 0 1 1 2.8 1.8c-.5.3-.8.6-.8 1.3M8 11.5v.3M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
  save: "M8 2.5v7M5 6.5l3 3 3-3M2.5 11v2.5h11V11",
  history: "M8 13.5v-11M4 6.5l4-4 4 4M2.5 13.5h11",
  person: "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8zM2.75 13.5a5.25 5.25 0 0 1 10.5 0",
};

/** Those that are filled; the others are lines. */
const FILLED = new Set(["play", "pause"]);

export function icon(name) {
  return h(
    "svg:svg", { viewBox: "0 0 16 16", class: FILLED.has(name) ? "icon filled" : "icon", "aria-hidden": "true" },
    h("svg:path", { d: ICONS[name] }));
}
