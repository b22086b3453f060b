// Modal dialogs: the browser keeps the focus inside and Escape closes them.

import { element, text } from "./dom.js";
import { icon } from "./icons.js";
import { keepNotices } from "./notices.js";
import { t } from "./texts.js";

let count = 0;

/**
 * Open a dialog with ``title`` around ``parts``. ``closed(byUser)`` hears of its end. Gives {close, fail}: ``fail`` shows why
 * something was not done, and has it read.
 */
export function openDialog({ title, parts, kind = "", closed = () => {} }) {
  const id = `dialog-${++count}`;
  const opener = document.activeElement;
  let byUser = true;
  const error = element("p", { class: "failure", role: "alert", dir: "auto" });
  const heading = element("h2", { id, dir: "auto" }, title);
  const shut = element(
    "button", { type: "button", class: "plain", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"),
  );
  const dialog = element(
    "dialog", { class: `dialog ${kind}`, "aria-labelledby": id },
    element("header", {}, heading, shut), error, ...parts,
  );
  dialog.addEventListener("close", () => {
    keepNotices(document.body);
    dialog.remove();
    if (opener?.isConnected) opener.focus();
    closed(byUser);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && event.detail > 0 && outside(dialog, event));
  document.body.append(dialog);
  dialog.showModal();
  keepNotices(dialog);
  dialog.querySelector("[autofocus]")?.focus();
  return {
    element: dialog,
    close: () => {
      byUser = false;
      dialog.close();
    },
    fail: (sentence) => text(error, sentence),
  };
}

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const within = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!within) dialog.close();
}

/** A button of a dialog. */
export function button(label, act, attributes = {}) {
  return element("button", { type: "button", onclick: act, ...attributes }, label);
}
