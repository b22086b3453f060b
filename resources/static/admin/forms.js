// Forms are sent once, however often a button is pressed; who leaves a page with something unsaved is asked.

const SOON = 15000;
const sent = new WeakMap();
let unsaved = document.querySelector("form[data-unsaved=yes]") !== null;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (Date.now() - (sent.get(form) ?? -SOON) < SOON) event.preventDefault();
  else sent.set(form, Date.now());
  if ("unsaved" in form.dataset) unsaved = false;
});

// A page that comes back as it was may be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) sent.delete(form);
});

document.addEventListener("input", (event) => {
  if (event.target.form && "unsaved" in event.target.form.dataset) unsaved = true;
});

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
