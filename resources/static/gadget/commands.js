// What can be done with a call, in the order of its menu, by state.

import { openDialog, button } from "./dialog.js";
import { element } from "./dom.js";
import { openMenu } from "./menu.js";
import { t } from "./texts.js";
import { openTransfer } from "./transfer.js";

const ICONS = {
  answer: "phone", pickup: "pickup", end: "end", hold: "hold", retrieve: "play", consult: "consult", blind: "blind",
  complete: "check", cancel: "close", digits: "keypad",
};
const ORDER = {
  ringing: ["answer", "pickup", "end", "blind"],
  calling: ["complete", "cancel", "end", "blind"],
  active: ["complete", "cancel", "end", "hold", "consult", "blind", "digits"],
  held: ["end", "retrieve", "consult", "blind"],
};

/** The commands of a call that its menu shows, with "" or why each is impossible. */
export function commandsOf(gadget, call) {
  const order = ORDER[call.state] ?? [];
  const named = [...order, ...Object.keys(ICONS).filter((name) => !order.includes(name))];
  return named
    .filter((name) => name in (call.can ?? {}))
    .map((name) => [name, gadget.isOnline ? call.can[name] : t("lost_command")]);
}

/** Whether ``command`` can be done now. */
export function isPossible(gadget, call, command) {
  return gadget.isOnline && call.can?.[command] === "";
}

/** Open the menu of a call. */
export function openCallMenu(gadget, anchor, call, point = null) {
  const commands = commandsOf(gadget, call);
  if (!commands.length) return;
  const items = commands.map(([name, reason]) => ({
    name, label: t(`do_${name}`), icon: ICONS[name], reason, act: () => perform(gadget, name, call),
  }));
  openMenu(anchor, t("call_menu", { who: call.name || call.number || t("unknown") }), items, point);
}

/** Do a command of a call; those that need a target ask for it. */
export function perform(gadget, command, call) {
  const { id, device } = call;
  if (command === "consult" || command === "blind") return openTransfer(gadget, call, command);
  if (command === "digits") return askDigits(gadget, call);
  return gadget.act(command, { call: id, device });
}

function askDigits(gadget, call) {
  const field = element("input", {
    type: "text", inputmode: "tel", maxlength: "32", pattern: ",*[0-9*#A-Da-d][0-9*#A-Da-d,]*", required: true,
    autofocus: true, id: "digits", autocomplete: "off",
  });
  const send = async (event) => {
    event.preventDefault();
    const digits = field.value;
    // Cleared at once: more may be typed while these are on their way.
    field.value = "";
    dialog.fail("");
    field.focus();
    try {
      await gadget.connection.send("digits", { call: call.id, device: call.device, digits });
    } catch (refused) {
      dialog.fail(refused.message);
      field.value ||= digits;
    }
  };
  const form = element(
    "form", { class: "line-form", onsubmit: send }, field, element("button", { class: "primary" }, t("send")),
  );
  const foot = element("footer", {}, button(t("close"), () => dialog.close()));
  const about = element("label", { for: "digits", class: "label" }, t("digits"));
  const dialog = openDialog({ title: t("do_digits"), parts: [about, form, foot], kind: "narrow" });
}
