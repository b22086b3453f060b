// Sentences that come up and go: errors are said at once, the rest when the screen reader has time.

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

const LIFE = 9000;

const shown = element("div", { class: "notices" });
const polite = element("div", { class: "unseen", role: "status" });
const urgent = element("div", { class: "unseen", role: "alert" });

/** Keep the sentences in ``place``: what is outside of an open dialog is neither read nor can be pressed. */
export function keepNotices(place) {
  shown.popover = "manual";
  if (shown.parentElement !== place) place.append(shown, polite, urgent);
  // Shown anew, they come above a dialog that was opened later.
  shown.hidePopover?.();
  if (shown.children.length) shown.showPopover?.();
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
  keepNotices(shown.parentElement);
}

/** Have ``sentence`` read by screen readers only. */
export function tell(sentence, isUrgent = false) {
  const region = isUrgent ? urgent : polite;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = sentence; });
}
