/**
 * A long table of which only a window is here. [data-rows], the scroller, says where rows come from, by position; its
 * tbody has data-from, data-total and perhaps data-at, each row an id and a data-mark: rows of the same mark are kept as they are.
 */
import { pace } from "./partials.js";

const ROW = 52;
const SPARE = 12;
const PAUSE = 250;
const MOST_PAUSE = 2000;
const MOST = 200; // rows that the server gives at once
const TOGETHER = 25; // ms in which what one act changes is told: a review that is filed is given to somebody at once

export class Rows {
  /** @param {HTMLElement} scroller @param {() => string} query filters, as an address has them @param {(rows: Rows) => void} drawn */
  constructor(scroller, query, drawn) {
    Object.assign(this, { scroller, query, drawn, url: scroller.dataset.rows, first: "first" in scroller.dataset, busy: false, next: null, asking: Promise.resolve() });
    /** @type {Set<string>} rows to be asked for alone */
    this.stale = new Set();
    this.timer = this.at = this.goal = this.lastAsk = this.lastWhole = this.pause = 0;
    /** Until when its asks are paid for: four a second are, of which one may come early. */
    this.paid = 0;
    scroller.addEventListener("scroll", () => this.look(), { passive: true });
    new ResizeObserver(() => this.look()).observe(scroller);
  }

  get body() {
    return this.scroller.querySelector("tbody");
  }

  get from() {
    return Number(this.body.dataset.from);
  }

  get total() {
    return Number(this.body.dataset.total);
  }

  /** Whether the rows are of a later moment, beyond what two of the servers' clocks may differ. @param {string} at */
  knows(at) {
    return Date.parse(at) < Date.parse(this.body.dataset.at) - 10;
  }

  get shown() {
    return [...this.body.rows].filter((row) => row.dataset.mark);
  }

  /** Where the rows in sight begin. */
  get top() {
    return Math.floor(this.scroller.scrollTop / ROW);
  }

  /** How many there is room for, as far as the server gives as many. */
  get room() {
    return Math.min(MOST - 2 * SPARE, Math.ceil(this.scroller.clientHeight / ROW));
  }

  /** Ask for other rows before those at the edge are in sight. */
  look() {
    if (this.busy || this.next) return;
    const end = this.from + this.shown.length;
    const last = this.top + this.room;
    const near = SPARE / 2;
    if ((this.from && this.top < this.from + near) || (end < this.total && last > end - near)) this.load();
  }

  /** Something changed: all rows and their order are asked for, or, while that is too slow, a row of those here alone. @param {string} [id] */
  changed(id) {
    if (id) this.stale.add(id);
    else this.whole = true;
    this.plan();
  }

  /** What people watch comes first: rows that are data-first wait for no other part of the page, as no other for them. */
  held() {
    return this.first ? 0 : pace.wait();
  }

  plan() {
    const soonest = Math.min(this.whole ? this.lastWhole + this.pause : Infinity, this.stale.size ? this.lastAsk + PAUSE : Infinity);
    const now = performance.now();
    const at = Math.max(soonest, this.paid - PAUSE, now + TOGETHER, now + this.held());
    if (at === Infinity || (this.timer && this.at <= at)) return; // or what may come at once waits for what may not
    clearTimeout(this.timer);
    this.at = at;
    this.timer = setTimeout(() => this.due(), at - now);
  }

  due() {
    this.timer = 0;
    if (this.busy) return; // its end plans the next
    const now = performance.now() + 5;
    if (this.held() || now < this.paid - PAUSE) return this.plan();
    const here = this.shown.map((row) => row.dataset.id).filter((id) => this.stale.has(id));
    if (this.whole && now > this.lastWhole + this.pause) this.load();
    else if (here.length && now > this.lastAsk + PAUSE) this.ask(`only=${here.join(",")}`, true);
    else {
      if (!here.length) this.stale.clear();
      this.plan();
    }
  }

