/**
 * What a score stands on, shown where it stands: pointing at a reason, or tabbing to it, lights its lines in the posting and in
 * the resume; skills that both have are marked in both. A text field can't hold marks, so a copy of its text lies under it.
 */
import { toast } from "./page.js";
import { said } from "./said.js";

const plain = (/** @type {string} */ text) => text.toLowerCase().replace(/[…“”"]/g, "").replace(/\s+/g, " ").replace(/^[-•*·\s]+|[.\s]+$/g, "");
const areas = () => document.querySelectorAll("[data-section] textarea");
/** What is pointed at. */
let lit = { asked: [], told: [], skill: "" };

/** @returns {RegExp | null} the skills that the resume has, the longest first; "c++" and ".net" are words too */
function finder() {
  const skills = [...document.querySelectorAll("#score [data-skill]")].map((one) => one.dataset.skill);
  const escaped = [...new Set(skills)].sort((a, b) => b.length - a.length).map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return escaped.length ? new RegExp(`(?<![\\w+#])(${escaped.join("|")})(?![\\w+#])`, "gi") : null;
}

/** Whether a line is one of the quotes, or holds one, or is the longer part of one. @param {string} line @param {string[]} quotes */
const quoted = (line, quotes) => line.length > 2 && quotes.some((quote) => quote && (line.includes(quote) || (line.length > 15 && quote.includes(line))));

/** @param {HTMLTextAreaElement} area @param {RegExp | null} skills */
function draw(area, skills) {
  const under = area.previousElementSibling;
  under.replaceChildren();
  for (const line of area.value.split("\n")) {
    const row = document.createElement("span");
    row.classList.toggle("lit", quoted(plain(line), lit.told));
    (skills ? line.split(skills) : [line]).forEach((piece, at) => {
      const mark = at % 2 ? document.createElement("mark") : document.createElement("span");
      mark.textContent = piece;
      mark.classList.toggle("lit", at % 2 === 1 && piece.toLowerCase() === lit.skill);
      row.append(mark);
    });
    under.append(row, "\n");
  }
}

function drawAll() {
  const skills = finder();
  areas().forEach((area) => draw(area, skills));
  for (const line of document.querySelectorAll("#posting-text :is(li, p, h3)")) line.classList.toggle("lit", quoted(plain(line.textContent), lit.asked));
  for (const mark of document.querySelectorAll("#posting-text mark")) mark.classList.toggle("lit", mark.textContent.toLowerCase() === lit.skill);
}

/** @param {Event} event */
function point(event) {
  const on = event.target.closest?.("#score .part, #score .points li, #score [data-skill], #score .gap, #posting-text mark");
  const texts = (/** @type {string} */ name) => [...(on?.querySelectorAll(name) ?? [])].map((one) => plain(one.textContent));
  const skill = on?.dataset.skill ?? on?.dataset.gap ?? (on?.matches("mark") ? on.textContent : "");
  const next = { asked: texts(".asked"), told: texts(".told"), skill: skill.toLowerCase() };
  if (JSON.stringify(next) === JSON.stringify(lit)) return;
  lit = next;
  drawAll();
}

/** Where a missing skill would stand: among the skills, else at the end. Writing it is the person's. @param {string} skill */
function jump(skill) {
  const all = [...areas()];
  const area = all.find((one) => /skill|competenc|technolog/i.test(one.closest("[data-section]").dataset.heading)) ?? all.at(-1);
  if (!area) return;
  // on a phone the score lies over the resume
  document.querySelector(":popover-open")?.hidePopover();
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  area.scrollIntoView({ block: "center" });
  toast(said("write", { skill }));
}

export function startEvidence() {
  for (const type of ["mouseover", "focusin"]) document.addEventListener(type, point);
  for (const type of ["htmx:afterSettle", "editor:drawn"]) document.addEventListener(type, drawAll);
  document.addEventListener("input", (event) => event.target.matches?.("[data-section] textarea") && draw(event.target, finder()));
  document.addEventListener("click", (event) => event.target.closest?.("[data-add]") && jump(event.target.closest("[data-add]").dataset.add));
  drawAll();
}
