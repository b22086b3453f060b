// A consultation that is going on: who asks whom for whom, Complete and Cancel.

import { isPossible, perform } from "./commands.js";
import { attribute, element, text } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

/** {element, update()}. */
export function consultationBar(gadget) {
  let call = null;
  const words = element("p", { dir: "auto" });
  const command = (name, picture, kind) => element(
    "button", { type: "button", class: kind, onclick: () => isPossible(gadget, call, name) && perform(gadget, name, call) },
    icon(picture), element("span"),
  );
  const complete = command("complete", "check", "primary");
  const cancel = command("cancel", "close", "");
  const root = element("section", { class: "consultation", hidden: true }, words, complete, cancel);
  return {
    element: root,
    update() {
      const found = own(gadget).find((one) => one.consulting);
      root.hidden = !found;
      if (!found) return;
      call = found;
      attribute(root, "aria-label", t("consultation"));
      const held = own(gadget).find((one) => one.id === call.consulting);
      const [who, caller] = [call, held].map((one) => one?.name || one?.number || t("unknown"));
      text(words, t(call.state === "active" ? "consulting" : "consulting_rings", { who, caller }));
      for (const [name, node] of [["complete", complete], ["cancel", cancel]]) {
        text(node.lastChild, t(`do_${name}`));
        const reason = gadget.isOnline ? call.can?.[name] ?? t("not_offered") : t("lost_command");
        attribute(node, "aria-disabled", reason ? "true" : null);
        attribute(node, "title", reason || null);
        attribute(node, "aria-description", reason || null);
      }
    },
  };
}

function own(gadget) {
  return (gadget.board?.list ?? []).flatMap((member) => member.calls).filter((call) => call.mine);
}
