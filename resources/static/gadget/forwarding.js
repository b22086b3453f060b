// Forwarding: where a member's calls go, by the line and, for managers, by the application.

import { openDialog } from "./dialog.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { memberEntries, targetList } from "./targets.js";
import { moment, t } from "./texts.js";

/** The forwarding that a member's entry shows: that of the application before that of the line. */
export function shownForwarding(member) {
  const { line, application } = member.forwarding ?? {};
  if (application) return { ...application, kind: "application" };
  return line ? { ...line, kind: "line" } : null;
}

/** Where a forwarding leads, in words. */
export function forwardingWords(forwarding) {
  const fixed = { group: "to_group", voicemail: "to_voicemail", mobile: "to_mobile" }[forwarding.to];
  return [fixed && t(fixed), forwarding.shown].filter(Boolean).join(" ");
}

/** Open the settings of a member's forwarding. */
export function openForwarding(gadget, member) {
  const kinds = member.manager ? ["application", "line"] : ["line"];
  const body = element("div", { class: "kind", role: member.manager ? "tabpanel" : null, id: "forwarding-kind" });
  const tabs = kinds.map((kind) => element(
    "button",
    {
      type: "button", role: "tab", id: `tab-${kind}`, "aria-controls": "forwarding-kind",
      onclick: () => show(kind),
    },
    icon(`forward_${kind}`), t(`forward_${kind}`),
  ));
  const bar = element("div", { class: "tabs", role: "tablist", "aria-label": t("forwarding"), hidden: kinds.length < 2 }, ...tabs);
  bar.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tabs[(tabs.indexOf(document.activeElement) + 1) % tabs.length];
    other.focus();
    other.click();
  });
  const show = (kind) => {
    kinds.forEach((one, index) => {
      tabs[index].setAttribute("aria-selected", String(one === kind));
      tabs[index].tabIndex = one === kind ? 0 : -1;
    });
    if (kinds.length > 1) body.setAttribute("aria-labelledby", `tab-${kind}`);
    body.replaceChildren(...parts(gadget, member.id, kind, dialog));
  };
  const dialog = openDialog({
    title: t("forwarding_of", { who: member.name }), parts: [bar, body], kind: "forwarding",
    closed: () => off(),
  });
  const start = member.manager && !member.forwarding?.line ? "application" : "line";
  show(start);
  body.querySelector("input")?.focus();
  const off = gadget.on("board", () => gadget.board?.members.has(member.id) || dialog.close());
}

function parts(gadget, id, kind, dialog) {
  const member = gadget.board.members.get(id);
  const current = member.forwarding?.[kind] ?? null;
  const allowed = member.can?.[`forward_${kind}`] && gadget.isOnline;
  const reason = allowed ? "" : t(gadget.isOnline ? "not_allowed" : "lost_command");
  const set = async (target) => {
    if (reason) return dialog.fail(reason);
    try {
      await gadget.connection.send("forward", { member: id, kind, ...command(target) });
      dialog.close();
    } catch (refused) {
      dialog.fail(refused.message);
    }
    return undefined;
  };
  const is = (to, shown) => (current ? current.to === to && (shown === undefined || current.shown === shown) : to === "none");
  const fixed = [["none", "none", true], ["group", "group", kind === "application"],
    ["mobile", "mobile", member.targets?.mobile], ["voicemail", "voicemail", member.targets?.voicemail]]
    .filter(([, , isOffered]) => isOffered)
    .map(([to, picture]) => ({
      key: to, name: t(to === "none" ? "no_forwarding" : `to_${to}`), note: to === "group" ? t("to_group_note") : "", icon: picture, target: { to }, current: is(to), reason, always: true,
    }));
  const people = () => memberEntries(gadget, id).map((entry) => ({
    ...entry, voicemail: null, current: is("member", entry.name), reason,
  }));
  const now = current && element(
    "p", { class: "quiet", dir: "auto" },
    t("forwarded_by", { to: forwardingWords(current), who: current.by || "–", when: moment(current.since) }),
  );
  const list = targetList({
    gadget, label: t("own_number"), entries: () => [...fixed, ...people()], choose: set, finds: false,
  });
  return [element("p", { class: "quiet" }, t(`explain_${kind}`)), now, list.element].filter(Boolean);
}

function command(target) {
  if ("number" in target) return { to: "number", number: target.number };
  return "member" in target ? { to: "member", target: target.member } : { to: target.to };
}
