/**
 * The employee's desk: a review arrives with sound, badge and words; keys; leaving with words unsaved is not possible
 * because the editor keeps a draft (editor.js).
 */
import { hurry, startActs } from "./acts.js";
import { startEditor, takeByKey } from "./editor.js";
import { startEvidence } from "./evidence.js";
import { startKept } from "./kept.js";
import { announce, live, openDialog, toast } from "./page.js";
import { said } from "./said.js";

const AGAIN = 20_000;
const title = document.title;
/** @type {AudioContext | undefined} */
let audio;
let nagging = 0;
let seenAssignment = "";
let ackedAssignment = "";
/** Why the last review went that was taken away. */
let gone = "";

const work = () => document.getElementById("work");
const openAssignment = () => work()?.querySelector("[data-assignment]")?.dataset.assignment ?? "";

/** Browsers let a page make sound only after a click: the click on Available is that one. */
function unlockSound() {
  audio ??= new AudioContext();
  audio.resume();
  if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
}

/** @param {number[]} tones in hertz */
function ring(tones) {
  if (audio?.state !== "running") return;
  tones.forEach((tone, at) => {
    const from = audio.currentTime + at * 0.18;
    const voice = new OscillatorNode(audio, { frequency: tone, type: "triangle" });
    const loud = new GainNode(audio, { gain: 0 });
    loud.gain.setValueAtTime(0.25, from);
    loud.gain.exponentialRampToValueAtTime(0.001, from + 0.4);
    voice.connect(loud).connect(audio.destination);
    voice.start(from);
    voice.stop(from + 0.45);
  });
}

/** The tab's own words and sign: what is yours can be seen from other tabs. @param {string} words @param {boolean} mine */
function badge(words, mine) {
  document.title = `${mine ? "● " : ""}${words}`;
  const icon = document.querySelector("link[rel=icon]");
  icon.dataset.calm ??= icon.href;
  icon.href = mine ? icon.dataset.mine : icon.dataset.calm;
}

/** Until somebody looks, it rings again. @param {string} words */
function nag(words) {
  clearInterval(nagging);
  badge(words, true);
  if (document.hidden && "Notification" in window && Notification.permission === "granted")
    new Notification("Cabrank", { body: words, tag: "review" }).onclick = () => window.focus();
  nagging = setInterval(() => ring([660, 880]), AGAIN);
}

/** What is on the desk has reached the page, whether or not its frame came and whether or not anybody looks. */
function arrived(assignment) {
  if (assignment && assignment !== ackedAssignment && live.send({ type: "ack", assignment })) ackedAssignment = assignment;
}

function sawIt() {
  const assignment = openAssignment();
  arrived(assignment);
  if (document.hidden) return;
  clearInterval(nagging);
  badge(title, assignment !== "");
  if (!assignment || assignment === seenAssignment) return;
  if (live.send({ type: "seen", assignment })) seenAssignment = assignment;
}

function assigned({ data }) {
  arrived(data.assignment);
  ring([660, 880, 1320]);
  announce(said("yours", data), true);
  if (document.hidden) nag(said("nag", data));
  if (openAssignment()) toast(said("another", data));
}

function revoked({ data }) {
  gone = data.reason;
  const why = said(data.reason);
  if (why) toast(why, data.reason === "missed" ? "risk" : "");
}

function deadlineMoved({ data }) {
  for (const meter of document.querySelectorAll(`.meter[data-for="${data.assignment}"]`))
    Object.assign(meter.dataset, { deadline: data.deadline_at, warn: data.warn_at });
  toast(said(data.why ? "moreTime" : "moved", data));
}

function warned({ data }) {
  const minutes = Math.round((Date.parse(data.deadline_at) - live.now()) / 60_000);
  const left = said("left").split("|")[minutes];
  ring([880, 660]);
  announce(said("onYours", { left }), true);
  if (document.hidden) nag(left);
}

const KEYS = { r: "reject", a: "ask", h: "hand-back", n: "decline", s: "snooze", u: "escalate", "?": "keys" };
const PRESSED = { d: "diff-toggle", o: "open-posting", p: "open-document" };
const MORNING = 9;

