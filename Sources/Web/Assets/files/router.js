// Addresses and pages. Everything that a page shows is in the address; where it was scrolled to is in the history entry.

let routes = [];
let current = null;

/**
 * @param {Array} table `[pattern, open]`: the first pattern that matches the path is opened with its groups, the query
 *   and the state of the history entry. `open` returns a page: {close(), update?(query)}.
 */
export function start(table) {
  routes = table;
  history.scrollRestoration = "manual";
  window.addEventListener("popstate", show);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='/']");
    const isOurs = link && !link.hasAttribute("download") && !link.target;
    if (!isOurs || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });
  show();
}

/** Goes to an address, as a link would. The entry knows where it came from: `from` is path and query. */
export function go(address) {
  history.pushState({ from: location.pathname + location.search }, "", address);
  show();
}

/** Changes the address of what is shown, without opening it again. */
export function rename(address) {
  history.replaceState(history.state, "", address);
}

/** Keeps something for when the person comes back to this history entry. */
export function remember(values) {
  history.replaceState({ ...history.state, ...values }, "");
}

function show() {
  const query = Object.fromEntries(new URLSearchParams(location.search));
  for (const [pattern, open] of routes) {
    const match = pattern.exec(location.pathname);
    if (!match) continue;
    if (current?.open === open && current.path === location.pathname && current.page.update) {
      current.page.update(query, history.state ?? {});
      return;
    }
    current?.page.close();
    current = { open, path: location.pathname, page: null };
    current.page = open(match.slice(1), query, history.state ?? {});
    return;
  }
}

/** `path?query`, leaving out what is empty. */
export function address(path, query) {
  const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value != null));
  return words.size ? `${path}?${words}` : path;
}
