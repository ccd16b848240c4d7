// What pages are built from, as parts.css shows it: buttons, fields, menus.

import { h, icon } from "./dom.js";

const tip = (label, key) => (key ? `${label} (${key})` : label);

/**
 * A button.
 *
 * @param {string} label Its name, and its tip with `key`, which does the same.
 * @param {string} options.icon Of dom.js.
 * @param {string} options.word Is shown beside the icon, where there is room for it; without one the label is, always.
 * @param {string} options.kind Classes: `primary`, `danger`, `ghost`, `quiet`, `icon-only`.
 */
export function button(label, { icon: name, word, key, kind = "", ...attributes } = {}) {
  const isIconOnly = kind.includes("icon-only");
  const classes = ["button", kind, word ? "wordy" : ""].filter(Boolean).join(" ");
  return h(
    "button", { type: "button", class: classes, title: tip(label, key), "aria-label": word || isIconOnly ? label : null, ...attributes },
    name ? icon(name) : null, isIconOnly ? null : h("span", { class: "word" }, word ?? label));
}

/** A button that is an icon alone. */
export function iconButton(name, label, { kind = "", ...options } = {}) {
  return button(label, { icon: name, kind: `ghost icon-only ${kind}`.trim(), ...options });
}

/** Gives an icon button another icon and name. */
export function renameButton(element, name, label, key) {
  element.replaceChildren(icon(name));
  element.setAttribute("aria-label", label);
  element.title = tip(label, key);
}

let count = 0;

/** A control with its label above, and beneath it what `setProblem` says. */
export function field(label, control, { class: classes = "" } = {}) {
  control.id ||= `field-${(count += 1)}`;
  const problem = problemOf(control);
  return h("div", { class: `field ${classes}`.trim() }, h("label", { for: control.id }, label), control, problem);
}

/** Where what is wrong with a control is said; to be put beside it. */
export function problemOf(control) {
  control.id ||= `field-${(count += 1)}`;
  control.setAttribute("aria-describedby", `${control.id}-problem`);
  return h("p", { class: "problem", id: `${control.id}-problem`, role: "alert", hidden: true });
}

/** Says what is wrong with what stands in a control; nothing is with an empty sentence. */
export function setProblem(control, sentence) {
  control.setAttribute("aria-invalid", String(sentence !== ""));
  const problem = document.getElementById(`${control.id}-problem`);
  problem.textContent = sentence;
  problem.hidden = sentence === "";
}

/**
 * A button that brings up a menu beneath it. Esc, a click elsewhere and a choice close it; arrows go through what is in it.
 *
 * @returns {Element[]} The button and the menu, to be put beside each other.
 */
export function menu(trigger, ...content) {
  const list = h("div", { class: "menu", popover: "auto" }, content);
  trigger.setAttribute("aria-haspopup", "true");
  trigger.setAttribute("aria-expanded", "false");
  trigger.popoverTargetElement = list;
  list.addEventListener("toggle", ({ newState }) => {
    trigger.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    place(list, trigger);
    list.querySelector("a, button, input")?.focus();
  });
  list.addEventListener("click", (event) => {
    if (event.target.closest("a, button")) list.hidePopover();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.matches("input")) return;
    const items = [...list.querySelectorAll("a, button")];
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    event.preventDefault();
  });
  return [trigger, list];
}

/** Beneath its button, or above where there is more room; never beyond the window. */
function place(list, trigger) {
  const [box, size] = [trigger.getBoundingClientRect(), list.getBoundingClientRect()];
  const left = Math.min(Math.max(box.right - size.width, 8), innerWidth - size.width - 8);
  const top = box.bottom + size.height + 4 <= innerHeight ? box.bottom + 4 : Math.max(8, box.top - size.height - 4);
  list.style.setProperty("left", `${left}px`);
  list.style.setProperty("top", `${top}px`);
}

/** A choice of two or three of which all are seen: `[value, label]`. */
export function choice(label, options, chosen, onchange) {
  const name = `choice-${(count += 1)}`;
  return h("fieldset", { class: "choice" }, h("legend", {}, label), h("div", {}, options.map(([value, text]) => h(
    "label", {}, h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onchange(value) }), h("span", {}, text)))));
}
