// The supervisor's boards: partials that frames refresh, and Rows. Keys: J K arrows move, Enter opens, X selects, F finds, V U N decide.
import { announce, drawMeters, live, openDialog } from "./page.js";
import { Rows } from "./rows.js";
import { said } from "./said.js";

const $ = (selector) => document.querySelector(selector);
const REORDER = /^(queue|review|incident)_/;
const OF_PEOPLE = /^(presence|availability|review|account|strike)_/;
const picked = new Set();
const side = $("#side");
const filters = $("#filters");
const bulk = $("#bulk");
let back = null;

const filled = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim())).toString();
const tables = new Map();
for (const scroller of document.querySelectorAll("[data-rows]")) {
  const find = scroller.parentElement.querySelector("[data-find]");
  const query = () => (find ? `q=${encodeURIComponent(find.value)}` : filled(filters));
  const rows = new Rows(scroller, query, drawn);
  tables.set(scroller.parentElement.id, rows);
  (find ?? filters).addEventListener("input", later(() => first(rows)));
}
const reviews = tables.get("reviews");
const people = tables.get("wall");

function later(then, timer = 0) {
  return () => {
    clearTimeout(timer);
    timer = setTimeout(then, 200);
  };
}

/** The filters stay in the address. */
function first(rows) {
  if (rows === reviews) history.replaceState(null, "", `/board?${filled(filters)}`.replace(/\?$/, ""));
  rows.scroller.scrollTop = 0;
  rows.load();
}

function drawn(rows) {
  if (rows === reviews) paint();
  drawMeters();
}

/** What is selected stays so, wherever one scrolls. */
function paint() {
  for (const row of reviews.shown) {
    const box = row.querySelector("[type=checkbox]");
    box.checked = picked.has(row.dataset.id);
    row.classList.toggle("sel", box.checked);
  }
  bulk.hidden = !picked.size;
  bulk.elements.ids.value = [...picked].join(",");
  bulk.querySelector("[data-picked]").textContent = picked.size;
}

/** @param {HTMLElement} row */
function pick(row) {
  const id = row.dataset.id;
  if (!picked.delete(id)) picked.add(id);
  paint();
  announce(said("selected", { n: picked.size }));
}

/** What was written about one stays until one comes back to it. */
const written = new Map();
const reason = () => side.querySelector("[name=reason]");
const keep = () => reason() && written.set(side.dataset.url, reason().value);

async function open(url) {
  if (side.hidden) back = document.activeElement?.closest("tr")?.id ?? null;
  keep();
  await htmx.ajax("GET", url, { target: side, swap: "innerHTML" });
  side.hidden = false;
  side.dataset.url = url;
  if (reason() && written.get(url)) reason().value = written.get(url);
  $("#opened-title")?.focus();
}

function shut() {
  keep();
  side.hidden = true;
  side.replaceChildren();
  document.getElementById(back)?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target;
  const row = target.closest("tr[data-mark]");
  if (target.matches("tr [type=checkbox]")) pick(row);
  else if (target.closest(".pick")) return; // its box is clicked next
  else if (target.closest("[data-shut]")) shut();
  else if (target.closest("[data-unpick]")) picked.clear(), paint();
  else if (target.closest("[data-open]") && side) open(target.closest("[data-open]").dataset.open);
});

const act = {
  j: () => step(1),
  k: () => step(-1),
  f: () => filters.elements.q.focus(),
  x: (row) => row?.dataset.id && pick(row),
  Escape: () => (side && !side.hidden ? shut() : $("[data-leave]") && location.assign($("[data-leave]").dataset.leave)),
  Enter: (row) => row && open(row.dataset.open),
};
const ARROWS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e6, End: 1e6 };

/** With the panel open on a review, the next one opens in it. */
async function step(by) {
  const row = await (reviews ?? people)?.move(by);
  if (row && side && !side.hidden) open(row.dataset.open);
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
  if (field && event.key === "Escape" && !field.matches("dialog")) field.blur(); // what is written stays; the next one closes
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("dialog")) return;
  const row = event.target.closest("tr[data-mark]");
  const list = [reviews, people].find((rows) => rows?.scroller.contains(event.target));
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const button = "vun".includes(key) && $(`[data-key=${key}]`);
  if (list && ARROWS[key]) list.move(ARROWS[key]);
  else if (button) button.click();
  else if (key === "Enter" && !row) return;
  else if (act[key] && (reviews || key === "Escape" || key === "Enter")) act[key](row);
  else return;
  event.preventDefault();
});

live.on("frame", ({ type, at, data = {} }) => {
  if (reviews && data.review) reviews.changed(data.review);
  // its time is later than its commit, and it comes late where others came before it: the rows may show it already
  const known = type === "queue_changed" && reviews?.knows(at);
  if (reviews && REORDER.test(type) && !known) reviews.changed();
  if (people && OF_PEOPLE.test(type)) people.changed();
});
const all = () => tables.forEach((rows) => rows.changed());
live.on("resync", all);
setInterval(all, 15_000);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "plan") return;
  openDialog("plan");
  if (event.target.querySelector("[data-done]")) picked.clear(), paint(), reviews.changed();
});
document.addEventListener("focusin", (event) => event.target.getAttribute("list") === "names" && htmx.trigger("#names", "refresh"));
filters?.addEventListener("submit", (event) => event.preventDefault());
live.on("account_locked", () => announce(said("locked"), true));
live.on("review_revoked", (frame) => frame.data?.reason === "missed" && announce(said("missed")));
