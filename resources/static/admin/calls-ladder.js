// The picture of a call's SIP messages: the message of an arrow is shown beside it, arrow keys go through them.

const arrows = [...document.querySelectorAll("[data-arrow]")];
let wanted = "";

async function show(arrow) {
  const url = arrow.getAttribute("href");
  wanted = url;
  for (const one of arrows) one.toggleAttribute("aria-current", false);
  arrow.setAttribute("aria-current", "true");
  await fetchMessage(url);
}

async function fetchMessage(url) {
  let panel = null;
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10000) });
    if (answer.ok) panel = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("message");
  } catch {
    panel = null;
  }
  if (wanted !== url) return;
  if (!panel) {
    location.assign(url);
    return;
  }
  const here = document.getElementById("message");
  here.replaceChildren(...panel.childNodes);
  here.scrollTop = 0;
  history.replaceState(null, "", url.replace(/#.*/, ""));
}

for (const [at, arrow] of arrows.entries()) {
  arrow.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    show(arrow);
  });
  arrow.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = arrows[{ Home: 0, End: arrows.length - 1 }[event.key] ?? at + (step ?? NaN)];
    if (!next) return;
    event.preventDefault();
    next.focus();
    show(next);
  });
}

// The links before and after, where their arrows are in the picture.
document.getElementById("message")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const arrow = link && arrows.find((one) => one.getAttribute("href") === link.getAttribute("href"));
  if (!arrow) return;
  event.preventDefault();
  const rel = link.rel;
  show(arrow).then(() => document.querySelector(`#message a[rel=${rel}]`)?.focus());
});
