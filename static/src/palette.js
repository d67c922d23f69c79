/**
 * Ctrl-K: whatever can be done on this page, found by typing. A command is any element with data-command="Its name", or an
 * entry of the rail; choosing it clicks it, or goes into it where it is a field. [data-palette] opens the list as well.
 */
const COMMANDS = "[data-command], .rail a:not(.logo), .rail button, .tabs a";
/** @type {HTMLDialogElement} */
const box = document.getElementById("palette");
/** @type {{element: HTMLElement, own: boolean, words: string, key: string}[]} */
let found = [];
let at = 0;

function commands() {
  const usable = [...document.querySelectorAll(COMMANDS)].filter(
    (one) => one.checkVisibility() && !one.disabled && one.getAttribute("aria-disabled") !== "true" && !one.closest("[inert]"),
  );
  return usable.map((element) => ({
    element,
    own: element.dataset.command !== undefined,
    words: element.dataset.command || element.getAttribute("aria-label") || element.textContent.trim(),
    key: element.querySelector("kbd")?.textContent ?? element.dataset.key ?? "",
  }));
}

function draw() {
  const [field, list, none] = box.children;
  const words = field.value.toLowerCase().split(/\s+/);
  const starts = (/** @type {{words: string}} */ one) => ` ${one.words.toLowerCase()}`.includes(` ${words[0]}`);
  found = commands().filter((one) => words.every((word) => one.words.toLowerCase().includes(word)));
  found.sort((one, other) => Number(starts(other)) - Number(starts(one)) || Number(other.own) - Number(one.own));
  at = Math.max(0, Math.min(at, found.length - 1));
  list.replaceChildren(
    ...found.map(({ words: name, key }, number) => {
      const line = Object.assign(document.createElement("li"), { id: `command-${number}`, role: "option", ariaSelected: String(number === at) });
      line.append(Object.assign(document.createElement("span"), { className: "grow cut", textContent: name }));
      if (key) line.append(Object.assign(document.createElement("kbd"), { textContent: key }));
      return line;
    }),
  );
  none.hidden = found.length > 0;
  field.setAttribute("aria-activedescendant", found.length ? `command-${at}` : "");
  list.children[at]?.scrollIntoView({ block: "nearest" });
}

/** @param {number} number */
function run(number) {
  const chosen = found[number]?.element;
  box.close();
  if (!chosen) return;
  if (chosen.matches("input:not([type=checkbox], [type=radio]), textarea, select")) chosen.focus();
  else chosen.click();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) at = (at + step + found.length) % (found.length || 1);
  else if (event.key === "Enter") run(at);
  else return;
  event.preventDefault();
  event.stopPropagation();
  if (step) draw();
}

box.firstElementChild.addEventListener("input", () => draw((at = 0)));
box.addEventListener("keydown", onKey);
box.addEventListener("click", (event) => {
  const line = event.target.closest("li");
  if (line) run([...line.parentNode.children].indexOf(line));
  else if (event.target === box) box.close();
});

function openPalette() {
  if (box.open) return;
  box.firstElementChild.value = "";
  at = 0;
  draw();
  box.showModal();
}

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key?.toLowerCase() !== "k") return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]:not(#palette)")) openPalette();
});
document.addEventListener("click", (event) => event.target.closest?.("[data-palette]") && openPalette());
