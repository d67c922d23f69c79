/**
 * Acts that hand a review on wait some seconds, in which Z undoes them, and for the network where it is away.
 * Such an act is a form, or a button of one, with data-done="Approved"; #undo is the bar that tells of it.
 */
import { fillHidden, keepLastWords } from "./editor.js";
import { announce, csrf, live, sayProblem, toast } from "./page.js";
import { said } from "./said.js";

const SECOND = 3000;
const NEAR = 10_000;
const AGAIN = 5000;
const GLANCE = 1000; // in which nobody has looked at a review
const MOST = 60_000; // a browser lets no more than 64 kB outlive the page
const AWAY = [0, 429, 502, 503, 504];
const OURS = ["completed", "released", "declined"];
/** @type {{form: HTMLFormElement, button?: HTMLButtonElement, issue: () => void, done: string, focus: Element | null, tries: number, sent?: boolean, timer?: number} | null} */
let act = null;
let ended = -SECOND;
let came = -GLANCE;

/** A review has come: what was pressed for another one that was here, or has just left, is no verdict on it. @param {boolean} instead */
export function comes(instead) {
  const now = performance.now();
  if (instead || now - ended < SECOND) came = now;
}

const work = () => document.getElementById("work");
const left = () => Date.parse(document.querySelector("#top .meter")?.dataset.deadline ?? "") - live.now();

/** What the act sends, as htmx would. @returns {string} */
function body() {
  if (act.form.matches("[data-editor]")) fillHidden(act.form);
  return String(new URLSearchParams(new FormData(act.form, act.button)));
}

/** @param {string} words @param {boolean} [waiting] */
function show(words, waiting = false) {
  const bar = document.getElementById("undo");
  bar.hidden = false;
  bar.classList.toggle("waiting-line", waiting);
  bar.querySelector("span").textContent = words;
}

/** The seconds left are shown, then it leaves. @param {number} seconds */
function countDown(seconds) {
  if (!seconds) return send();
  document.querySelector("#undo b").textContent = seconds;
  act.timer = setTimeout(countDown, 1000, seconds - 1);
}

/** The desk is the person's again. */
function release() {
  const was = act;
  clearTimeout(was.timer);
  act = null;
  ended = performance.now();
  delete was.form.dataset.waits;
  document.getElementById("undo").hidden = true;
  work().inert = false;
  return was;
}

function reopened({ form, focus }) {
  form.closest("dialog")?.showModal();
  focus?.focus();
}

function undo() {
  if (!act || act.sent) return;
  reopened(release());
  announce(said("undone"), true);
}

function send() {
  if (!act || act.sent) return;
  clearTimeout(act.timer);
  act.sent = true;
  act.issue();
}

/** Another act follows: the one that waits leaves first. @returns {boolean} whether there was one */
export function hurry() {
  send();
  return act !== null;
}

/** @param {CustomEvent} event */
function asked(event) {
  const { elt, verb, issueRequest, triggeringEvent } = event.detail;
  if (verb !== "post" || elt.matches("[data-rescore]")) return;
  const button = triggeringEvent?.submitter ?? undefined;
  const done = button?.name === "save" ? "" : (button?.dataset.done ?? elt.dataset.done);
  if (hurry() && done) return event.preventDefault();
  if (!done) return;
  event.preventDefault();
  // who has opened a window for it has seen it
  if (performance.now() - came < GLANCE && !elt.closest("dialog")) return toast(said("justCame"));
  act = { form: elt, button, done, issue: () => issueRequest(true), focus: document.activeElement, tries: 0 };
  elt.dataset.waits = "";
  keepLastWords(); // the draft goes on with the review
  elt.closest("dialog")?.close();
  work().inert = true;
  if (left() < NEAR + SECOND || body().length > MOST) return send();
  show(done);
  announce(said("mayUndo", { done }), true);
  countDown(SECOND / 1000);
}

/** @param {CustomEvent} event */
function configured(event) {
  if (!act?.sent || event.detail.elt !== act.form) return;
  event.detail.timeout = 15_000;
  if (act.button?.name) event.detail.parameters[act.button.name] = act.button.value;
}

/** @param {CustomEvent} event */
function answered(event) {
  if (!act || event.detail.requestConfig?.elt !== act.form) return;
  const { status, responseText } = event.detail.xhr;
  if (event.detail.successful) release();
  else if (AWAY.includes(status)) wait();
  else refused(status, responseText);
}

/** Nobody heard it: it stays, and leaves when somebody does. */
function wait() {
  act.sent = false;
  act.tries += 1;
  if (act.tries === 1) announce(said("unsent", act), true);
  show(said("waits", act), true);
  act.timer = setTimeout(send, AGAIN);
}

/** @param {number} status @param {string} text */
function refused(status, text) {
  const was = release();
  const lost = status === 409 && text.includes("assignment-lost");
  // An answer that was lost on its way is no refusal: nobody but this person ends an assignment in these ways.
  if (lost && was.tries && OURS.includes(JSON.parse(text).state)) toast(said("hadArrived", was));
  else sayProblem(text, status);
  if (lost || status === 404) htmx.trigger(work(), "refresh");
  else reopened(was);
}

/** The page goes: what waits leaves with it. @param {Event} event */
function leaving(event) {
  if (!act || act.sent) return;
  if (act.tries && event.type === "beforeunload") return event.preventDefault();
  clearTimeout(act.timer);
  act.sent = true;
  const headers = { "X-CSRF-Token": csrf, "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded" };
  fetch(act.form.getAttribute("hx-post"), { method: "POST", keepalive: true, headers, body: body() })
    .then(async (answer) => (answer.ok ? release() && htmx.trigger(work(), "refresh") : refused(answer.status, await answer.text())))
    .catch(wait);
}

/** Whether an act is on its way: its answer says how the review stands. */
export const underWay = () => act?.sent;

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!act || act.sent || event.key?.toLowerCase() !== "z" || event.target.closest?.("input, textarea, select")) return;
  event.preventDefault();
  undo();
}

export function startActs() {
  document.addEventListener("htmx:confirm", asked);
  document.addEventListener("htmx:configRequest", configured);
  document.addEventListener("htmx:afterRequest", answered);
  document.addEventListener("keydown", onKey, true);
  // the second click of a double one, which meets the bar where the button was, undoes nothing
  document.addEventListener("click", (event) => event.target.closest?.("[data-undo]") && event.detail < 2 && undo());
  live.on("state", ({ state }) => state === "live" && act?.tries && send());
  addEventListener("beforeunload", leaving);
  addEventListener("pagehide", leaving);
}
