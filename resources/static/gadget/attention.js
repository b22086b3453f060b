// Calls that ring: tone, title, notification, Jabber's badge, and what screen readers say.

import { spokenLabel } from "./call.js";
import { tell } from "./notices.js";
import { t } from "./texts.js";

const FLASH = 1000;

/** ``update()`` looks at the board anew; ``sound`` is a Sound. */
export function attention(gadget, sound) {
  let known = new Map();
  let knownGroup = null;
  let notifications = new Map();
  let badge = 0;
  const title = flashingTitle(gadget);

  return {
    update() {
      const ringing = ringingCalls(gadget);
      const isSameGroup = knownGroup === (gadget.board?.group.id ?? null);
      knownGroup = gadget.board?.group.id ?? null;
      const fresh = [...ringing].filter(([key]) => !known.has(key));
      for (const [key, { call, member }] of fresh) {
        if (isSameGroup) tell(t("rings_at", { who: member.name, call: spokenLabel(call) }), member.me);
        if (member.me) notifications.set(key, notify(call));
      }
      for (const [key, shown] of notifications) if (!ringing.has(key)) shown?.close();
      notifications = new Map([...notifications].filter(([key]) => ringing.has(key)));
      const own = [...ringing.values()].filter(({ member }) => member.me);
      const loudest = own[0] ?? fresh.at(-1)?.[1];
      const wasOwn = [...known.values()].some(({ member }) => member.me);
      if (loudest && (fresh.some(([, one]) => one.member.me) || (fresh.length && !own.length))) {
        const tones = gadget.board.group.tones ?? {};
        const url = loudest.member.manager ? tones.manager : tones.assistant;
        if (url) sound.play(url, knownGroup, own.length > 0);
      } else if (!ringing.size || (wasOwn && !own.length)) sound.stop();
      known = ringing;
      title.show(own.map(({ call }) => call));
      if (own.length !== badge) window.SetNotificationBadge?.(own.length ? String(own.length) : "");
      badge = own.length;
    },
  };
}

function ringingCalls(gadget) {
  const found = (gadget.board?.list ?? []).flatMap((member) => member.calls
    .filter((call) => call.state === "ringing" && call.direction === "in")
    .map((call) => [`${call.id} ${call.device}`, { call, member }]));
  return new Map(found);
}

function notify(call) {
  if (!("Notification" in window) || Notification.permission !== "granted") return null;
  const who = call.name || call.number || t("unknown");
  const shown = new Notification(t("incoming_call"), {
    body: call.name && call.number ? `${who}\n${call.number}` : who, tag: `magroup ${call.id}`, icon: call.picture || "/static/icon.svg",
  });
  shown.onclick = () => {
    window.focus();
    document.querySelector(`.call[data-id="${CSS.escape(call.id)}"]`)?.focus();
    shown.close();
  };
  return shown;
}

function flashingTitle(gadget) {
  let timer = 0;
  let calls = [];
  let isOn = false;
  const plain = () => [gadget.board?.group.name, document.body.dataset.instance].filter(Boolean).join(" – ");
  const show = () => {
    const who = calls[0]?.name || calls[0]?.number || t("unknown");
    document.title = isOn && calls.length ? `☎ ${t("title_ringing", { who })}` : plain();
  };
  const tick = () => {
    isOn = matchMedia("(prefers-reduced-motion: reduce)").matches || !isOn;
    show();
  };
  return {
    show(ringing) {
      calls = ringing;
      if (calls.length && !timer) {
        isOn = false;
        tick();
        timer = setInterval(tick, FLASH);
      } else if (!calls.length && timer) {
        clearInterval(timer);
        timer = 0;
      }
      show();
    },
  };
}
