// Sets the chosen colours before anything is painted: a classic script, since modules run later.
{
  let choice = null;
  try {
    choice = localStorage.getItem("steno-theme");
  } catch {
    // No storage: the system's choice holds.
  }
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
}
