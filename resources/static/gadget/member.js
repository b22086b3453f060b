// A member's entry: line, picture, presence, names and numbers, quick dial, calls.

import { callBlock } from "./call.js";
import { Views, attribute, element, text } from "./dom.js";
import { forwardingWords, openForwarding, shownForwarding } from "./forwarding.js";
import { icon, turnInto } from "./icons.js";
import { say } from "./notices.js";
import { portrait } from "./portrait.js";
import { openPresenceMenu, presencePicture } from "./presence.js";
import { isolated, moment, spoken, t } from "./texts.js";

/** {element, update(member)}. */
export function memberRow(gadget) {
  let member = null;
  let shown = [];
  const line = handset(gadget, () => member);
  const face = portrait();
  const presence = presenceButton(gadget, () => member);
  const about = aboutMember();
  const dial = element(
    "button",
    { type: "button", class: "dial", tabindex: "-1", "data-column": "dial", onclick: () => call() },
    icon("phone"), element("span", { class: "words" }),
  );
  const call = () => (gadget.noDial ? say(gadget.noDial, "error") : gadget.act("dial", { to: { member: member.id } }));
  const calls = element("div", { class: "calls", role: "gridcell" });
  const blocks = new Views(calls, () => callBlock(gadget, () => member));
  const dialCell = element("div", { role: "gridcell", class: "dial-cell" }, dial);
  const root = element(
    "div", { class: "member", role: "row" },
    element("div", { role: "gridcell", class: "line-cell" }, line.element),
    element("div", { role: "gridcell", class: "face-cell" }, face.element, presence.element),
    about.element, dialCell, calls,
  );
  return {
    element: root,
    update(next) {
      const now = [next, gadget.isOnline, gadget.noDial, spoken()];
      if (now.every((value, index) => value === shown[index])) return;
      shown = now;
      member = next;
      attribute(root, "data-id", member.id);
      attribute(root, "data-line", member.line);
      attribute(root, "data-me", member.me ? "true" : null);
      line.update(member);
      face.update(member);
      presence.update(member);
      about.update(member);
      text(dial.lastChild, t("call"));
      attribute(dial, "aria-label", t("call_who", { who: member.name }));
      dial.disabled = !gadget.isOnline;
      for (const name of ["title", "aria-description"]) attribute(dial, name, gadget.noDial || null);
      attribute(dial, "aria-disabled", gadget.noDial ? "true" : null);
      dial.hidden = !member.can?.dial || member.me || member.line === "out_of_service";
      const lost = [...calls.children].indexOf(document.activeElement);
      blocks.show(member.calls, (call) => `${call.id} ${call.device}`);
      // Whoever was at a call that is over is led to what is next to it.
      if (lost >= 0 && !calls.contains(document.activeElement)) {
        (calls.children[Math.min(lost, calls.children.length - 1)] ?? line.button).focus();
      }
    },
  };
}

function handset(gadget, member) {
  let picture = icon("idle");
  const arrow = element("span", { class: "forward-mark" });
  const word = element("span", { class: "line-word" });
  const root = element(
    "button",
    {
      type: "button", class: "handset", tabindex: "-1", "data-column": "line", "aria-haspopup": "dialog",
      onclick: () => openForwarding(gadget, member()),
    },
    element("span", { class: "picture" }, picture, arrow), word,
  );
  return {
    element: root,
    button: root,
    update({ name, line, ...rest }) {
      const forwarding = shownForwarding(rest);
      picture = turnInto(picture, line);
      text(word, t(`short_${line}`));
      arrow.replaceChildren(...(forwarding ? [icon(`forward_${forwarding.kind}`)] : []));
      const parts = [t("line_of", { who: name, state: t(`line_${line}`) })];
      if (forwarding) parts.push(t(`forwarded_${forwarding.kind}`, { to: forwardingWords(forwarding) }));
      attribute(root, "aria-label", `${parts.join(". ")}. ${t("set_forwarding")}`);
      attribute(root, "title", parts.join("\n"));
    },
  };
}

function presenceButton(gadget, member) {
  let picture = icon("available");
  const crown = element("span", { class: "crown" }, icon("crown"));
  const button = element(
    "button",
    {
      type: "button", class: "presence", tabindex: "-1", "data-column": "presence", "aria-haspopup": "menu",
      "aria-expanded": "false", onclick: () => openPresenceMenu(gadget, button, member()),
    },
    picture,
  );
  return {
    element: element("span", { class: "marks" }, crown, button),
    update({ name, manager, presence }) {
      crown.hidden = !manager;
      attribute(crown, "title", manager ? t("manager") : null);
      picture = turnInto(picture, presencePicture(presence.value));
      attribute(button, "data-presence", presence.value);
      const said = [t(`presence_${presence.value}`), presence.message].filter(Boolean).map(isolated).join(" – ");
      attribute(button, "aria-label", t("presence_button", { who: name, state: said }));
      const since = presence.since ? t("since_by", { when: moment(presence.since), who: presence.by || "–" }) : "";
      attribute(button, "title", [said, since].filter(Boolean).join("\n"));
    },
  };
}

function aboutMember() {
  const name = element("bdi", { class: "name" });
  const role = element("span", { class: "unseen" });
  const [state, message] = [element("span", { class: "state" }), element("bdi", { class: "message" })];
  const [number, department] = [element("bdi", { class: "number" }), element("bdi", { class: "department" })];
  const target = element("bdi");
  const forward = element("span", { class: "forward" }, icon("forward_line"), target);
  let picture = forward.firstChild;
  return {
    element: element(
      "div", { role: "rowheader", class: "about" },
      element("span", { class: "first" }, name, role),
      element("span", { class: "second" }, state, message),
      element("span", { class: "third" }, number, forward, department),
    ),
    update(member) {
      const { presence } = member;
      text(name, member.name);
      attribute(name, "title", member.name);
      text(role, member.manager ? `, ${t("manager")}` : "");
      text(state, t(`presence_${presence.value}`));
      attribute(state, "data-presence", presence.value);
      text(message, presence.message);
      attribute(message, "title", presence.message || null);
      message.hidden = !presence.message;
      text(number, member.number);
      text(department, member.department ?? "");
      const forwarding = shownForwarding(member);
      forward.hidden = !forwarding;
      if (!forwarding) return;
      picture = turnInto(picture, `forward_${forwarding.kind}`);
      text(target, forwardingWords(forwarding));
      attribute(forward, "title", t(`forwarded_${forwarding.kind}`, { to: forwardingWords(forwarding) }));
    },
  };
}
