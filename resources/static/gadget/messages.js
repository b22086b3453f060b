// The messages of the own mailbox: listen, keep, delete, mark.

import { duration } from "./clock.js";
import { button, openDialog } from "./dialog.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { moment, t } from "./texts.js";

/** Open the panel. */
export async function openMessages(gadget) {
  const list = element("ul", { class: "messages" });
  const quiet = element("p", { class: "quiet", role: "status" }, t("loading"));
  const player = element("audio", { hidden: true, "data-message": "" });
  const dialog = openDialog({
    title: t("messages"), parts: [quiet, list, player], kind: "messages-panel", closed: () => {
      player.pause();
      off();
    },
  });
  const panel = new Panel(gadget, dialog, list, quiet, player);
  const off = gadget.on("mail", () => panel.load());
  await panel.load();
}

class Panel {
  #messages = [];
  #playing = null;
  #asked = null;

  constructor(gadget, dialog, list, quiet, player) {
    Object.assign(this, { gadget, dialog, list, quiet, player });
    for (const name of ["play", "pause", "ended"]) player.addEventListener(name, () => this.#show());
    player.addEventListener("ended", () => this.#playing && this.#mark(this.#playing, true));
    player.addEventListener("error", () => this.#playing && dialog.fail(t("cannot_play")));
  }

  async load() {
    const result = await this.#do("messages", {});
    if (!result) return;
    // What is being played, or is asked about, stays so when others come.
    this.#messages = result.messages.map((message) => Object.assign(this.#messages.find(({ id }) => id === message.id) ?? {}, message));
    this.quiet.textContent = "";
    this.#show();
  }

  async #do(command, values) {
    try {
      this.dialog.fail("");
      return await this.gadget.connection.send(command, values);
    } catch (refused) {
      this.quiet.textContent = "";
      this.dialog.fail(refused.message);
      return null;
    }
  }

  async #mark(message, heard) {
    if (message.heard === heard || !(await this.#do("heard", { message: message.id, heard }))) return;
    message.heard = heard;
    this.#show();
  }

  async #delete(message) {
    if (this.#asked !== message) {
      this.#asked = message;
      this.#show();
      return;
    }
    if (!(await this.#do("delete", { message: message.id }))) return;
    if (this.#playing === message) this.player.pause();
    this.#messages = this.#messages.filter((one) => one !== message);
    this.#show();
    (this.list.querySelector("button") ?? this.dialog.element.querySelector("button")).focus();
  }

  #play(message) {
    if (this.#playing === message && !this.player.paused) {
      this.player.pause();
      return;
    }
    if (this.#playing !== message) this.player.src = message.url;
    this.#playing = message;
    this.player.play().catch(() => {});
  }

  #show() {
    const focused = document.activeElement?.dataset.act;
    const of = document.activeElement?.closest("[data-message-id]")?.dataset.messageId;
    this.list.replaceChildren(...this.#messages.map((message) => this.#row(message)));
    if (!this.#messages.length && !this.quiet.textContent) this.quiet.textContent = t("no_messages");
    if (of) this.list.querySelector(`[data-message-id="${CSS.escape(of)}"] [data-act="${focused}"]`)?.focus();
  }

  #row(message) {
    const who = message.name || message.number || t("unknown");
    const plays = this.#playing === message && !this.player.paused;
    const about = { who, when: moment(message.left_at) };
    const asks = this.#asked === message;
    const act = (name, picture, label, press) => element(
      "button", { type: "button", class: "plain", "data-act": name, "aria-label": t(label, about), title: t(label, about), onclick: press },
      icon(picture),
    );
    return element(
      "li", { "data-message-id": message.id, "data-heard": message.heard ? "true" : "false" },
      act("play", plays ? "hold" : "play", plays ? "pause_message" : "play_message", () => this.#play(message)),
      element(
        "span", { class: "words" },
        element("span", { class: "first" }, element("bdi", { class: "name" }, who), message.heard ? null : element("span", { class: "new" }, t("new"))),
        element("span", { class: "details" },
          message.name && element("bdi", {}, message.number), element("span", {}, moment(message.left_at)),
          element("span", { class: "time" }, duration(message.seconds))),
      ),
      act("heard", message.heard ? "message" : "heard", message.heard ? "mark_unheard" : "mark_heard", () => this.#mark(message, !message.heard)),
      element("a", {
        class: "plain", href: message.url, download: "", "data-act": "save", "aria-label": t("save_message", about), title: t("save_message", about),
      }, icon("save")),
      asks
        ? button(t("really_delete"), () => this.#delete(message), { class: "danger", "data-act": "delete" })
        : act("delete", "delete", "delete_message", () => this.#delete(message)),
    );
  }
}
