// The tab Groups: the list of groups goes at once, tones can be heard, lists are put in order by dragging.

for (const list of document.querySelectorAll("[data-goes]")) {
  // The keyboard chooses with the button: the arrow keys go through the list.
  let isKey = false;
  list.addEventListener("keydown", () => { isKey = true; });
  list.addEventListener("pointerdown", () => { isKey = false; });
  list.addEventListener("change", () => { if (!isKey) list.form.submit(); });
}

const overflow = document.getElementById("overflow_to");
function showTarget() {
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== overflow.value;
}
if (overflow) {
  overflow.addEventListener("change", showTarget);
  showTarget();
}

let playing = null;
for (const button of document.querySelectorAll("[data-play]")) {
  const tone = document.getElementById(button.dataset.play);
  button.hidden = false;
  button.addEventListener("click", () => {
    playing?.pause();
    if (!tone.value) return;
    playing = new Audio(`/tones/${encodeURIComponent(tone.value)}`);
    playing.play().catch(() => {});
  });
}

for (const list of document.querySelectorAll("[data-order]")) {
  const form = document.getElementById(list.dataset.order);
  let dragged = null;
  const ids = () => [...list.children].map((one) => one.dataset.id).join(",");
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-id]");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[draggable]");
    if (!dragged || !over) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    if (over !== dragged) over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    dragged = null;
    if (form.elements.order.value === ids()) return;
    form.elements.order.value = ids();
    form.submit();
  });
}
