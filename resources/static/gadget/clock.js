// The server's time, and durations that run.

let ahead = 0;

/** The server says what time it is. */
export function setClock(now) {
  ahead = now - Date.now() / 1000;
}

/** UTC seconds of the server. */
export function now() {
  return Date.now() / 1000 + ahead;
}

/** 0:12, 3:17, 1:02:03. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Show how long it has been since ``since`` in ``node``, and go on. */
export function run(node, since) {
  node.dataset.since = since;
  show(node);
}

function show(node) {
  const wanted = duration(now() - Number(node.dataset.since));
  if (node.textContent !== wanted) node.textContent = wanted;
}

setInterval(() => document.querySelectorAll("[data-since]").forEach(show), 250);
