// The bar on top: the group and its number, new call, messages, sound, more; and how the connection does.

import { button, openDialog } from "./dialog.js";
import { attribute, element, text } from "./dom.js";
import { icon, turnInto } from "./icons.js";
import { openMenu } from "./menu.js";
import { openMessages } from "./messages.js";
import { say } from "./notices.js";
import { memberEntries, targetList } from "./targets.js";
import { LANGUAGES, spoken, t } from "./texts.js";

/** {element, update()}. */
export function topBar(gadget, sound) {
  const number = element("bdi", { class: "number" });
  const heading = element("h1", {}, element("bdi"), number);
  const groups = element("select", { class: "groups", onchange: () => gadget.choose(Number(groups.value)) });
  const call = tool("phone", "new_call", () => (gadget.noDial ? say(gadget.noDial, "error") : openDial(gadget)));
  const messages = tool("voicemail", "messages", () => openMessages(gadget));
  const noise = tool("sound", "", () => sound.toggle());
  noise.classList.add("sound");
  const onPhone = tool("on_phone", "on_phone", () => showOnPhone(gadget));
  const more = tool("more", "more", () => openMore(gadget, more));
  attribute(more, "aria-haspopup", "menu");
  attribute(more, "aria-expanded", "false");
  let picture = noise.firstChild;
  let shown = "";
  return {
    element: element(
      "header", { class: "bar" }, heading,
      element("div", { class: "tools" }, call, messages, noise, more, onPhone, groups),
    ),
    update() {
      const { board } = gadget;
      text(heading.firstChild, board?.group.name ?? document.body.dataset.instance);
      text(number, board?.group.number ?? "");
      attribute(groups, "aria-label", t("group"));
      groups.hidden = gadget.groups.length < 2;
      groups.disabled = !gadget.isOnline;
      const wanted = JSON.stringify(gadget.groups);
      if (wanted !== shown) {
        shown = wanted;
        groups.replaceChildren(...gadget.groups.map(({ id, name }) => element("option", { value: id, dir: "auto" }, name)));
      }
      if (board) groups.value = String(board.group.id);
      label(more, t("more"));
      attribute(call, "aria-label", t("new_call"));
      attribute(call, "title", [t("new_call"), gadget.noDial].filter(Boolean).join("\n"));
      attribute(call, "aria-description", gadget.noDial || null);
      attribute(call, "aria-disabled", gadget.noDial ? "true" : null);
      call.disabled = messages.disabled = onPhone.disabled = !gadget.isOnline;
      call.hidden = !board?.me;
      const { box, new: fresh } = gadget.mail;
      messages.hidden = !box;
      label(messages, fresh ? t("messages_new", { count: fresh }) : t("messages"));
      text(messages.lastChild, fresh ? String(fresh) : "");
      attribute(messages.lastChild, "class", fresh ? "count" : null);
      showPhone(gadget, onPhone);
      picture = turnInto(picture, sound.state === "on" ? "sound" : "silent");
      label(noise, sound.words);
      text(noise.lastChild, sound.state === "blocked" ? t("turn_sound_on") : "");
      attribute(noise, "data-state", sound.state);
      attribute(noise, "aria-pressed", String(sound.state === "on"));
    },
  };
}

function tool(picture, name, act) {
  return element("button", { type: "button", class: "tool", "data-name": name, onclick: act }, icon(picture), element("span"));
}

function label(node, words) {
  attribute(node, "aria-label", words);
  attribute(node, "title", words);
}

function showPhone(gadget, button) {
  const { group, me } = gadget.board ?? {};
  const shown = me?.on_phone ?? null;
  button.hidden = shown === null;
  if (shown === null) return;
  const isThis = shown === group.id;
  const another = gadget.groups.find((one) => one.id === shown)?.name;
  attribute(button, "aria-pressed", String(isThis));
  attribute(button, "aria-label", t("show_on_phone", { group: group.name }));
  attribute(button, "title", t(isThis ? "is_on_phone" : another ? "another_on_phone" : "none_on_phone", { group: group.name, another }));
}

function showOnPhone(gadget) {
  const { group, me } = gadget.board;
  return gadget.act("on_phone", { member: me.id, shown: me.on_phone !== group.id });
}

function openDial(gadget) {
  const list = targetList({
    gadget, label: t("number_or_name"), entries: () => memberEntries(gadget, gadget.board.me?.id).map((entry) => ({ ...entry, voicemail: null })),
    choose: async (to) => {
      try {
        await gadget.connection.send("dial", { to });
        dialog.close();
      } catch (refused) {
        dialog.fail(refused.message);
      }
    },
  });
  const foot = element("footer", {}, button(t("cancel"), () => dialog.close()));
  const off = gadget.on("board", () => gadget.board && list.show());
  const dialog = openDialog({ title: t("new_call"), parts: [list.element, foot], kind: "transfer", closed: off });
}

function openMore(gadget, anchor) {
  const reason = gadget.isOnline ? "" : t("lost_command");
  const languages = Object.entries(LANGUAGES).map(([code, name]) => ({
    name: code, label: name, icon: "language", checked: spoken() === code, reason, act: () => gadget.setLanguage(code),
  }));
  const permission = "Notification" in window ? Notification.permission : "denied";
  const notifications = {
    name: "notifications", label: t(permission === "granted" ? "notifications_on" : "turn_notifications_on"), icon: "bell",
    reason: { granted: t("notifications_granted"), denied: t("notifications_denied") }[permission] ?? "",
    act: () => Notification.requestPermission(),
  };
  const account = {
    name: "account", label: t("account", { who: gadget.me?.name ?? "" }), icon: "person",
    act: () => open(document.body.dataset.login, "_blank", "noopener"),
  };
  openMenu(anchor, t("more"), [notifications, null, ...languages, null, account]);
}
