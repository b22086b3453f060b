// Sentences that come up and go: errors are said at once, the rest when the screen reader has time.

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

const LIFE = 9000;

const shown = element("div", { class: "notices" });
const polite = element("div", { class: "unseen", role: "status" });
const urgent = element("div", { class: "unseen", role: "alert" });

/** Where the sentences are; lies on top of open dialogs. */
export function notices() {
  shown.popover = "manual";
  return [shown, polite, urgent];
}

/** Show ``sentence``, and have it read. */
export function say(sentence, kind = "info") {
  tell(sentence, kind === "error");
  const close = element("button", { type: "button", class: "plain", "aria-label": t("close") }, icon("close"));
  const notice = element("p", { class: `notice ${kind}` }, element("span", { dir: "auto" }, sentence), close);
  const remove = () => {
    notice.remove();
    if (!shown.children.length) shown.hidePopover?.();
  };
  close.addEventListener("click", remove);
  setTimeout(remove, LIFE);
  shown.append(notice);
  // Shown anew, it comes above a dialog that was opened later.
  shown.hidePopover?.();
  shown.showPopover?.();
}

/** Have ``sentence`` read by screen readers only. */
export function tell(sentence, isUrgent = false) {
  const region = isUrgent ? urgent : polite;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = sentence; });
}
