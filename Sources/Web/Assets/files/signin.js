// Signing in: with a one-time link, or with a name and a password. It comes up over whatever page is open, also in the
// middle of it when a session has ended; what was asked for goes on afterwards.

import { Refusal, loadSession, openSession, whenSignedOut } from "./api.js";
import { h } from "./dom.js";
import { wordmark } from "./header.js";
import { button, field } from "./parts.js";
import { say } from "./notices.js";
import { text } from "./text.js";

const words = text.signIn;
let asking = null;
/** Tells the dialog that somebody is signed in by other means. */
let answer = () => {};

function sentence(error) {
  if (error instanceof Refusal && error.status === 401) return words.wrong;
  if (error instanceof Refusal && error.status === 429) return words.tooMany;
  return words.failed(error.message);
}

/** Asks until somebody is signed in. Many may wait for one dialog. */
function ask(note = "") {
  asking ??= new Promise((resolve) => {
    const problem = h("p", { class: "problem refused", role: "alert" }, note);
    const user = h("input", { name: "user", autocomplete: "username", required: true, autofocus: true, autocapitalize: "none", spellcheck: "false" });
    const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
    const form = h(
      "form", { method: "dialog" },
      h("div", {}, wordmark(), h("h1", {}, words.title)), field(words.user, user), field(words.password, password), problem,
      button(words.button, { type: "submit", kind: "primary" }));
    // In the middle of a page, the page stays in sight.
    const isAgain = document.getElementById("main") !== null;
    const dialog = h("dialog", { class: isAgain ? "sign-in again" : "sign-in", "aria-label": words.title }, form);
    answer = () => {
      dialog.close();
      dialog.remove();
      asking = null;
      resolve();
    };
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.textContent = "";
      try {
        await openSession({ user: user.value, password: password.value });
        answer();
      } catch (error) {
        problem.textContent = sentence(error);
        password.value = "";
        password.focus();
      }
    });
    (document.fullscreenElement ?? document.body).append(dialog);
    dialog.showModal();
  });
  return asking;
}

/** The token of a one-time link, which leaves the address at once. */
function takeToken() {
  const match = /^#link=(.+)$/.exec(location.hash);
  if (!match) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return decodeURIComponent(match[1]);
}

/** A one-time link that is pasted into an open page changes no more than the end of its address. */
async function takePastedToken() {
  const token = takeToken();
  if (!token) return;
  try {
    await openSession({ link: token });
  } catch (error) {
    const why = error instanceof Refusal && error.status === 401 ? words.badLink : sentence(error);
    const problem = document.querySelector(".sign-in .refused");
    if (problem) problem.textContent = why;
    else say(why, { isTrouble: true });
    return;
  }
  if (asking) answer();
  // Somebody else, perhaps, with other rights.
  else location.reload();
}

/** Resolves when somebody is signed in. */
export async function ensureSession() {
  whenSignedOut(() => ask(words.again));
  window.addEventListener("hashchange", takePastedToken);
  const token = takeToken();
  if (token) {
    try {
      await openSession({ link: token });
      return;
    } catch (error) {
      if (await loadSession()) return;
      await ask(error instanceof Refusal && error.status === 401 ? words.badLink : sentence(error));
      return;
    }
  }
  if (!(await loadSession())) await ask();
}