/** Whether the warning is out, by the server's time: the desk is not drawn anew when it comes. */
function warningIsOut() {
  const warn = document.querySelector("#top .meter")?.dataset.warn;
  return Boolean(warn) && live.now() >= Date.parse(warn);
}

/** Minutes from now until tomorrow morning where the person is. */
function untilMorning() {
  const then = new Date();
  then.setDate(then.getDate() + 1);
  then.setHours(MORNING, 0, 0, 0);
  return Math.ceil((then - Date.now()) / 60_000);
}

/** What a dialog says must be true when it opens, not when the desk was drawn. @param {Element} dialog */
function freshen(dialog) {
  const out = warningIsOut();
  for (const part of dialog.querySelectorAll("[data-after-warning]")) part.hidden = !out;
  for (const part of dialog.querySelectorAll("[data-before-warning]")) part.hidden = out;
  const morning = dialog.querySelector("[data-morning]");
  if (morning) Object.assign(morning, { value: String(untilMorning()), disabled: false });
  for (const place of dialog.querySelectorAll("[data-in]")) {
    const at = new Date(Date.now() + 60_000 * Number(place.dataset.in || untilMorning()));
    place.textContent = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
}

/** Who has written is past declining: what is begun is handed back. @param {Event} event */
function begun({ target }) {
  if (target.closest?.("#review-form")) work().querySelectorAll("[data-unbegun]").forEach((part) => part.remove());
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target instanceof Element ? event.target : document.body;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    if (hurry()) return;
    const within = target.closest("dialog[open] form");
    return within ? within.requestSubmit() : work()?.querySelector("[data-main]")?.click();
  }
  const dialog = target.closest("dialog"); // of one that was just closed the focus has not gone yet
  const field = target.closest("input, textarea, select");
  if (field && !dialog && event.key === "Escape") field.blur();
  if (dialog ? dialog.open : field) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = (event.key ?? "").toLowerCase(); // what fills a form in by itself sends keys without one
  const named = KEYS[key];
  if (named && named !== "keys" && hurry()) return event.preventDefault();
  if (named && document.getElementById(named)) openDialog(named);
  else if (PRESSED[key]) document.getElementById(PRESSED[key])?.click();
  else if (key === "e") document.querySelector("[data-section] textarea")?.focus();
  else if (!takeByKey(key)) return;
  event.preventDefault();
}

/** The last minute is told as well as shown. @param {CustomEvent} event */
function turned(event) {
  if (event.detail.state !== "risk" || !event.target.closest("#top")) return;
  ring([880, 660, 880]);
  announce(said("onYours", { left: said("lastMinute") }), true);
  if (document.hidden) nag(said("lastMinute"));
}

/** Cut off: since when is shown, for the clocks go on. */
function cutOff({ state }) {
  const since = document.getElementById("cut-since");
  if (since && state === "offline") since.dataset.since ||= new Date(live.now()).toISOString();
  else if (since && state === "live") delete since.dataset.since;
}

live.on("review_assigned", assigned);
live.on("review_revoked", revoked);
live.on("review_warning", warned);
live.on("review_deadline_changed", deadlineMoved);
live.on("strike_recorded", () => announce(said("strike"), true));
live.on("account_locked", () => location.assign("/desk"));
live.on("account_unlocked", () => location.assign("/desk"));
live.on("state", cutOff);
live.on("heartbeat_ack", sawIt);
document.addEventListener("meter:turned", turned);
document.addEventListener("visibilitychange", sawIt);
document.addEventListener("htmx:afterSettle", sawIt);
document.addEventListener("keydown", onKey);
document.addEventListener("input", begun);
document.addEventListener("dialog:open", (event) => freshen(event.target));
document.addEventListener("click", (event) => event.target.closest?.("[data-unlock-sound]") && unlockSound(), true);
document.addEventListener("pointerdown", () => audio?.resume());
startEditor();
startActs();
startKept(() => gone);
startEvidence();
