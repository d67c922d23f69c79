/**
 * What is written on the desk. Half a second after the last key the draft is kept (compare-and-set by its version). A resume's
 * sections are text fields, joined again into one text, whose score is asked for; the answer also lists the lines added, each
 * wanting its source. Other reviews have a form to fill in, with proposed answers.
 */
import { announce, csrf, live, sayProblem, toast } from "./page.js";
import { said } from "./said.js";

const PAUSE = 600;
let timer = 0;
let saving = Promise.resolve();
/** Whether something typed has not reached the server. */
let open = false;
let shown = "";

const editor = () => document.querySelector("form[data-editor]");

/** The whole text: a section's heading is its first line. @param {Element} form */
export function wholeText(form) {
  return [...form.querySelectorAll("[data-section]")]
    .map((section) => [section.dataset.heading, section.querySelector("textarea").value].filter(Boolean).join("\n"))
    .join("\n\n");
}

/** @param {Element} form @returns {Record<string, string>} added line → its source */
function sources(form) {
  const chosen = [...form.querySelectorAll("select[data-line]")].filter((select) => select.value);
  return Object.fromEntries(chosen.map((select) => [select.dataset.line, select.value]));
}

/** @param {string} words */
function saved(words) {
  const place = document.getElementById("draft-state");
  if (place) place.textContent = words;
}

/** Other reviews have a form to fill in, whose fields are the draft. @param {HTMLFormElement} form */
const isResume = (form) => form.querySelector("[data-section]");

/** @param {HTMLFormElement} form @returns {Record<string, FormDataEntryValue[]>} */
function filled(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) (fields[name] ??= []).push(value);
  return fields;
}

/** What a save sends, taken at once: the form may soon show another review. @param {HTMLFormElement} form */
function snapshot(form) {
  const { assignment, version, draft } = form.dataset;
  const body = isResume(form) ? { text: wholeText(form), sources: sources(form) } : { fields: filled(form) };
  return { assignment, path: draft, body: { assignment, version: Number(version), body } };
}

/**
 * @param {HTMLFormElement} form @param {boolean} [leaving] the page is going: the request must outlive it
 * @returns {Promise<boolean>} whether the server has it, in the draft or kept aside
 */
async function keepDraft(form, { assignment, path, body } = snapshot(form), leaving = false) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  const asked = { method: "PUT", headers, body: JSON.stringify(body), keepalive: leaving };
  const answer = await fetch(path, asked).catch(() => null);
  const same = form.isConnected && form.dataset.assignment === assignment;
  const told = answer ? await answer.text() : "";
  if (answer?.ok && same) form.dataset.version = JSON.parse(told).version;
  if (same) open = timer > 0 || !answer || answer.status > 500;
  if (same) saved(said(answer?.ok ? "saved" : open ? "savedHere" : "notSaved"));
  if (same && answer && !answer.ok && !open) sayProblem(told, answer.status);
  return Boolean(answer?.ok || (answer?.status === 409 && told.includes('"version"')));
}

/** The whole text, or the fields with their names, where somebody has written in it. @returns {string} */
export function editorText() {
  const form = editor();
  const fields = [...(form?.querySelectorAll("textarea, select, input:not([type=hidden])") ?? [])];
  if (!open && !fields.some((field) => !field.options && field.value !== field.defaultValue)) return "";
  if (isResume(form)) return wholeText(form);
  return fields.filter((field) => field.value).map((field) => `${field.labels[0]?.textContent}\n${field.value}`).join("\n\n");
}

function forget() {
  clearTimeout(timer);
  timer = 0;
  open = false;
}

/** Another review came: what is still open was another's. */
function renewed() {
  const now = editor()?.dataset.assignment ?? "";
  if (now !== shown) forget();
  shown = now;
}

/** Before the workspace goes: what is not saved yet is sent after all. @returns {Promise<boolean>} whether the server has it */
export async function keepLastWords() {
  const form = editor();
  const last = open && form && snapshot(form);
  forget();
  await saving;
  if (!last) return true;
  const same = form.isConnected && form.dataset.assignment === last.assignment; // its version may have moved on meanwhile
  return keepDraft(form, same ? snapshot(form) : last);
}

/** Writes the joined text and the sources where htmx picks them up. @param {HTMLFormElement} form */
export function fillHidden(form) {
  if (!isResume(form)) return;
  form.elements.namedItem("text").value = wholeText(form);
  form.elements.namedItem("sources").value = JSON.stringify(sources(form));
  form.elements.namedItem("version").value = form.dataset.version;
}

function settle() {
  const form = editor();
  if (!form) return;
  fillHidden(form);
  timer = 0;
  const { assignment } = form.dataset;
  saving = saving.then(() => form.dataset.assignment === assignment && keepDraft(form)).catch(() => saved(said("notSavedNow")));
  if (isResume(form) && live.state !== "offline") htmx.trigger(form.querySelector("[data-rescore]"), "rescore");
}

/** What each section was before each pause of its writer. @type {WeakMap<HTMLTextAreaElement, {past: string[], now: string, at: number}>} */
const sections = new WeakMap();

