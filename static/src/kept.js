/**
 * A review may be taken away under one's hands. What was typed is kept with the review on the server where that can be,
 * else on this page, and the person is told which; #kept holds it until they close it.
 */
import { comes, hurry, underWay } from "./acts.js";
import { editorText, keepLastWords } from "./editor.js";
import { said } from "./said.js";

/** What was typed outside the resume: each field with its name. @param {Element} part */
function loose(part) {
  const fields = [...part.querySelectorAll("textarea, input:not([type=hidden], [type=radio], [type=checkbox])")];
  const typed = fields.filter((field) => !field.closest("[data-editor]") && field.value !== field.defaultValue);
  return typed.map((field) => `${field.labels?.[0]?.textContent ?? ""}\n${field.value}`);
}

/** @param {string} words @param {string} told */
function show(words, told) {
  const box = document.getElementById("kept-words").content.firstElementChild.cloneNode(true);
  box.querySelector("pre").textContent = words;
  box.querySelector("[data-copy]").dataset.copy = words;
  box.querySelector("[data-told]").textContent = told;
  box.querySelector("[data-drop]").onclick = () => box.remove();
  document.getElementById("kept").append(box);
  return box.querySelector("[data-told]");
}

/** @param {Element} part the workspace as it was @param {string} reason why the review went, if that is known */
async function keepWords(part, reason) {
  const resume = editorText();
  const others = loose(part);
  const saving = resume && keepLastWords();
  if (reason === "erased" || !(resume || others.length)) return;
  const told = show([resume, ...others].filter(Boolean).join("\n\n"), said(resume ? "keeping" : "keptHere"));
  if (resume) told.textContent = said((await saving) ? "kept" : "keptHere");
}

/** @param {() => string} reason of the last review that was taken away */
export function startKept(reason) {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    if (target?.id !== "work" || xhr.status !== 200) return;
    const held = target.querySelector("[data-assignment]")?.dataset.assignment;
    const next = /data-assignment="(.+?)"/.exec(xhr.responseText)?.[1];
    // another review is read from its top, and nothing of the last one's stays: no scroll, no undo, no open window
    if (held !== next) event.detail.swapOverride = "outerHTML show:window:top";
    // An answer that was asked for before this came shows it as it was then: what has been typed since stays. And an act
    // that waits leaves before its review does: its answer says who has it now, and is followed by a refresh.
    if (held && requestConfig?.verb === "get") {
      if (held === next || underWay() || hurry()) return (event.detail.shouldSwap = false);
      keepWords(target, reason());
    }
    if (next && held !== next) comes(held);
  });
}
