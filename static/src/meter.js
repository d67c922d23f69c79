/**
 * Every clock. An element .meter with data-deadline, data-warn, data-start (RFC 3339) holds <b> and <progress>;
 * data-since instead counts up. Time is the server's, through now(). Announces the warning and the last minute once each.
 * While an element has data-frozen, clocks that run down stand still since then, and later ones since their start.
 */
import { said } from "./said.js";

const LAST_MINUTE = 60;

/** @param {number} seconds */
export function clock(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const minutes = String(Math.floor(left / 60)).padStart(2, "0");
  return `${minutes}:${String(left % 60).padStart(2, "0")}`;
}

/** @param {HTMLElement} meter @param {number} now milliseconds by the server's clock */
function drawDown(meter, now) {
  const deadline = Date.parse(meter.dataset.deadline ?? "");
  const start = Date.parse(meter.dataset.start ?? "") || deadline - 1_200_000;
  const left = (deadline - now) / 1000;
  const warned = now >= Date.parse(meter.dataset.warn ?? "");
  const state = left <= LAST_MINUTE ? "risk" : warned ? "warn" : "";
  meter.classList.toggle("risk", state === "risk");
  meter.classList.toggle("warn", state === "warn");
  const digits = meter.querySelector("b");
  if (digits) digits.textContent = clock(left);
  const bar = meter.querySelector("progress");
  if (bar) bar.value = Math.max(0, Math.min(100, (100000 * left) / (deadline - start)));
  meter.closest("tr")?.classList.toggle("risk", state !== "");
  if (meter.dataset.state !== state) turned(meter, state);
}

/** @param {HTMLElement} meter @param {number} now @returns {number} where its clock stands */
function stands(meter, now) {
  const frozen = Date.parse(document.querySelector("[data-frozen]")?.dataset.frozen ?? "");
  const start = Date.parse(meter.dataset.start ?? "");
  return Number.isNaN(frozen) ? now : Math.min(now, Math.max(frozen, start || frozen));
}

/** @param {HTMLElement} meter @param {string} state */
function turned(meter, state) {
  const before = meter.dataset.state;
  meter.dataset.state = state;
  if (before === undefined || !state) return;
  meter.dispatchEvent(new CustomEvent("meter:turned", { bubbles: true, detail: { state } }));
}

/** @param {HTMLElement} element @param {number} now */
function drawUp(element, now) {
  const since = Date.parse(element.dataset.since ?? "");
  const minutes = Math.max(0, Math.floor((now - since) / 60_000));
  const hours = Math.floor(minutes / 60);
  element.textContent = hours ? said("hours", { hours, minutes: minutes % 60 }) : clock((now - since) / 1000).replace(/^0/, "");
}

/** @param {() => number} now @returns {() => void} draws at once; it also draws by itself each second */
export function runMeters(now) {
  const draw = () => {
    const at = now();
    for (const meter of document.querySelectorAll(".meter[data-deadline]")) drawDown(meter, stands(meter, at));
    for (const element of document.querySelectorAll("[data-since]")) drawUp(element, at);
  };
  setInterval(draw, 500);
  document.addEventListener("htmx:afterSettle", draw);
  draw();
  return draw;
}
