// Signing in: with a one-time link, or with a name and a password. It comes up over whatever page is open, also in the
// middle of it when a session has ended; what was asked for goes on afterwards.

import { Refusal, loadSession, openSession, whenSignedOut } from "./api.js";
import { h } from "./dom.js";
import { text } from "./text.js";

const words = text.signIn;
let asking = null;

function sentence(error) {
  if (error instanceof Refusal && error.status === 401) return words.wrong;
  if (error instanceof Refusal && error.status === 429) return words.tooMany;
  return words.failed(error.message);
}

/** Asks until somebody is signed in. Many may wait for one dialog. */
function ask(note = "") {
  asking ??= new Promise((resolve) => {
    const problem = h("p", { class: "problem", role: "alert" }, note);
    const user = h("input", { name: "user", autocomplete: "username", required: true, autofocus: true, autocapitalize: "none", spellcheck: "false" });
    const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
    const form = h(
      "form", { method: "dialog" },
      h("h1", {}, h("span", { class: "wordmark" }, text.product), words.title),
      h("label", {}, words.user, user), h("label", {}, words.password, password), problem,
      h("button", { class: "primary-button" }, words.button));
    const dialog = h("dialog", { class: "sign-in", "aria-label": words.title }, form);
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.textContent = "";
      try {
        await openSession({ user: user.value, password: password.value });
        dialog.close();
        dialog.remove();
        asking = null;
        resolve();
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

/** Resolves when somebody is signed in. */
export async function ensureSession() {
  whenSignedOut(() => ask(words.again));
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
