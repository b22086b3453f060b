// Refreshes what the page shows of the switch, calmly: only what has changed, and nothing that is being used.

const EVERY = 5000;
const LONGEST_ALONE = 30 * 60 * 1000; // Nobody is there any more: the login may come to its end.

const box = document.querySelector("#refresh input");
let used = Date.now();
let timer = 0;

function isUsed(part) {
  const selected = getSelection();
  return part.contains(document.activeElement)
    || (selected && !selected.isCollapsed && part.contains(selected.anchorNode));
}

async function look() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) {
    box.checked = false;
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = page.getElementById(part.id);
    if (now && now.innerHTML !== part.innerHTML && !isUsed(part)) {
      const before = part.querySelector(".scroll")?.scrollLeft;
      part.replaceChildren(...now.childNodes);
      if (before) part.querySelector(".scroll").scrollLeft = before;
    }
  }
}

function again() {
  clearTimeout(timer);
  if (Date.now() - used > LONGEST_ALONE) box.checked = false;
  if (box.checked && !document.hidden) timer = setTimeout(() => look().catch(() => {}).finally(again), EVERY);
}

for (const event of ["pointerdown", "pointermove", "keydown", "scroll"]) {
  addEventListener(event, () => { used = Date.now(); }, { passive: true });
}
box.addEventListener("change", again);
document.addEventListener("visibilitychange", again);
document.getElementById("refresh").hidden = false;
again();
