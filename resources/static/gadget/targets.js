// Whom a call can go to: a field for numbers and names, and a list below it that is walked with the arrows.

import { element, arrange } from "./dom.js";
import { icon } from "./icons.js";
import { portrait } from "./portrait.js";
import { presenceIcon } from "./presence.js";
import { t } from "./texts.js";

const PAUSE = 200;
const NUMBER = /^[+*#]?[0-9 ()/.*#-]{1,40}$/;
const SHORTEST = 2;

/** What is left of a number that people write in groups, "" where it is none. */
export function asNumber(written) {
  return NUMBER.test(written.trim()) ? written.replace(/[\s()/.-]/g, "") : "";
}

/** Neither case nor accents count for whoever looks for a name. */
function plain(words) {
  return words.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

function hasAll(text, words) {
  return words.every((word) => text.includes(word));
}

/**
 * A field and a list. ``entries()`` gives those that are always there; a number that is typed comes above them, what the
 * server finds below. ``choose(target, entry)`` hears what was chosen.
 */
export function targetList({ gadget, label, entries, choose, finds = true }) {
  const field = element("input", {
    type: "text", class: "target-field", "aria-label": label, placeholder: label, maxlength: "80", autocomplete: "off",
    spellcheck: "false", autofocus: true, dir: "auto",
  });
  const list = element("ul", { class: "targets" });
  const none = element("p", { class: "quiet", role: "status" });
  let found = [];
  let timer = 0;
  let asked = 0;

  const show = () => {
    const wanted = plain(field.value).split(/\s+/u);
    const fits = (entry) => entry.always || hasAll(plain(`${entry.name} ${entry.number ?? ""}`), wanted);
    const typed = asNumber(field.value);
    const own = typed ? [{ key: "typed", name: field.value.trim(), icon: "phone", target: { number: typed } }] : [];
    const people = found.map((one, index) => ({
      key: `found ${index}`, name: one.name || one.number, number: one.name ? one.number : "", picture: one.picture,
      portrait: true, target: { number: one.number },
    }));
    const all = [...own, ...entries().filter(fits), ...people];
    const at = document.activeElement?.closest(".target-list .target");
    const { scrollTop } = list;
    arrange(list, all.map((entry) => row(entry, choose)));
    list.scrollTop = scrollTop;
    if (at) again(list, at)?.focus();
    none.textContent = all.length ? "" : t("nobody_found");
  };
  const search = async (mine) => {
    try {
      const result = await gadget.connection.send("search", { text: field.value.trim() });
      if (mine !== asked) return;
      const shown = new Set(entries().map((entry) => entry.number).filter(Boolean));
      found = (result.found ?? []).filter((one) => !shown.has(one.number));
      show();
    } catch {
      // What is listed already can still be chosen; a lost connection is shown elsewhere.
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    asked += 1;
    found = [];
    show();
    const mine = asked;
    if (finds && field.value.trim().length >= SHORTEST) timer = setTimeout(() => search(mine), PAUSE);
  });
  const root = element("div", { class: "target-list" }, field, list, none);
  root.addEventListener("keydown", (event) => walk(event, field, list));
  show();
  return { element: root, show, field };
}

/** The button that now is what ``old`` was. */
function again(list, old) {
  const key = old.dataset.key ?? old.previousElementSibling.dataset.key;
  const main = list.querySelector(`[data-key="${CSS.escape(key)}"]`);
  return old.dataset.key ? main : main?.nextElementSibling;
}

function row(entry, choose) {
  const words = element(
    "span", { class: "words" },
    element("span", { class: "name", dir: "auto" }, entry.name),
    element("span", { class: "details" }, ...details(entry)),
  );
  let picture = icon(entry.icon ?? "person");
  if (entry.portrait) {
    const face = portrait();
    face.update(entry);
    picture = face.element;
  }
  const main = element(
    "button",
    {
      type: "button", class: "target", "data-key": entry.key, "aria-current": entry.current ? "true" : null,
      "aria-disabled": entry.reason ? "true" : null, title: entry.reason || null,
      onclick: () => entry.reason || choose(entry.target, entry),
    },
    picture, words, entry.current ? icon("check") : null,
  );
  const side = entry.voicemail && element(
    "button",
    {
      type: "button", class: "target side", "aria-label": t("voicemail_of", { who: entry.name }),
      title: t("voicemail_of", { who: entry.name }), onclick: () => choose(entry.voicemail, entry),
    },
    icon("voicemail"),
  );
  return element("li", {}, main, side);
}

function details(entry) {
  const parts = [];
  if (entry.note) parts.push(element("span", {}, entry.note));
  if (entry.number) parts.push(element("bdi", {}, entry.number));
  if (entry.presence) {
    parts.push(element("span", { class: "with-icon", "data-presence": entry.presence.value },
      presenceIcon(entry.presence.value), t(`presence_${entry.presence.value}`)));
  }
  if (entry.line) {
    parts.push(element("span", { class: "with-icon", "data-line": entry.line }, icon(entry.line), t(`line_${entry.line}`)));
  }
  if (entry.reason) parts.push(element("span", { class: "reason" }, entry.reason));
  return parts;
}

function walk(event, field, list) {
  const mains = [...list.querySelectorAll("li > .target:first-child")];
  const at = mains.findIndex((node) => node.parentElement.contains(document.activeElement));
  const side = mains[at]?.nextElementSibling;
  const steps = {
    ArrowDown: () => mains[Math.min(at + 1, mains.length - 1)],
    ArrowUp: () => (at > 0 ? mains[at - 1] : field),
    ArrowRight: () => at >= 0 && side,
    ArrowLeft: () => at >= 0 && mains[at],
  };
  if (event.key === "Enter" && event.target === field) mains[0]?.click();
  else if (event.key in steps) {
    const next = steps[event.key]();
    if (!next) return;
    next.focus();
  } else return;
  event.preventDefault();
}

/** The members of the group shown as entries, without ``except``. */
export function memberEntries(gadget, except) {
  return gadget.board.list
    .filter((member) => member.id !== except)
    .map((member) => ({
      key: `member ${member.id}`, name: member.name, number: member.number, picture: member.picture, portrait: true,
      presence: member.presence, line: member.line, target: { member: member.id },
      voicemail: member.targets?.voicemail ? { voicemail: member.id } : null,
    }));
}
