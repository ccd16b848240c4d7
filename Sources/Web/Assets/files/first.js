// What cannot wait until the modules are here, so this is a classic script: the chosen theme, before anything is painted,
// and what the page will ask first. `api.js` takes these answers, each once; to ask anything else is to ask again.
{
  let theme = null;
  try {
    theme = localStorage.getItem("steno-theme");
  } catch {
    // No storage: the system's choice holds.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

  const asked = new Map();
  const ask = (path) => {
    const answer = fetch(path, { cache: "no-store" });
    answer.catch(() => {});
    asked.set(path, answer);
  };
  const preload = (file, as) => {
    const href = new URL(file, document.currentScript.src).href;
    document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as, href }));
  };

  // With a link one is not signed in yet.
  if (!location.hash.startsWith("#link=")) {
    ask("/v1/session");
    const [, id] = /^\/recordings\/([a-z2-7]{4,16})$/.exec(location.pathname) ?? [];
    if (id) {
      preload("./asciinema-player.js", "script");
      preload("./asciinema-player.css", "style");
      const path = `/v1/recordings/${id}`;
      const ms = Math.round(Number(new URLSearchParams(location.search).get("t") ?? 0) * 1000);
      ask(path);
      ask(`${path}/activity?buckets=400`);
      if (ms >= 0) ask(`${path}/events?from=${ms}&until=${ms + 10000}&keyframe=1`);
    }
  }
  window.stenoAsked = asked;
}
