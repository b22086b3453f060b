// Ringtones: the group's tone for the manager or the assistants, and the button where the browser wants one pressed first.

import { keep, kept } from "./kept.js";
import { t } from "./texts.js";

const WANTED = "magroup sound";

/** Plays while own calls ring, once for those of others; ``changed()`` hears when ``state`` is another: on, off, blocked. */
export class Sound {
  state = "on";
  #audio = new Audio();
  #asked = null;
  #stop = null;

  constructor(changed) {
    this.changed = changed;
    this.state = kept(WANTED) === "off" ? "off" : "on";
    this.#audio.dataset.ringtone = "";
    this.#audio.hidden = true;
    document.body.append(this.#audio);
    this.#askWhetherBlocked();
    // Any use of the page is what browsers wait for.
    for (const name of ["pointerup", "keyup"]) {
      addEventListener(name, (event) => this.state === "blocked" && !event.target.closest?.(".sound") && this.#unblocked());
    }
  }

  /** Switch it on or off; from a click, which is what browsers ask for. */
  toggle() {
    if (this.state === "blocked") {
      this.#unblocked();
      return;
    }
    this.#become(this.state === "on" ? "off" : "on");
    keep(WANTED, this.state);
    if (this.state === "off") this.stop();
  }

  /** Play ``url``; of several tabs that show the group one does. */
  play(url, key, isOwn) {
    if (this.state === "off") return;
    this.stop();
    this.#asked = [url, key, isOwn];
    const stopping = new AbortController();
    this.#stop = stopping;
    const play = () => this.#play(url, isOwn, stopping.signal);
    if (navigator.locks) navigator.locks.request(`magroup ringtone ${key}`, { signal: stopping.signal }, play).catch(() => {});
    else play();
  }

  /** Be quiet. */
  stop() {
    this.#stop?.abort();
    this.#stop = null;
    this.#asked = null;
    this.#audio.pause();
  }

  /** The words for ``state``. */
  get words() {
    return t({ on: "sound_is_on", off: "sound_is_off", blocked: "sound_blocked" }[this.state]);
  }

  async #play(url, isOwn, signal) {
    if (signal.aborted) return;
    this.#audio.src = url;
    this.#audio.loop = isOwn;
    try {
      await this.#audio.play();
    } catch (error) {
      if (error.name === "NotAllowedError") this.#become("blocked");
      return;
    }
    await new Promise((over) => {
      signal.addEventListener("abort", over);
      this.#audio.addEventListener("ended", over, { once: true });
    });
  }

  async #askWhetherBlocked() {
    if (this.state === "off" || !("AudioContext" in window)) return;
    const context = new AudioContext();
    if (context.state === "suspended") this.#become("blocked");
    await context.close();
  }

  #unblocked() {
    this.#become("on");
    if (this.#asked) this.play(...this.#asked);
  }

  #become(state) {
    this.state = state;
    this.changed();
  }
}
