// A person's picture, or the first letters of the name.

import { attribute, element, text } from "./dom.js";

const COLOURS = 6;

/** {element, update({name, picture})}. */
export function portrait(extra = "") {
  const letters = element("span", { class: "letters" });
  const root = element("span", { class: `portrait ${extra}`, "aria-hidden": "true" }, letters);
  let image = null;
  return {
    element: root,
    update({ name = "", picture = "" }) {
      text(letters, initials(name));
      attribute(root, "data-colour", colour(name));
      if ((image?.getAttribute("src") ?? "") === picture) return;
      image?.remove();
      image = null;
      if (!picture) return;
      image = element("img", { alt: "", src: picture, draggable: "false", onerror: (event) => event.target.remove() });
      root.append(image);
    },
  };
}

/** The first letters of the first and the last word. */
export function initials(name) {
  const words = name.split(/[\s.]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return first.map((word) => [...word][0].toLocaleUpperCase()).join("");
}

function colour(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % COLOURS;
}
