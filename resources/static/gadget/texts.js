// What people read, in their language.

export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français" };

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
let words = {};
let language = "en";

/** Speak ``wanted`` from now on, English where it is not known. */
export async function speak(wanted) {
  const known = languageOf(wanted);
  words = (await import(`./texts/${known}.js`)).default;
  language = known;
  document.documentElement.lang = known;
}

/** The language of a tag such as de-CH (RFC 5646); the one spoken for none. */
export function languageOf(tag) {
  const wanted = (tag || language).split("-")[0].toLowerCase();
  return wanted in LANGUAGES ? wanted : "en";
}

/** The language spoken. */
export function spoken() {
  return language;
}

/** The text called ``name`` with ``values`` in their places. */
export function t(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, key) => isolated(String(values[key])));
}

/** A name that runs from right to left leaves the sentence around it alone (Unicode UAX #9). */
export function isolated(value) {
  return RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
}

/** A moment for people. */
export function moment(seconds) {
  const at = new Date(seconds * 1000);
  const today = at.toDateString() === new Date().toDateString();
  const date = today ? {} : { day: "numeric", month: "short" };
  return at.toLocaleString(language === "en" ? "en-GB" : language, { ...date, hour: "2-digit", minute: "2-digit" });
}
