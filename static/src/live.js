/**
 * The live client: one WebSocket to /ws/realtime/, kept open, with a cursor on what must not be missed.
 * @typedef {{type: string, at?: string, cursor?: string, id?: string, data?: Record<string, any>}} Frame
 * Events on a Live: every frame by its type, "frame" for all of them, "state" when live | connecting | offline changes,
 * "resync" when what was missed is not kept any more (ask for everything again).
 */
const LONGEST_WAIT = 20_000;
const SILENCE = 25_000;
const REMEMBERED = 500;

export class Live extends EventTarget {
  /** @param {{url?: string, worker?: string, every?: number, events?: string[]}} options */
  constructor({ url = "/ws/realtime/", worker = "", every = 10_000, events = ["*"] } = {}) {
    super();
    Object.assign(this, { url, every, events });
    this.state = "connecting";
    this.offset = 0;
    /** @type {Map<string, string>} the newest cursor of each stream; a supervisor has one stream per pool */
    this.cursors = new Map();
    this.attempt = 0;
    this.stopped = true;
    this.seen = new Set();
    this.beats = worker ? new Worker(worker) : null;
    if (this.beats) this.beats.onmessage = () => this.beat();
    /** @type {ReturnType<typeof setInterval> | undefined} beats for a page without a worker */
    this.ticking = undefined;
  }

  start() {
    this.stopped = false;
    addEventListener("online", this.retryNow);
    this.connect();
    return this;
  }

  /** Ends the socket, the worker and every timer; the object is done with. */
  stop() {
    this.stopped = true;
    removeEventListener("online", this.retryNow);
    clearTimeout(this.timer);
    this.keepBeating(0);
    this.beats?.terminate();
    this.socket?.close(1000);
  }

  /** Milliseconds since 1970 by the server's clock. */
  now() {
    return Date.now() + this.offset;
  }

  /** @param {Record<string, unknown>} frame @returns {boolean} whether it left */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** @param {string} type @param {(frame: Frame) => void} then @returns {() => void} takes the listener off again */
  on(type, then) {
    const listener = (/** @type {CustomEvent} */ event) => then(event.detail);
    this.addEventListener(type, listener);
    return () => this.removeEventListener(type, listener);
  }

  connect() {
    clearTimeout(this.timer);
    const address = new URL(this.url, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket?.close(1000);
    this.socket = socket;
    socket.onopen = () => this.socket === socket && this.opened();
    socket.onmessage = (message) => this.socket === socket && this.received(message.data);
    socket.onclose = (event) => this.socket === socket && this.closed(event);
  }

  /** A worker's clock where there is one: a page's own stands nearly still in a hidden tab. @param {number} every 0 stops */
  keepBeating(every) {
    clearInterval(this.ticking);
    if (this.beats) this.beats.postMessage(every);
    else if (every) this.ticking = setInterval(() => this.beat(), every);
  }

  opened() {
    this.heard = Date.now();
    this.subscribe(this.events);
    this.keepBeating(this.every);
    this.beat();
  }

  /** @param {string[]} events */
  subscribe(events) {
    this.events = events;
    this.send({ type: "subscribe", events, ...(this.cursors.size && { since: [...this.cursors.values()] }) });
  }

  beat() {
    if (Date.now() - this.heard > SILENCE) return this.giveUp();
    this.sentAt = Date.now();
    this.send({ type: "heartbeat" });
  }

  /** A dead line may take a minute to close; what it was is known already. */
  giveUp() {
    const dead = this.socket;
    this.socket = undefined;
    dead?.close(4000);
    this.closed({ code: 4000 });
  }

  /** @param {string} text */
  received(text) {
    /** @type {Frame} */
    const frame = JSON.parse(text);
    this.heard = Date.now();
    if (frame.type === "heartbeat_ack") this.measured(frame);
    else if (frame.type === "snapshot_required") this.lost(frame);
    else if (!this.repeated(frame)) this.tell(frame);
  }

  /** The answer left the server half a round trip ago. @param {Frame} frame */
  measured(frame) {
    const at = Date.parse(frame.at ?? frame.data?.at ?? "");
    if (!Number.isNaN(at)) this.offset = at - (this.sentAt + Date.now()) / 2;
    this.attempt = 0;
    this.change("live");
    this.dispatchEvent(new CustomEvent("heartbeat_ack", { detail: frame }));
  }

  /** @param {string} [cursor] GENERATION-N, the generation naming the stream */
  keep(cursor) {
    if (cursor) this.cursors.set(cursor.slice(0, cursor.lastIndexOf("-")), cursor);
  }

  /** What was missed is gone: everything on the page has to be asked for again. @param {Frame} frame */
  lost(frame) {
    this.cursors.clear();
    this.keep(frame.cursor);
    this.dispatchEvent(new CustomEvent("resync", { detail: frame }));
  }

  /** Delivery is at least once: a frame that was here before is not told twice. @param {Frame} frame */
  repeated(frame) {
    const id = frame.id ?? frame.cursor;
    if (!id) return false;
    this.keep(frame.cursor);
    if (this.seen.has(id)) return true;
    this.seen.add(id);
    if (this.seen.size > REMEMBERED) this.seen.delete(this.seen.values().next().value);
    return false;
  }

  /** @param {Frame} frame */
  tell(frame) {
    // A subscription without a cursor starts now: what happened since the page was drawn has to be asked for.
    if (frame.data?.status === "subscribed") this.dispatchEvent(new CustomEvent("resync", { detail: frame }));
    if (frame.data?.status === "draining") this.pause = frame.data.reconnect_after_ms;
    this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  /** @param {{code: number}} event */
  closed(event) {
    this.keepBeating(0);
    if (this.stopped) return;
    if (event.code === 4401) return this.change("signed-out");
    this.change("offline");
    // Full jitter: after an outage everyone comes back at another moment. A pause that was told is random already.
    const most = Math.min(LONGEST_WAIT, 500 * 2 ** this.attempt++);
    const wait = this.pause ?? Math.random() * most;
    this.pause = undefined;
    this.timer = setTimeout(() => this.connect(), wait);
  }

  retryNow = () => {
    if (!(this.socket?.readyState <= WebSocket.OPEN)) this.connect();
  };

  /** @param {string} state */
  change(state) {
    if (state === this.state) return;
    const was = this.state;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, was } }));
  }
}
