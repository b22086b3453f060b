// The pictures of states and commands, each of its own shape so that none is told by its colour alone.

import { drawing } from "./dom.js";

const HANDSET = "M5 3.5h3.2l1.6 4.6-2.2 1.7a13 13 0 0 0 6.6 6.6l1.7-2.2 4.6 1.6V19a2 2 0 0 1-2.2 2A17 17 0 0 1 3 5.700a2 2 0 0 1 2-2.200z";
const LYING = "M3 11.500c5-4.700 13-4.700 18 0 .6.6.6 1.600.1 2.300l-1.200 1.600c-.4.5-1 .6-1.600.3l-2.900-1.600v-2.900c-2.200-.7-4.600-.7-6.800 0v2.900l-2.900 1.600c-.6.3-1.200.2-1.600-.3l-1.200-1.600c-.5-.7-.5-1.700.1-2.300z";
const CIRCLE = "M12 2.500a9.500 9.500 0 1 1 0 19 9.500 9.500 0 0 1 0-19z";

// "fill" paints a path, "line" strokes it, "cut" strokes it in the colour of the ground.
const ICONS = {
  idle: [["line", LYING]],
  ringing: [["fill", HANDSET], ["line", "M14 3.500a6.500 6.500 0 0 1 6.500 6.500M14 7.300a2.700 2.700 0 0 1 2.700 2.700"]],
  busy: [["fill", LYING], ["line", "M12 19.500v-3M7.500 19l1-2.600M16.500 19l-1-2.600"]],
  held: [["fill", HANDSET], ["line", "M15.500 3.500v6M20 3.500v6"]],
  out_of_service: [["line", HANDSET], ["line", "M3 21 21 3"]],
  available: [["fill", CIRCLE], ["cut", "m7.500 12.300 3.200 3.200 6-6.800"]],
  away: [["fill", CIRCLE], ["cut", "M12 6.800V12.500l3.800 2.300"]],
  busy_person: [["fill", "M12 1.800 22.200 12 12 22.200 1.800 12z"], ["cut", "M12 7v6M12 16.200v.3"]],
  dnd: [["fill", CIRCLE], ["cut", "M7 12h10"]],
  unavailable: [["line", CIRCLE], ["line", "m8.500 8.500 7 7M15.500 8.500l-7 7"]],
  crown: [["fill", "M3 7.500 7.500 11 12 4l4.500 7L21 7.500 19.500 19h-15z"]],
  star: [["fill", "m12 2 3 6.600 7.200.8-5.400 4.800 1.600 7.100L12 17.600l-6.400 3.700 1.600-7.100L1.800 9.400 9 8.600z"]],
  in: [["line", "M20 12H4.500M11 5.500 4.500 12l6.500 6.500"]],
  out: [["line", "M4 12h15.500M13 5.500l6.500 6.500-6.500 6.500"]],
  forward_line: [["line", "M4 18v-3a5 5 0 0 1 5-5h10M14 4.500l5.500 5.500-5.500 5.500"]],
  forward_application: [["line", "M3.500 18v-3a5 5 0 0 1 5-5H15M10.500 4.500 16 10l-5.500 5.500M15.500 4.500 21 10l-5.500 5.500"]],
  phone: [["fill", HANDSET]],
  end: [["fill", LYING]],
  hold: [["fill", "M6.500 5h4v14h-4zM13.500 5h4v14h-4z"]],
  play: [["fill", "M7 4.500 19.500 12 7 19.500z"]],
  consult: [["fill", HANDSET], ["line", "M13 6h8M18 3l3 3-3 3"]],
  blind: [["line", "M3 12h14M11.500 6l6 6-6 6M21 4.500v15"]],
  keypad: [["fill", "M5 4h3v3H5zM10.500 4h3v3h-3zM16 4h3v3h-3zM5 10h3v3H5zM10.500 10h3v3h-3zM16 10h3v3h-3zM10.500 16h3v3h-3zM5 16h3v3H5zM16 16h3v3h-3z"]],
  pickup: [["fill", HANDSET], ["line", "M21 3.500 14.500 10M14.500 5v5h5"]],
  check: [["line", "m4.500 12.500 5 5 10-11"]],
  close: [["line", "M5.500 5.500l13 13M18.500 5.500l-13 13"]],
  hidden: [["line", "M2.500 12c4.500-7 14.500-7 19 0-4.500 7-14.500 7-19 0zM4 20 20 4"]],
  person: [["fill", "M12 3a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9zM3.500 21c.4-4.800 3.800-7 8.500-7s8.100 2.200 8.500 7z"]],
  voicemail: [["line", "M6.500 8.500a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM17.500 8.500a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM6.500 16.500h11"]],
  mobile: [["line", "M7.500 2.500h9v19h-9zM11 18.500h2"]],
  group: [["fill", "M8 4a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM1.500 19.500c.3-4 2.700-6.500 6.500-6.500s6.200 2.500 6.500 6.500z"], ["line", "M16 5.500a2.800 2.800 0 0 1 0 5.500M17.500 13.500c2.800.5 4.500 2.500 5 6"]],
  none: [["line", CIRCLE], ["line", "M5.500 18.500l13-13"]],
  on_phone: [["line", "M3 4.500h4v15H3zM9.500 4.500H21v15H9.500z"], ["fill", "M12 7.500h6.500v4H12zM12 14h2v2.500h-2zM16.500 14h2v2.500h-2z"]],
  message: [["line", "M3 4.500h18v12H10l-4.500 4v-4H3z"]],
  sound: [["fill", "M3 9h4l5.500-4.500v15L7 15H3z"], ["line", "M16 8.500a5 5 0 0 1 0 7M18.800 5.500a9 9 0 0 1 0 13"]],
  silent: [["fill", "M3 9h4l5.500-4.500v15L7 15H3z"], ["line", "m16 9.500 5 5M21 9.500l-5 5"]],
  bell: [["line", "M5 17.500h14c-1.500-1.500-2-3-2-6.500a5 5 0 0 0-10 0c0 3.500-.5 5-2 6.500zM10 20.500h4"]],
  more: [["fill", "M10.300 3.500h3.400v3.400h-3.400zM10.300 10.300h3.400v3.400h-3.400zM10.300 17.100h3.400v3.400h-3.400z"]],
  save: [["line", "M12 3.500v12M6.500 10.500l5.500 5.500 5.500-5.500M4 20.500h16"]],
  delete: [["line", "M4 6.500h16M9.500 6V3.500h5V6M6 6.500l1 14h10l1-14M10 10.500v6M14 10.500v6"]],
  heard: [["line", "M3 5.500h18v13H3zM3.500 6l8.500 7 8.500-7"]],
  language: [["line", CIRCLE], ["line", "M2.500 12h19M12 2.500c-6 5.500-6 13.500 0 19M12 2.500c6 5.500 6 13.500 0 19"]],
};

/** A picture that screen readers leave out. */
export function icon(name) {
  const paths = ICONS[name].map(([kind, d]) => drawing("path", { class: kind, d }));
  return drawing("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" }, ...paths);
}

/** Put another picture in the place of ``old`` where it is another. */
export function turnInto(old, name) {
  if (old.classList.contains(`icon-${name}`)) return old;
  const made = icon(name);
  old.replaceWith(made);
  return made;
}