/** @param {HTMLTextAreaElement} area @param {boolean} [back] it is taking a step back */
function remember(area, back = false) {
  const known = sections.get(area) ?? { past: [], now: area.defaultValue, at: 0 };
  if (!back && Date.now() - known.at > PAUSE) known.past.push(known.now);
  Object.assign(known, { now: area.value, at: back ? 0 : Date.now() });
  sections.set(area, known);
  const section = area.closest("[data-section]");
  section.querySelector("[data-back]").hidden = !known.past.length;
  section.querySelector("[data-original-of]").hidden = area.value === section.dataset.original;
}

/** Undo, or back to the original: which can itself be undone. @param {Element} button */
function rewrite(button) {
  const section = button.closest("[data-section]");
  const area = section.querySelector("textarea");
  const known = sections.get(area) ?? { past: [], now: area.value, at: 0 };
  sections.set(area, Object.assign(known, { at: 0 }));
  const back = button.matches("[data-back]");
  area.value = back ? known.past.pop() : section.dataset.original;
  remember(area, back);
  area.focus();
  area.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "rewritten" }));
}

/** @param {Event} event */
function changed(event) {
  if (!event.target.closest?.("form[data-editor]")) return;
  if (event.target.matches("[data-section] textarea") && event.detail !== "rewritten") remember(event.target);
  open = true;
  saved(said("writing"));
  clearTimeout(timer);
  timer = setTimeout(settle, event.target.matches("select") ? 0 : PAUSE);
}

/** Approval waits until each added line has a source: nothing is made up. The browser itself stops the form there. */
function sourceMissing(event) {
  if (!event.target.matches?.("select[data-line]")) return;
  event.target.setAttribute("aria-invalid", "true");
  toast(said("noSource"), "risk");
}

function toggleDiff() {
  const diff = document.getElementById("diff");
  const button = document.getElementById("diff-toggle");
  if (!diff || !button) return;
  diff.hidden = !diff.hidden;
  button.setAttribute("aria-expanded", String(!diff.hidden));
  if (!diff.hidden) diff.scrollIntoView({ block: "nearest" });
}

/** Buttons with a proposed answer: data-take names its field, data-values is the JSON of its values. */
const takers = () => [...document.querySelectorAll("[data-take]")];
const fieldOf = ({ dataset }) => document.getElementById(dataset.take);
const valuesOf = ({ options, selectedOptions, value }) => JSON.stringify(options ? [...selectedOptions].map((one) => one.value) : [value]);
// [] or [""]
const isEmpty = (field) => valuesOf(field).length < 5;

/** @param {HTMLElement} button */
function take(button) {
  const field = fieldOf(button);
  const values = JSON.parse(button.dataset.values);
  for (const one of field.options ?? []) one.selected = values.includes(one.value);
  if (!field.options) [field.value] = values;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

/** Beside each proposal stands whether its field holds it as proposed, or edited. */
function judge() {
  for (const button of takers()) {
    const field = fieldOf(button);
    const tag = button.previousElementSibling;
    tag.hidden = isEmpty(field);
    tag.textContent = said(valuesOf(field) === button.dataset.values ? "asProposed" : "edited");
  }
}

/** T takes what is proposed for the empty fields, 1 to 9 one of them. @param {string} key @returns {boolean | undefined} */
export function takeByKey(key) {
  const chosen = key === "t" ? takers().filter((one) => isEmpty(fieldOf(one))) : takers().slice(key - 1, key);
  chosen.forEach(take);
  return chosen.length > 0;
}

/** @param {CustomEvent} event */
function scored(event) {
  const score = document.getElementById("score")?.dataset.score;
  if (event.detail.elt?.id === "score" && score) announce(said("scored", { score }));
}

/** What was typed in the last half second is not lost with the page. */
function lastWords() {
  const form = editor();
  if (!timer || !form) return;
  clearTimeout(timer);
  timer = 0;
  keepDraft(form, snapshot(form), true);
}

export function startEditor() {
  document.addEventListener("input", changed);
  document.addEventListener("input", judge);
  document.addEventListener("htmx:afterSettle", judge);
  judge();
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.target.closest?.("form[data-editor]");
    if (!form || !isResume(form)) return;
    fillHidden(form);
    for (const name of ["text", "sources", "version"]) event.detail.parameters[name] = form.elements.namedItem(name).value;
  });
  document.addEventListener("invalid", sourceMissing, true);
  live.on("state", ({ state }) => state === "live" && open && !timer && settle());
  // before the next page is asked for, which may be this one again
  addEventListener("beforeunload", lastWords);
  addEventListener("pagehide", lastWords);
  document.addEventListener("htmx:afterSettle", scored);
  document.addEventListener("htmx:afterSettle", renewed);
  renewed();
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("#diff-toggle")) toggleDiff();
    const button = target.closest?.("[data-back], [data-original-of]");
    if (button) rewrite(button);
    if (target.closest?.("[data-take]")) take(target.closest("[data-take]"));
    if (target.closest?.("[data-take-all]")) takeByKey("t");
  });
}
