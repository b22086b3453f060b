// The WebSocket to the server: commands and their answers, and a new socket when one is lost.

const PROTOCOL = "magroup.1";
const LONGEST_PAUSE = 30;
const LONGEST_ANSWER = 20;
const LONGEST_SILENCE = 20;

/** Why a command was not done: ``message`` in the user's language, ``code`` of the protocol, or "lost". */
export class Refused extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

/** ``received(message)`` hears what is no answer; ``changed()`` that ``status`` is another. */
export class Connection {
  status = "connecting";
  why = "";
  retryAt = 0;
  #socket = null;
  #id = 0;
  #waiting = new Map();
  #failures = 0;
  #timer = 0;
  #heardAt = 0;

  constructor(url, { received, changed, lostWords }) {
    this.url = url;
    this.received = received;
    this.changed = changed;
    this.lostWords = lostWords;
    addEventListener("online", () => this.status === "lost" && this.open());
    addEventListener("offline", () => this.#socket?.close());
  }

  /** Try now. */
  open() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.url, PROTOCOL);
    if (this.#socket) this.#socket.onclose = this.#socket.onmessage = null;
    this.#socket?.close();
    this.#socket = socket;
    this.#become("connecting");
    socket.onmessage = (event) => {
      this.#heardAt = Date.now();
      this.#received(JSON.parse(event.data), socket);
    };
    socket.onclose = () => this.#closed();
    // A connection that is half dead must not keep the page waiting.
    this.#timer = setTimeout(() => this.#gaveUp(socket), LONGEST_ANSWER * 1000);
  }

  /** Send a command; gives its result, or raises Refused. */
  send(command, values = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Refused(this.lostWords(), "lost"));
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, do: command, ...values }));
    const socket = this.#socket;
    return new Promise((done, refused) => {
      const timer = setTimeout(() => this.#gaveUp(socket), LONGEST_ANSWER * 1000);
      this.#waiting.set(id, { done, refused, timer });
    });
  }

  #received(message, socket) {
    if (message.type === "beat") return undefined;
    if (message.type === "hello") {
      this.#listen(socket);
      this.#failures = 0;
      this.why = "";
      this.#become("open");
    }
    if (message.type === "bye") this.why = message.why;
    if (message.type !== "done" && message.type !== "refused") return this.received(message);
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return undefined;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.type === "done") waiting.done(message.result ?? {});
    else waiting.refused(new Refused(message.why, message.code));
    return undefined;
  }

  /** The server says something every few seconds: a socket that is half dead is silent, and says no more than that. */
  #listen(socket) {
    clearTimeout(this.#timer);
    const left = this.#heardAt + LONGEST_SILENCE * 1000 - Date.now();
    if (left <= 0) this.#gaveUp(socket);
    else this.#timer = setTimeout(() => this.#listen(socket), left);
  }

  #gaveUp(socket) {
    if (socket !== this.#socket) return;
    socket.onclose = socket.onmessage = null;
    socket.close();
    this.#closed();
  }

  #closed() {
    clearTimeout(this.#timer);
    this.#socket = null;
    for (const { refused, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      refused(new Refused(this.lostWords(), "lost"));
    }
    this.#waiting.clear();
    if (this.why === "session" || this.why === "replaced") {
      this.#become("ended");
      return;
    }
    const longest = Math.min(LONGEST_PAUSE, 2 ** this.#failures++);
    const pause = longest * (0.5 + Math.random() / 2);
    this.retryAt = Date.now() + pause * 1000;
    this.#timer = setTimeout(() => this.open(), pause * 1000);
    this.#become("lost");
  }

  #become(status) {
    this.status = status;
    this.changed();
  }
}
