// Shows the live calls as they are: the list is fetched again while the page is seen.

const AGAIN = 2000;
const pause = document.getElementById("pause");
const away = document.getElementById("away");
let isStill = false;
let timer = 0;

function focusedAddress() {
  const focused = document.activeElement;
  return document.getElementById("live").contains(focused) ? focused.getAttribute("href") || "region" : "";
}

function put(now) {
  const live = document.getElementById("live");
  const focused = focusedAddress();
  const left = live.querySelector(".scroll")?.scrollLeft || 0;
  live.replaceChildren(...now.childNodes);
  const region = live.querySelector(".scroll");
  if (region) region.scrollLeft = left;
  const again = focused === "region" ? region : [...live.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused);
  if (focused) again?.focus({ preventScroll: true });
}

async function look() {
  let now = null;
  try {
    const answer = await fetch(location.href, { redirect: "manual", signal: AbortSignal.timeout(10000) });
    if (answer.type === "opaqueredirect") location.reload();
    if (answer.ok) now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  } catch {
    now = null;
  }
  away.hidden = now !== null;
  if (now && !isStill && !isChoosing()) put(now);
  wait();
}

// What somebody marks with the mouse is not taken away.
function isChoosing() {
  const marked = getSelection();
  return !marked.isCollapsed && document.getElementById("live").contains(marked.anchorNode);
}

function wait() {
  clearTimeout(timer);
  if (!isStill && !document.hidden) timer = setTimeout(look, AGAIN);
}

pause.hidden = false;
pause.addEventListener("click", () => {
  isStill = !isStill;
  pause.setAttribute("aria-pressed", String(isStill));
  if (isStill) clearTimeout(timer);
  else look();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden && !isStill) look(); });
wait();
