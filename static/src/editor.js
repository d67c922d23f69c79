/**
 * The resume on the desk: sections are text fields, joined again into one text. Half a second after the last key the draft is
 * kept (compare-and-set by its version) and the score asked for; the answer also lists the lines added, each wanting its source.
 */
import { announce, csrf, sayProblem, toast } from "./page.js";

const PAUSE = 600;
let timer = 0;
let saving = Promise.resolve();

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

/** @param {HTMLFormElement} form @param {boolean} [leaving] the page is going: the request must outlive it */
async function keepDraft(form, leaving = false) {
  const body = { assignment: form.dataset.assignment, version: Number(form.dataset.version), body: { text: wholeText(form), sources: sources(form) } };
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  const asked = { method: "PUT", headers, body: JSON.stringify(body), keepalive: leaving };
  const answer = await fetch(form.dataset.draft, asked).catch(() => null);
  if (!answer) return saved("not saved: offline, kept on this page");
  if (!answer.ok) {
    saved("not saved");
    return sayProblem(await answer.text(), answer.status);
  }
  form.dataset.version = (await answer.json()).version;
  saved("draft saved");
}

/** Writes the joined text and the sources where htmx picks them up. @param {HTMLFormElement} form */
function fillHidden(form) {
  form.elements.namedItem("text").value = wholeText(form);
  form.elements.namedItem("sources").value = JSON.stringify(sources(form));
}

function settle() {
  const form = editor();
  if (!form) return;
  fillHidden(form);
  timer = 0;
  saving = saving.then(() => keepDraft(form)).catch(() => saved("not saved: try again"));
  window.htmx.trigger(form.querySelector("[data-rescore]"), "rescore");
}

/** @param {Event} event */
function changed(event) {
  const form = event.target.closest?.("form[data-editor]");
  if (!form || !event.target.matches("textarea, select[data-line]")) return;
  saved("writing…");
  clearTimeout(timer);
  timer = setTimeout(settle, event.target.matches("select") ? 0 : PAUSE);
}

/** Approval waits until each added line has a source: nothing is made up. The browser itself stops the form there. */
function sourceMissing(event) {
  if (!event.target.matches?.("select[data-line]")) return;
  event.target.setAttribute("aria-invalid", "true");
  toast("Say where each added line comes from, then approve.", "risk");
}

function toggleDiff() {
  const diff = document.getElementById("diff");
  const button = document.getElementById("diff-toggle");
  if (!diff || !button) return;
  diff.hidden = !diff.hidden;
  button.setAttribute("aria-expanded", String(!diff.hidden));
  if (!diff.hidden) diff.scrollIntoView({ block: "nearest" });
}

/** @param {CustomEvent} event */
function scored(event) {
  const score = event.target.closest?.("#score")?.dataset.score ?? document.getElementById("score")?.dataset.score;
  if (event.detail.elt?.id === "score" && score) announce(`The score is now ${score}.`);
}

/** What was typed in the last half second is not lost with the page. */
function lastWords() {
  const form = editor();
  if (!timer || !form) return;
  clearTimeout(timer);
  keepDraft(form, true);
}

export function startEditor() {
  document.addEventListener("input", changed);
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.target.closest?.("form[data-editor]");
    if (!form) return;
    fillHidden(form);
    event.detail.parameters.text = form.elements.namedItem("text").value;
    event.detail.parameters.sources = form.elements.namedItem("sources").value;
    event.detail.parameters.version = form.dataset.version;
  });
  document.addEventListener("invalid", sourceMissing, true);
  addEventListener("pagehide", lastWords);
  document.addEventListener("htmx:afterSettle", scored);
  document.addEventListener("click", (event) => event.target.closest?.("#diff-toggle") && toggleDiff());
}
