// The members as a grid that is one stop of the Tab key and is walked with the arrows (WAI-ARIA APG).

import { Views, attribute, element } from "./dom.js";
import { memberRow } from "./member.js";
import { t } from "./texts.js";

/** {element, update()}. */
export function memberList(gadget) {
  const grid = element("div", { class: "members", role: "grid" });
  const quiet = element("p", { class: "quiet empty" });
  const rows = new Views(grid, () => memberRow(gadget));
  grid.addEventListener("keydown", (event) => pressed(grid, event));
  grid.addEventListener("focusin", (event) => event.target.matches("button") && makeStop(grid, event.target));
  return {
    element: element("main", {}, grid, quiet),
    update() {
      const { board } = gadget;
      const members = board?.list ?? [];
      grid.hidden = !members.length;
      quiet.hidden = members.length > 0;
      quiet.textContent = gadget.me ? t(gadget.groups.length ? "no_members" : "no_groups") : t("connecting");
      if (board) attribute(grid, "aria-label", t("members_of", { group: board.group.name }));
      rows.show(members, (member) => member.id);
      if (!grid.querySelector('button[tabindex="0"]:not([hidden])')) makeStop(grid, grid.querySelector("button"));
    },
  };
}

function makeStop(grid, button) {
  for (const other of grid.querySelectorAll('button[tabindex="0"]')) if (other !== button) other.tabIndex = -1;
  if (button) button.tabIndex = 0;
}

function pressed(grid, event) {
  const button = event.target.closest("button");
  const row = event.target.closest(".member");
  if (!button || !row || event.altKey || event.metaKey) return;
  const rows = [...grid.children];
  const inRow = buttonsOf(row);
  const at = inRow.indexOf(button);
  const rowAt = rows.indexOf(row);
  const steps = {
    ArrowRight: () => inRow[at + 1],
    ArrowLeft: () => inRow[at - 1],
    ArrowDown: () => like(button, rows[rowAt + 1]),
    ArrowUp: () => like(button, rows[rowAt - 1]),
    PageDown: () => like(button, rows[Math.min(rowAt + 10, rows.length - 1)]),
    PageUp: () => like(button, rows[Math.max(rowAt - 10, 0)]),
    Home: () => (event.ctrlKey ? like(button, rows[0]) : inRow[0]),
    End: () => (event.ctrlKey ? like(button, rows.at(-1)) : inRow.at(-1)),
  };
  if (!(event.key in steps)) return;
  event.preventDefault();
  steps[event.key]()?.focus();
}

function buttonsOf(row) {
  return [...row.querySelectorAll("button")].filter((button) => !button.hidden && !button.disabled);
}

/** The button of ``row`` in the column of ``button``, else its last one. */
function like(button, row) {
  if (!row) return undefined;
  const { column } = button.dataset;
  const all = buttonsOf(row);
  const same = all.filter((one) => one.dataset.column === column);
  return same.at(-1) ?? all.at(column === "line" ? 0 : -1);
}
