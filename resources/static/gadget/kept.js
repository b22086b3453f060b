// What the browser keeps for the page; in a frame it may be told to keep nothing.

/** For all tabs, from one day to the next. */
export function keep(name, value) {
  attempt(() => localStorage.setItem(name, value));
}

/** What was kept so; null where nothing was. */
export function kept(name) {
  return attempt(() => localStorage.getItem(name));
}

/** For this tab. */
export function keepHere(name, value) {
  attempt(() => sessionStorage.setItem(name, value));
}

/** What was kept so. */
export function keptHere(name) {
  return attempt(() => sessionStorage.getItem(name));
}

function attempt(work) {
  try {
    return work() ?? null;
  } catch {
    return null;
  }
}
