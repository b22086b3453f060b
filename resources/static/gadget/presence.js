// Presence: its picture, its menu, and the dialog for a message with it.

import { button, openDialog } from "./dialog.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { t } from "./texts.js";

const TO_CHOOSE = ["available", "away", "busy", "dnd"];
const LONGEST = 120;

/** The name of a presence's picture. */
export function presencePicture(value) {
  return value === "busy" ? "busy_person" : value;
}

/** Its picture. */
export function presenceIcon(value) {
  return icon(presencePicture(value));
}

/** Open the menu of a member's presence. */
export function openPresenceMenu(gadget, anchor, member) {
  const reason = gadget.isOnline ? (member.can?.presence ? "" : t("not_allowed")) : t("lost_command");
  const choices = [...TO_CHOOSE, "unavailable"].map((value) => ({
    name: value, label: t(`presence_${value}`), icon: presencePicture(value), checked: member.presence.value === value,
    reason: reason || (value === "unavailable" ? t("not_by_hand") : ""),
    act: () => setPresence(gadget, member, value, value === "available" ? "" : member.presence.message),
  }));
  const message = {
    name: "message", label: t("status_message"), icon: "message", reason, act: () => openMessageDialog(gadget, member),
  };
  openMenu(anchor, t("presence_of", { who: member.name }), [...choices, null, message]);
}

function setPresence(gadget, member, value, message) {
  return gadget.act("presence", { user: member.user, value, message });
}

function openMessageDialog(gadget, member) {
  const { presence } = member;
  const field = element("input", {
    type: "text", maxlength: String(LONGEST), value: presence.message, dir: "auto", autofocus: true, id: "status-message",
    autocomplete: "off",
  });
  // No message goes with "available".
  const start = TO_CHOOSE.includes(presence.value) && presence.value !== "available" ? presence.value : "away";
  const radios = TO_CHOOSE.map((value) => element(
    "label", { class: "choice", "data-presence": value },
    element("input", { type: "radio", name: "presence", value, checked: value === start }),
    presenceIcon(value), t(`presence_${value}`),
  ));
  const form = element("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const value = new FormData(form).get("presence");
      try {
        const message = value === "available" ? "" : field.value.trim();
        await gadget.connection.send("presence", { user: member.user, value, message });
        dialog.close();
      } catch (refused) {
        dialog.fail(refused.message);
      }
    },
    onchange: () => { field.disabled = new FormData(form).get("presence") === "available"; },
  });
  form.append(
    element("label", { for: "status-message", class: "label" }, t("status_message_label")), field,
    element("fieldset", {}, element("legend", {}, t("presence")), ...radios),
    element("footer", {}, button(t("cancel"), () => dialog.close()), element("button", { class: "primary" }, t("save"))),
  );
  const dialog = openDialog({ title: t("status_message_of", { who: member.name }), parts: [form], kind: "narrow" });
}
