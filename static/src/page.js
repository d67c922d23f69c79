/**
 * What every signed-in page does: the live socket, its partials, the meters, toasts, theme and dialogs.
 * Page modules import `live`, `toast` and `announce` from here.
 */
import { Live } from "./live.js";
import { runMeters } from "./meter.js";
import "./palette.js";
import { keepOpen, watchPartials } from "./partials.js";
import { said } from "./said.js";

/** @typedef {import("./live.js").Frame} Frame */
const body = document.body;
export const csrf = JSON.parse(body.getAttribute("hx-headers") ?? "{}")["X-CSRF-Token"] ?? "";
export const live = new Live({ worker: body.dataset.beatWorker, every: Number(body.dataset.beatEvery ?? 10) * 1000 });
keepOpen();
export const parts = watchPartials(live);
export const drawMeters = runMeters(() => live.now());

/** Says it to a screen reader. @param {string} text @param {boolean} [urgent] */
export function announce(text, urgent = false) {
  const region = document.getElementById(urgent ? "announce-now" : "announce");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

/** @param {string} text @param {"" | "risk"} [kind] */
export function toast(text, kind = "") {
  const box = document.createElement("div");
  box.className = `toast ${kind}`;
  box.append(Object.assign(document.createElement("span"), { textContent: text, className: "grow" }));
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: "✕", ariaLabel: said("close") });
  close.onclick = () => box.remove();
  box.append(close);
  document.getElementById("toasts")?.append(box);
  announce(text, kind === "risk");
  setTimeout(() => box.remove(), kind ? 12_000 : 5_000);
}

/** The sentence of a problem+json answer. @param {string} text @param {number} status */
export function sayProblem(text, status) {
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // not JSON: the status alone has to do
  }
  const wrong = (problem.errors ?? []).map((error) => error.message).join(" ");
  toast(wrong || problem.detail || said("failed", { status }), "risk");
}

function showState({ state }) {
  if (state === "connecting") return;
  body.classList.toggle("is-offline", state === "offline");
  if (state === "signed-out") location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  for (const tag of document.querySelectorAll("[data-live-state]")) {
    tag.textContent = said(state === "live" ? "live" : "offline");
    tag.className = `tag live ${state === "live" ? "ok" : "risk"}`;
  }
}

function turnTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
}

/** Buttons that name a dialog open it; data-close closes the one they are in. */
function onClick(event) {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-theme-toggle]")) turnTheme();
  if (target?.closest("[data-close]")) target.closest("dialog")?.close();
  const opener = target?.closest("[data-dialog]");
  if (opener && opener.getAttribute("aria-disabled") !== "true") openDialog(opener.dataset.dialog);
  const copier = target?.closest("[data-copy]");
  if (copier) copy(copier.dataset.copy);
}

/** Browsers let a page write to the clipboard over TLS or on this machine only. @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said("copied"));
  } catch {
    toast(said("noCopy"), "risk");
  }
}

/** @param {string} id */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  dialog.dispatchEvent(new CustomEvent("dialog:open", { bubbles: true }));
  dialog.showModal();
}

live.on("state", showState);
document.addEventListener("htmx:afterSettle", () => showState(live));
/** A refused acknowledgement is the page's own affair: what was lost is told by its own frame. @param {Frame} frame */
const forPerson = (frame) => frame.data?.kind !== "assignment-lost";
live.on("system_notification", (frame) => forPerson(frame) && toast(frame.data?.text ?? "", frame.data?.level === "error" ? "risk" : ""));
live.on("message", (frame) => toast(frame.data?.text ?? ""));
document.addEventListener("click", onClick);
/** Whoever signs out here is led away by the answer, not by the socket that closes before it. */
document.addEventListener("submit", (event) => event.target.getAttribute("action") === "/sign-out" && live.stop());
/** A part that refreshes itself is no act of the person: the bar and the live tag say that we are offline. @param {CustomEvent} event */
const asked = ({ detail: { requestConfig } }) => requestConfig?.verb !== "get" && requestConfig?.elt.dataset.waits === undefined;
document.addEventListener("htmx:responseError", (event) => asked(event) && sayProblem(event.detail.xhr.responseText, event.detail.xhr.status));
document.addEventListener(
  "htmx:sendError",
  (event) => asked(event) && toast(said("away"), "risk"),
);
document.addEventListener("cabrank:toast", (event) => toast(event.detail.value ?? event.detail.text ?? ""));
if (body.dataset.signedIn !== undefined) live.start();
addEventListener("pagehide", () => live.stop());
addEventListener("pageshow", (event) => event.persisted && location.reload());
