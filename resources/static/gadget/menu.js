// Menus by the ARIA menu pattern (WAI-ARIA APG): arrows, Home, End, first letters, Escape.

import { element } from "./dom.js";
import { icon } from "./icons.js";

let close = () => {};

/** Close the menu that is open, if any. */
export function closeMenu() {
  close();
}

/**
 * Open a menu at ``anchor``, or at ``point`` {x, y}. ``items``: {label, icon, act, reason, checked, hint}, null for a line;
 * with a ``reason`` the item cannot be chosen, and says why.
 */
export function openMenu(anchor, name, items, point = null) {
  closeMenu();
  const entries = items.filter(Boolean).map((item) => [item, entry(item)]);
  const made = new Map(entries);
  const list = element(
    "ul",
    { class: "menu", role: "menu", "aria-label": name, tabindex: "-1" },
    ...items.map((item) => (item ? made.get(item) : element("li", { role: "separator" }))),
  );
  const outside = (event) => list.contains(event.target) || close();
  close = () => {
    const hadFocus = list.contains(document.activeElement);
    list.remove();
    document.removeEventListener("pointerdown", outside, true);
    removeEventListener("resize", close);
    attributeExpanded(anchor, false);
    close = () => {};
    if (hadFocus && anchor.isConnected) anchor.focus();
  };
  for (const [item, node] of entries) {
    node.addEventListener("click", () => {
      if (item.reason) return;
      close();
      item.act();
    });
  }
  const nodes = entries.map(([, node]) => node);
  list.addEventListener("keydown", (event) => pressed(event, nodes));
  list.addEventListener("contextmenu", (event) => event.preventDefault());
  document.body.append(list);
  place(list, anchor.getBoundingClientRect(), point);
  document.addEventListener("pointerdown", outside, true);
  addEventListener("resize", close);
  attributeExpanded(anchor, true);
  (nodes.find((node) => node.getAttribute("aria-checked") === "true") ?? nodes[0] ?? list).focus();
}

function attributeExpanded(anchor, value) {
  if (anchor.hasAttribute("aria-haspopup")) anchor.setAttribute("aria-expanded", String(value));
}

function entry(item) {
  const kind = item.checked === undefined ? "menuitem" : "menuitemradio";
  return element(
    "li",
    {
      role: kind, tabindex: "-1", "aria-disabled": item.reason ? "true" : null, title: item.reason || null,
      "aria-checked": item.checked === undefined ? null : String(item.checked), "data-act": item.name,
    },
    item.icon ? icon(item.icon) : element("span", { class: "icon" }),
    element(
      "span", { class: "words" },
      element("span", { dir: "auto" }, item.label),
      item.reason && element("small", { class: "reason", dir: "auto" }, item.reason),
    ),
    item.checked ? icon("check") : null,
  );
}

function pressed(event, nodes) {
  const at = nodes.indexOf(document.activeElement);
  const steps = {
    ArrowDown: () => nodes[(at + 1) % nodes.length],
    ArrowUp: () => nodes[(at - 1 + nodes.length) % nodes.length],
    Home: () => nodes[0],
    End: () => nodes[nodes.length - 1],
  };
  if (event.key in steps) steps[event.key]().focus();
  else if (event.key === "Enter" || event.key === " ") nodes[at]?.click();
  else if (event.key === "Escape" || event.key === "Tab") close();
  else if (event.key.length === 1) byLetter(event.key, nodes, at);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function byLetter(letter, nodes, at) {
  const later = [...nodes.slice(at + 1), ...nodes.slice(0, at + 1)];
  later.find((node) => node.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
}

function place(list, box, point) {
  const { width, height } = list.getBoundingClientRect();
  const [x, y] = point ? [point.x, point.y] : [box.left, box.bottom + 2];
  const above = point ? point.y - height : box.top - height - 2;
  const fits = y + height <= innerHeight - 4;
  list.style.left = `${Math.max(4, Math.min(x, innerWidth - width - 4))}px`;
  list.style.top = `${Math.max(4, fits ? y : Math.max(above, Math.min(y, innerHeight - height - 4)))}px`;
}
