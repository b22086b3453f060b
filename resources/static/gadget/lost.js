// The connection's state, and that of the server to the PBX, told plainly: what is shown may be old.

import { attribute, element, text } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

const PATIENCE = 1500;

/** {element, update()}. */
export function connectionLine(gadget) {
  const { connection } = gadget;
  const words = element("span");
  const wait = element("span", { class: "wait" });
  const again = element("button", { type: "button", onclick: () => connection.open() });
  const root = element("div", { class: "lost", role: "alert", hidden: true }, icon("none"), words, again);
  const line = element("div", { class: "lost-line" }, root, wait);
  const countdown = () => {
    const seconds = Math.ceil((connection.retryAt - Date.now()) / 1000);
    text(wait, connection.status === "lost" && seconds > 0 ? t("trying_in", { seconds }) : "");
  };
  setInterval(countdown, 500);
  let begun = Date.now();
  setTimeout(() => show(), PATIENCE);
  const show = () => {
    const isFirst = !gadget.me && connection.status === "connecting" && Date.now() - begun < PATIENCE;
    const isUnlinked = gadget.isOnline && gadget.board?.group.linked === false;
    root.hidden = (gadget.isOnline && !isUnlinked) || isFirst;
    line.hidden = root.hidden;
    attribute(document.body, "data-connection", connection.status);
    countdown();
    if (root.hidden) return;
    if (isUnlinked) {
      text(words, t("unlinked"));
      again.hidden = true;
      return;
    }
    const kind = { replaced: "lost_replaced", stopping: "lost_stopping", session: "lost_session" }[connection.why] ?? "lost";
    text(words, t(kind));
    text(again, t(connection.why === "replaced" ? "use_here" : "try_now"));
    again.hidden = connection.why === "session";
  };
  return { element: line, update: show };
}
