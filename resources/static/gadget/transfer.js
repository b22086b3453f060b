// Transfers: the caller is put on hold first, then the target is chosen; Cancel returns to the caller.

import { run } from "./clock.js";
import { button, openDialog } from "./dialog.js";
import { element, text } from "./dom.js";
import { icon, turnInto } from "./icons.js";
import { portrait } from "./portrait.js";
import { memberEntries, targetList } from "./targets.js";
import { say } from "./notices.js";
import { t } from "./texts.js";

const PICTURES = { active: "busy", calling: "busy", held: "held", ringing: "ringing" };

/** Send a call to ``target`` without asking anybody there. */
export function blindTo(gadget, call, target) {
  return gadget.act("blind", { call: call.id, device: call.device, to: target });
}

/** Ask for the target of a transfer of the kind ``command``: "consult" or "blind". */
export function openTransfer(gadget, call, command) {
  const list = targetList({
    gadget, label: t("number_or_name"), entries: () => transferTargets(gadget, call),
    choose: (target) => transfer.to("voicemail" in target ? "blind" : command, target),
  });
  const cancel = button(t("cancel"), () => transfer.dialog.element.close());
  const parts = [list.element, element("footer", {}, element("span", { class: "quiet" }, t("voicemail_is_blind")), cancel)];
  const transfer = new Transfer(gadget, call, t(`do_${command}`), parts, list.show);
}

/** All members but the two who are in the call. */
function transferTargets(gadget, call) {
  const at = gadget.board.find(call.id, call.device)?.member.id;
  return memberEntries(gadget, at).filter(({ number }) => number !== call.number);
}

/** Ask how a call goes to ``member``. */
export function openTransferTo(gadget, call, member) {
  const person = element("ul", { class: "targets single" });
  const kinds = element("div", { class: "kinds" });
  const show = () => {
    const entry = memberEntries(gadget).find((one) => one.target.member === member.id);
    const face = portrait();
    face.update(member);
    person.replaceChildren(element(
      "li", {}, face.element,
      element("span", { class: "words" }, element("span", { class: "name", dir: "auto" }, member.name),
        entry && element("span", { class: "details" },
          element("bdi", {}, entry.number), element("span", {}, t(`presence_${entry.presence.value}`)),
          element("span", {}, t(`line_${entry.line}`)))),
    ));
  };
  const kind = (command, target, label, attributes = {}) => {
    const reason = call.can?.[command] ?? t("not_offered");
    return button(label, () => reason || transfer.to(command, target), {
      ...attributes, "aria-disabled": reason ? "true" : null, title: reason || null,
    });
  };
  kinds.append(
    kind("consult", { member: member.id }, t("do_consult"), { class: "primary", autofocus: true }),
    kind("blind", { member: member.id }, t("do_blind")),
    ...(member.targets?.voicemail ? [kind("blind", { voicemail: member.id }, t("to_voicemail"))] : []),
  );
  const cancel = button(t("cancel"), () => transfer.dialog.element.close());
  show();
  const transfer = new Transfer(
    gadget, call, t("transfer_to", { who: member.name }), [person, kinds, element("footer", {}, cancel)], show,
  );
}

/** One dialog, from the hold to the transfer, or back to the caller. */
class Transfer {
  #held = null;
  #isSending = false;

  constructor(gadget, call, title, parts, show) {
    this.gadget = gadget;
    this.call = call;
    this.show = show;
    this.off = gadget.on("board", () => this.#boardChanged());
    this.dialog = openDialog({
      title, parts: [this.#caller(), ...parts], kind: "transfer", closed: (byUser) => this.#closed(byUser),
    });
    if (call.state === "active" && call.can?.hold === "") this.#held = this.#hold();
  }

  #caller() {
    const face = portrait("caller");
    face.update(this.call);
    this.state = element("span", {}, t(`state_${this.call.state}`));
    this.picture = icon(PICTURES[this.call.state]);
    this.time = element("span", { class: "time" });
    if (this.call.since) run(this.time, this.call.since);
    return element(
      "p", { class: "caller-line", role: "status" }, face.element, this.picture,
      element("bdi", { class: "name" }, this.call.name || this.call.number || t("unknown")), this.state, this.time,
    );
  }

  /** Whether the caller was put on hold by this dialog. */
  async #hold() {
    try {
      await this.#send("hold");
      return true;
    } catch (refused) {
      this.dialog.fail(refused.message);
      return false;
    }
  }

  /** Do it; where that is refused, the dialog stays and says why. */
  async to(command, target) {
    if (this.#isSending) return;
    this.#isSending = true;
    this.dialog.fail("");
    try {
      await this.#held;
      await this.#send(command, { to: target });
      this.#held = null;
      // The call may go from the board before the dialog has told that it is closed: that is no news.
      this.off();
      this.dialog.close();
    } catch (refused) {
      this.dialog.fail(refused.message);
    } finally {
      this.#isSending = false;
    }
  }

  #send(command, values = {}) {
    return this.gadget.connection.send(command, { call: this.call.id, device: this.call.device, ...values });
  }

  #boardChanged() {
    const now = this.gadget.board?.find(this.call.id, this.call.device)?.call;
    if (now) {
      text(this.state, t(`state_${now.state}`));
      this.picture = turnInto(this.picture, PICTURES[now.state]);
      if (now.since) run(this.time, now.since);
      this.show();
    } else if (!this.#isSending) {
      this.dialog.close();
      say(t("call_over"));
    }
  }

  async #closed(byUser) {
    this.off();
    if (byUser && (await this.#held)) await this.gadget.act("retrieve", { call: this.call.id, device: this.call.device });
  }
}
