// The seeker's portal: the drop zone, the form that scores a posting, and the switch for notifications. Cards, figures and resumes are partials that frames refresh (partials.js).
import { announce, live, openDialog, toast } from "./page.js";
import { said } from "./said.js";

const MOST = 10 * 1024 * 1024;
const MOMENT = 500; // in which nobody has seen what moved

/** @param {HTMLFormElement} form @param {FileList | null} files */
function take(form, files) {
  const file = files?.[0];
  const wrong = form.querySelector("[data-wrong]");
  if (!file || !wrong) return;
  wrong.textContent = file.size > MOST ? said("tooLarge") : "";
  if (wrong.textContent) return;
  form.querySelector("[data-name]").textContent = file.name;
  form.requestSubmit();
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form.drop");
  if (form) take(form, event.target.files);
});
for (const kind of ["dragover", "dragleave", "drop"])
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.("form.drop");
    if (!form) return;
    event.preventDefault();
    form.classList.toggle("over", kind === "dragover");
    if (kind !== "drop") return;
    const input = form.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    take(form, input.files);
  });
live.on("application_completed", (frame) => announce(said(frame.data?.confirmation ? "appliedAs" : "applied", frame.data)));

/** How long a pasted text is, before it is sent: it is refused where it is too long, never cut. @param {Event} event */
function counted(event) {
  const field = event.target;
  const hint = field.dataset?.count && document.getElementById(field.dataset.count);
  if (!hint) return;
  const most = Number(field.dataset.most);
  const over = field.value.length > most;
  hint.textContent = said(over ? "tooLong" : "length", { n: field.value.length.toLocaleString("en"), most: most.toLocaleString("en") });
  hint.classList.toggle("over", over);
}
document.addEventListener("input", counted);
/** "Not just now" is drawn below the form, which keeps what was pasted. @param {CustomEvent} event */
const notNow = (event) => event.detail.target?.id === "scored" && event.detail.xhr.status === 503 && event.detail.xhr.getResponseHeader("content-type")?.startsWith("text/html");
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!notNow(event)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "scored") document.getElementById("scored-title")?.focus();
});

// Several matches selected: how many, said beside the button; and the dialog that says what will be sent.
const picks = () => document.querySelectorAll('input[form="pick"]:checked').length;
function counts() {
  const place = document.querySelector("[data-picked]");
  if (place) place.textContent = said("selected", { n: picks() });
  document.getElementById("pick")?.classList.toggle("some", picks() > 0);
}
document.addEventListener("change", counts);
document.addEventListener("reset", () => setTimeout(counts));
document.addEventListener("htmx:afterSettle", counts);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "confirm") openDialog("batch");
  if (event.detail.requestConfig?.path !== "/portal/batches") return;
  document.getElementById("batch")?.close();
  document.getElementById("pick")?.reset();
});

// A list may move under a thumb: who presses where another button was a moment ago has meant that one.
const ACTS = ".card [hx-post]:not(form), .card form button";
const does = (button) => button && button.closest("[hx-post]").getAttribute("hx-post") + button.value;
/** Where they have been in this moment: when, what it did, its place. @type {[number, string, DOMRect][]} */
let places = [];
document.addEventListener("htmx:beforeSwap", () => {
  const now = performance.now();
  places = places.filter(([at]) => now - at < MOMENT);
  for (const button of document.querySelectorAll(ACTS)) places.push([now, does(button), button.getBoundingClientRect()]);
});
/** @param {PointerEvent} event */
function meant(event) {
  const act = does(event.target.closest(ACTS));
  const since = performance.now() - MOMENT;
  const { x, y } = event;
  const another = ([at, was, box]) => at > since && was !== act && x > box.left && x < box.right && y > box.top && y < box.bottom;
  if (!act || !places.some(another)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  toast(said("moved"));
}
document.addEventListener("click", meant, true);
document.addEventListener("scroll", () => (places = []), true);

/** "Go on" also saves what was changed in the form above it, and waits for the answer. @param {SubmitEvent} event */
function saveFirst(event) {
  const above = document.getElementById(event.target.dataset?.after ?? "");
  const changed = above && [...above.elements].some((one) => (one.type === "checkbox" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue));
  if (!changed || !(above instanceof HTMLFormElement)) return;
  event.preventDefault();
  const form = event.target;
  above.addEventListener("htmx:afterRequest", (answer) => answer.detail.successful && form.submit(), { once: true });
  above.requestSubmit();
}
document.addEventListener("submit", saveFirst);

/**
 * "Tell me on this device": what the browser can and may is found out here, the words for it come from the server.
 * @param {"look" | "on" | "off"} act @param {string} [applicationServerKey]
 */
async function tell(act, applicationServerKey) {
  const workers = navigator.serviceWorker;
  let device = await (await workers?.getRegistration())?.pushManager.getSubscription();
  // what it had goes when it is switched on as well: it may be another person's, or to another key
  if (act !== "look") await device?.unsubscribe();
  if (act === "on") {
    await workers.register("/push-worker.js");
    const { pushManager } = await workers.ready;
    device = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }).catch(() => {});
  }
  const can = window.PushManager ? Notification.permission : isSecureContext;
  htmx.ajax("POST", "/portal/device", { target: "#device", values: { said: JSON.stringify({ act, can, device }) } });
}
document.addEventListener("change", ({ target }) => target.name === "device" && tell(target.checked ? "on" : "off", target.value));
if (document.getElementById("device")) tell("look");
