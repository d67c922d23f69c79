/**
 * Frames say what changed; this asks for the parts of the page that show it. A part is any element with
 *   data-live="review_assigned application:<id> …"   what it shows: frame types, or kind:id of a thing in a frame's data
 *   hx-get="…" hx-trigger="refresh"                  where it comes from; the same template as the first load
 * Ids are gathered; the whole page asks at most four times a second; a part that is being fetched waits its turn.
 * @typedef {import("./live.js").Live} Live
 * @typedef {import("./live.js").Frame} Frame
 */
const PAUSE = 250;
const AT_ONCE = 4;
const LONGEST = 20_000;

/** How often a page asks of itself, but for rows that come first: after a rest four at once, then one each 250 ms. */
export const pace = {
  left: AT_ONCE,
  at: 0,
  /** @returns {number} ms until one more may be asked for */
  wait() {
    const now = performance.now();
    this.left = Math.min(AT_ONCE, this.left + (now - this.at) / PAUSE);
    this.at = now;
    return Math.max(0, Math.ceil((1 - this.left) * PAUSE));
  },
};

const THINGS = ["review", "assignment", "application", "employee", "posting", "pool", "strike", "resume", "batch", "preview"];

/** @param {Frame} frame @returns {string[]} */
export function keysOf(frame) {
  const data = frame.data ?? {};
  return [frame.type, ...THINGS.filter((thing) => data[thing]).map((thing) => `${thing}:${data[thing]}`)];
}

/**
 * What a person has open stays open: `open` of details and dialogs, and whatever data-keep names. What an act answered
 * stays through refreshes that don't know of it: data-stays says for how many seconds after the first of them.
 */
export function keepOpen() {
  const { callbacks } = Idiomorph.defaults;
  callbacks.beforeAttributeUpdated = (attribute, node) =>
    !((attribute === "open" && node.matches("details, dialog")) || node.dataset?.keep?.split(" ").includes(attribute));
  callbacks.beforeNodeRemoved = (node) => !(Date.now() - (node.since ??= Date.now()) < node.dataset?.stays * 1000);
  callbacks.afterNodeMorphed = (node) => delete node.since;
}

/** Whether somebody has begun to write in it. @param {Element} part */
function writtenIn(part) {
  const fields = [...part.querySelectorAll("textarea, input:not([type=hidden], [type=file], [type=checkbox])")];
  return fields.some((field) => field.value !== field.defaultValue);
}

const FLYING = "[data-live].htmx-request";

/** @param {Live} live @returns {{refresh: (selector: string) => void}} */
export function watchPartials(live) {
  /** @type {Set<Element>} */
  const dirty = new Set();
  let timer = 0;
  let last = -PAUSE;

  const flush = () => {
    timer = 0;
    if (pace.wait()) return plan();
    const later = [];
    for (const was of dirty) {
      const part = was.isConnected ? was : document.getElementById(was.id);
      if (!part) continue;
      if ([...dirty].some((other) => other !== part && !other.matches("[data-yields]") && other.contains(part))) continue;
      // what somebody does in it is waited for; the desk has its own way with that (kept.js)
      if (part.closest(FLYING) ?? part.querySelector(part.matches("[data-yields]") ? FLYING : ".htmx-request")) later.push(part);
      else {
        part.dispatchEvent(new Event("refresh")); // which the parts around it do not hear
        pace.left -= 1;
      }
    }
    last = performance.now();
    dirty.clear();
    later.forEach(mark);
  };
  const plan = () => (timer ||= setTimeout(flush, Math.max(last + PAUSE - performance.now(), pace.wait())));
  const mark = (/** @type {Element} */ part) => {
    dirty.add(part);
    plan();
  };
  const all = () => document.querySelectorAll("[data-live]").forEach(mark);

  live.on("frame", (frame) => {
    const keys = new Set(keysOf(frame));
    for (const part of document.querySelectorAll("[data-live]"))
      if (part.dataset.live?.split(" ").some((key) => keys.has(key))) mark(part);
  });
  live.on("resync", all);
  // one that never answers would hold up what is around it
  document.addEventListener("htmx:configRequest", ({ detail }) => detail.verb === "get" && (detail.timeout = LONGEST));
  // A part that refreshes itself never draws over what somebody is writing in it; it tries again. One that data-yields
  // answers only when what it showed is over (the desk, whose drafts are kept).
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, target } = event.detail;
    const part = requestConfig?.elt;
    // What is under way may be older than what an act answers: it is given up and asked for again.
    if (requestConfig?.verb === "post")
      for (const old of document.querySelectorAll(`${FLYING}:not([data-yields])`))
        if (old.contains(target) || target.contains(old)) {
          htmx.trigger(old, "htmx:abort");
          mark(old);
        }
    if (!part?.matches?.("[data-live]:not([data-yields])") || !writtenIn(part)) return;
    event.detail.shouldSwap = false;
    setTimeout(() => mark(part), 3000);
  });
  return { refresh: (selector) => document.querySelectorAll(selector).forEach(mark) };
}
