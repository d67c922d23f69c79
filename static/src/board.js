// The supervisor's board: everything on it is a partial that frames refresh. Keys: J and K move along the reviews, V voids, U upholds.
import { announce, live } from "./page.js";

const rows = () => [...document.querySelectorAll("#reviews tr[tabindex]")];

/** @param {number} step */
function move(step) {
  const all = rows();
  const at = all.indexOf(document.activeElement?.closest("tr"));
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if (key === "v") document.querySelector("#violations [data-key=v]")?.click();
  else if (key === "u") document.querySelector("#violations [data-key=u]")?.click();
  else return;
  event.preventDefault();
});
live.on("account_locked", () => announce("An account was locked. It is under Violations.", true));
live.on("review_revoked", (frame) => frame.data?.reason === "missed" && announce("A review was missed and is back in the queue."));
