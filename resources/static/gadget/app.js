// The page: its parts, and when each of them looks at what the server says.

import { attention } from "./attention.js";
import { topBar } from "./bar.js";
import { consultationBar } from "./consultation.js";
import { element } from "./dom.js";
import { Gadget } from "./gadget.js";
import { memberList } from "./list.js";
import { connectionLine } from "./lost.js";
import { closeMenu } from "./menu.js";
import { keepNotices } from "./notices.js";
import { clickOnce } from "./once.js";
import { Sound } from "./sound.js";
import { speak } from "./texts.js";

await speak(document.documentElement.lang);

const url = new URL("gadget.ws", location.href);
url.protocol = url.protocol.replace("http", "ws");
url.search = url.hash = "";
const gadget = new Gadget(url);
const root = element("div", { class: "gadget" });
document.body.append(root);
keepNotices(document.body);
clickOnce();

const parts = [];
const update = () => parts.forEach((part) => part.update());
const sound = new Sound(update);
const attend = attention(gadget, sound);
parts.push(connectionLine(gadget), topBar(gadget, sound), consultationBar(gadget), memberList(gadget));

const elements = parts.map((part) => part.element);
root.append(element("div", { class: "top" }, ...elements.slice(0, 3)), elements[3]);
update();
for (const name of ["connection", "groups", "board", "mail", "dialling"]) gadget.on(name, update);
gadget.on("board", () => attend.update());
gadget.on("language", () => {
  closeMenu();
  update();
  attend.update();
});
gadget.connection.open();