  /** The window around what is in sight, anew; after what is being asked for. @returns {Promise<void>} */
  load() {
    return (this.next ??= this.asking.then(() => {
      this.next = null;
      this.whole = false;
      return this.ask(`from=${Math.max(0, this.top - SPARE)}&count=${this.room + 2 * SPARE}&${this.query()}`, false);
    }));
  }

  /** @param {string} what @param {boolean} alone */
  ask(what, alone) {
    this.stale.clear();
    this.lastAsk = performance.now();
    this.paid = Math.min(Math.max(this.lastAsk, this.paid), this.lastAsk + PAUSE) + PAUSE; // who scrolls waits no longer
    this.busy = true;
    if (!this.first) pace.left = Math.max(-1, pace.left - 1);
    return (this.asking = this.fetch(what, alone).then((well) => {
      const now = performance.now();
      this.busy = false;
      if (!alone) Object.assign(this, { lastWhole: now, pause: Math.min(MOST_PAUSE, 2 * (now - this.lastAsk)) });
      if (!well) Object.assign(this, { whole: true, paid: now + MOST_PAUSE + PAUSE });
      else if (!this.next) this.look();
      this.plan();
    }));
  }

  async fetch(what, alone) {
    try {
      const answer = await fetch(`${this.url}?${what}`, { headers: { "HX-Request": "true" } });
      if (answer.ok) this.take(await answer.text(), alone);
      else if (answer.status === 401) location.assign("/sign-in");
      return answer.ok;
    } catch {
      // the bar says that we are offline, and what comes back asks again
    }
  }

  /** @param {string} html @param {boolean} alone */
  take(html, alone) {
    const page = document.createElement("template");
    page.innerHTML = `<table>${html}</table>`;
    const fresh = page.content.querySelector("tbody");
    const focused = document.activeElement?.closest("tr")?.id;
    if (alone) this.replace(fresh);
    else this.arrange(fresh);
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
    this.drawn(this);
  }

  /** Rows that look otherwise now, in their places; where one has ended, all are asked for. @param {HTMLElement} fresh */
  replace(fresh) {
    for (const row of [...fresh.rows]) {
      const old = document.getElementById(row.id);
      if (!old || !row.dataset.mark || old.dataset.mark === row.dataset.mark) continue;
      row.setAttribute("aria-rowindex", old.getAttribute("aria-rowindex"));
      old.replaceWith(row);
    }
  }

  arrange(fresh) {
    const body = this.body;
    const old = new Map(this.shown.map((row) => [row.id, row]));
    const rows = [...fresh.rows].map((row) => {
      const kept = old.get(row.id);
      if (kept?.dataset.mark !== row.dataset.mark || !row.dataset.mark) return row;
      kept.setAttribute("aria-rowindex", row.getAttribute("aria-rowindex"));
      return kept;
    });
    const stay = new Set(rows);
    for (const row of [...body.rows]) if (!stay.has(row)) row.remove();
    let at = body.firstElementChild;
    for (const row of rows) {
      if (row === at) at = at.nextElementSibling;
      else body.insertBefore(row, at);
    }
    Object.assign(body.dataset, fresh.dataset);
    body.parentElement.setAttribute("aria-rowcount", this.total + 1);
    for (const count of this.scroller.closest("section").querySelectorAll("[data-count]")) count.textContent = fresh.dataset.total;
  }

  /** From the row that has the focus, or from the first in sight. @param {number} step */
  async move(step) {
    const rows = this.shown;
    const here = rows.indexOf(document.activeElement?.closest("tr"));
    const at = here < 0 ? this.top + (step > 1 ? step : 0) : this.from + here + step;
    this.goal = Math.max(0, Math.min(this.total - 1, at));
    if (!rows[this.goal - this.from]) {
      this.scroller.scrollTop = this.goal * ROW;
      await this.load();
    }
    const row = this.shown[this.goal - this.from];
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
    return row;
  }
}
