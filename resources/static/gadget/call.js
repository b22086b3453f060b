// A call as a block: direction, picture, name, number, state and how long.

import { run } from "./clock.js";
import { commandsOf, isPossible, openCallMenu } from "./commands.js";
import { attribute, element, text } from "./dom.js";
import { beginDrag } from "./drag.js";
import { icon, turnInto } from "./icons.js";
import { portrait } from "./portrait.js";
import { t } from "./texts.js";

/** {element, update(call)} of a call shown at a member; ``member()`` gives that one as it is now. */
export function callBlock(gadget, member) {
  let call = null;
  let arrow = icon("in");
  const face = portrait("caller");
  const star = element("span", { class: "vip" }, icon("star"));
  face.element.append(star);
  const [name, number, state] = ["name", "number", "state"].map((part) => element("span", { class: part, dir: "auto" }));
  const time = element("span", { class: "time" });
  const note = element("span", { class: "note" });
  const root = element(
    "button", { type: "button", class: "call", tabindex: "-1", "data-column": "call" },
    element("span", { class: "direction" }, arrow), face.element,
    element("span", { class: "lines" }, name, number, element("span", { class: "last" }, state, note, time)),
  );
  root.addEventListener("click", () => chosen(gadget, root, call));
  root.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    // By the keyboard it comes without a place.
    const point = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : null;
    openCallMenu(gadget, root, call, event.button === 2 ? point : null);
  });
  root.addEventListener("pointerdown", (event) => beginDrag(gadget, event, root, () => call, member));
  return {
    element: root,
    update(next) {
      call = next;
      arrow = turnInto(arrow, call.direction === "in" ? "in" : "out");
      attribute(root, "data-state", call.state);
      attribute(root, "data-id", call.id);
      attribute(root, "data-mine", call.mine ? "true" : null);
      attribute(root, "data-hidden", call.hidden ? "true" : null);
      attribute(root, "data-draggable", canBeDragged(gadget, call) ? "true" : null);
      const known = call.name || "";
      text(name, call.hidden ? t("hidden") : known || call.number || t("unknown"));
      text(number, known ? call.number || "" : "");
      attribute(name, "data-alone", known || call.hidden ? null : "true");
      text(state, t(`state_${call.state}`));
      text(note, call.consulting ? t("consultation") : "");
      face.element.hidden = !(known || call.picture || call.vip);
      face.update(call);
      star.hidden = !call.vip;
      time.hidden = !call.since;
      if (call.since) run(time, call.since);
      const offered = commandsOf(gadget, call).length > 0;
      attribute(root, "aria-haspopup", call.mine && offered ? "menu" : null);
      attribute(root, "aria-disabled", offered ? null : "true");
      attribute(root, "aria-label", spokenLabel(call));
      attribute(root, "title", call.vip ? vipWords(call.vip) : null);
    },
  };
}

function canBeDragged(gadget, call) {
  return call.mine && ["blind", "consult"].some((command) => call.can?.[command] === "");
}

function chosen(gadget, root, call) {
  if (root.dataset.dragged) return;
  if (!call.mine && isPossible(gadget, call, "pickup")) gadget.act("pickup", { call: call.id, device: call.device });
  else openCallMenu(gadget, root, call);
}

function vipWords(vip) {
  // Without stars somebody is a VIP by the list, or as everybody is: there is no level.
  if (!vip.level) return vip.why || "VIP";
  return vip.why ? t("vip_why", { level: vip.level, why: vip.why }) : t("vip", { level: vip.level });
}

/** What a screen reader says of a call. */
export function spokenLabel(call) {
  const who = [call.name, call.number].filter(Boolean).join(", ") || t("unknown");
  const about = call.hidden ? t("hidden") : t(call.direction === "in" ? "call_from" : "call_to", { who });
  const parts = [about, t(`state_${call.state}`)];
  if (call.consulting) parts.push(t("consultation"));
  if (call.vip) parts.push(vipWords(call.vip));
  if (!call.mine && call.can?.pickup === "") parts.push(t("press_to_pick_up"));
  return parts.join(", ");
}
