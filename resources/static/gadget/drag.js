// Dragging a call onto a member: a ringing one goes there at once, so does any other with Ctrl, else a dialog asks.

import { isPossible } from "./commands.js";
import { element, text } from "./dom.js";
import { say } from "./notices.js";
import { t } from "./texts.js";
import { blindTo, openTransferTo } from "./transfer.js";

const START = 6;
const EDGE = 40;
const STEP = 24;

/** A pointer has gone down on ``block``; it may become a drag. Touch scrolls: there the menu does the same. */
export function beginDrag(gadget, down, block, call, from) {
  if (down.button !== 0 || down.pointerType === "touch" || !block.dataset.draggable) return;
  const drag = { gadget, block, call, from, ghost: null, target: null };
  const abort = new AbortController();
  const listen = (name, heard) => addEventListener(name, heard, { signal: abort.signal, capture: true });
  const end = () => {
    abort.abort();
    drag.ghost?.remove();
    drag.target?.removeAttribute("data-over");
    document.documentElement.removeAttribute("data-dragging");
    block.removeAttribute("data-lifted");
    // The click that comes with the release is none.
    setTimeout(() => delete block.dataset.dragged);
  };
  delete block.dataset.dragged;
  listen("pointermove", (event) => {
    const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) >= START;
    if (!drag.ghost && !far) return;
    if (!drag.ghost) lift(drag);
    move(drag, event.clientX, event.clientY, event.ctrlKey);
  });
  listen("pointerup", (event) => {
    const { target } = drag;
    end();
    if (target) drop(drag, Number(target.dataset.id), event.ctrlKey);
  });
  listen("pointercancel", end);
  listen("blur", (event) => event.target === window && end());
  listen("keydown", (event) => {
    if (event.key === "Escape" && drag.ghost) {
      event.preventDefault();
      end();
    } else if (event.key === "Control" && drag.ghost) label(drag, true);
  });
  listen("keyup", (event) => event.key === "Control" && drag.ghost && label(drag, false));
}

function lift(drag) {
  drag.words = element("span", { class: "words" });
  const picture = drag.block.cloneNode(true);
  picture.querySelectorAll("[data-since]").forEach((node) => node.removeAttribute("data-since"));
  drag.ghost = element("div", { class: "ghost", "aria-hidden": "true", inert: true }, picture, drag.words);
  document.body.append(drag.ghost);
  document.documentElement.dataset.dragging = "true";
  drag.block.dataset.lifted = "true";
  drag.block.dataset.dragged = "true";
}

function move(drag, x, y, isBlind) {
  if (y < EDGE || y > innerHeight - EDGE) scrollBy(0, y < EDGE ? -STEP : STEP);
  const row = document.elementFromPoint(x, y)?.closest(".member");
  const id = Number(row?.dataset.id);
  const target = row && id !== drag.from().id ? row : null;
  if (target !== drag.target) {
    drag.target?.removeAttribute("data-over");
    target?.setAttribute("data-over", "true");
    drag.target = target;
  }
  label(drag, isBlind);
  drag.ghost.style.transform = `translate(${x + 8}px, ${y + 8}px)`;
}

function label(drag, isBlind) {
  const member = drag.target && drag.gadget.board.members.get(Number(drag.target.dataset.id));
  const kind = isBlind || drag.call().state === "ringing" ? "drop_blind" : "drop_ask";
  text(drag.words, member ? t(kind, { who: member.name }) : t("drop_where"));
}

function drop(drag, id, isBlind) {
  const { gadget } = drag;
  const call = drag.call();
  const member = gadget.board.members.get(id);
  const now = member && gadget.board.find(call.id, call.device)?.call;
  if (!now) return say(t("call_over"), "error");
  if (!isBlind && now.state !== "ringing") return openTransferTo(gadget, now, member);
  if (isPossible(gadget, now, "blind")) return blindTo(gadget, now, { member: id });
  return say(now.can?.blind || t("lost_command"), "error");
}
