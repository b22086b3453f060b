// What the page knows and does: the board, the groups, the user, and commands to the server.

import { Board } from "./board.js";
import { setClock } from "./clock.js";
import { Connection } from "./connection.js";
import { keepHere, keptHere } from "./kept.js";
import { isLoggedOut, leaveForLogin } from "./login.js";
import { say } from "./notices.js";
import { languageOf, speak, spoken, t } from "./texts.js";

const CHOSEN = `magroup ${document.body.dataset.instance} group`;

/** Tells of "board", "groups", "mail", "dialling", "connection" and "language". */
export class Gadget extends EventTarget {
  board = null;
  groups = [];
  me = null;
  mail = { box: "", new: 0, old: 0 };
  #noDial = "";
  #life = "";
  #version = "";

  constructor(url) {
    super();
    this.connection = new Connection(url, {
      received: (message) => this.#received(message),
      changed: () => this.#connectionChanged(),
      lostWords: () => t("lost_command"),
    });
  }

  /** Hear of ``name``; what is given back ends it. */
  on(name, heard) {
    this.addEventListener(name, heard);
    return () => this.removeEventListener(name, heard);
  }

  get isOnline() {
    return this.connection.status === "open";
  }

  /** Why nobody can be called from here now, "" where that is possible. */
  get noDial() {
    return this.isOnline ? this.#noDial : t("lost_command");
  }

  /** Do a command; a refusal is shown. Gives the result, null where it was not done. */
  async act(command, values) {
    try {
      return await this.connection.send(command, values);
    } catch (refused) {
      say(refused.message, "error");
      return null;
    }
  }

  /** Show another group. */
  choose(id) {
    keepHere(CHOSEN, id);
    return this.act("group", { group: id });
  }

  /** Speak another language here and from the next time on. */
  async setLanguage(language) {
    if (await this.act("language", { language })) await this.#speak(language);
  }

  #received(message) {
    const heard = {
      hello: () => this.#hello(message),
      snapshot: () => this.#show(new Board(message)),
      change: () => this.#change(message),
      groups: () => this.#groups(message.groups),
      empty: () => this.#show(null),
      mail: () => this.#mail(message.mail),
      dialling: () => this.#dialling(message.why),
      notice: () => say(message.text, "error"),
      bye: () => message.why === "session" && leaveForLogin(),
    };
    heard[message.type]?.();
  }

  #hello(message) {
    if (this.#version && this.#version !== message.version) location.reload();
    this.#version = message.version;
    setClock(message.now);
    this.me = message.me;
    this.mail = message.mail;
    this.#noDial = message.no_dial;
    this.#groups(message.groups);
    const before = this.#life;
    this.#life = message.life;
    if (this.board) this.#resume(before);
    else this.#first();
    if (languageOf(message.me.language) !== spoken()) this.#speak(message.me.language);
  }

  async #resume(life) {
    try {
      await this.connection.send("resume", { life, group: this.board.group.id, after: this.board.n });
    } catch (refused) {
      if (refused.code !== "lost") this.#first();
    }
  }

  #first() {
    const chosen = Number(keptHere(CHOSEN));
    const group = this.groups.find((one) => one.id === chosen) ?? this.groups[0];
    if (group) this.act("group", { group: group.id });
    else this.#show(null);
  }

  #change(change) {
    if (!this.board) return;
    this.board.change(change);
    this.#tell("board");
  }

  #show(board) {
    this.board = board;
    this.#tell("board");
    this.#tell("groups");
  }

  #groups(groups) {
    this.groups = groups;
    this.#tell("groups");
  }

  #mail(mail) {
    this.mail = mail;
    this.#tell("mail");
  }

  #dialling(why) {
    this.#noDial = why;
    this.#tell("dialling");
  }

  async #speak(language) {
    await speak(language);
    this.#tell("language");
  }

  async #connectionChanged() {
    this.#tell("connection");
    if (this.connection.status === "lost" && (await isLoggedOut())) leaveForLogin();
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
