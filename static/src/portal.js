// The seeker's portal: the drop zone. Cards, figures and resumes are partials that frames refresh (partials.js).
import { announce, live } from "./page.js";

const MOST = 10 * 1024 * 1024;

/** @param {HTMLFormElement} form @param {FileList | null} files */
function take(form, files) {
  const file = files?.[0];
  const wrong = form.querySelector("[data-wrong]");
  if (!file || !wrong) return;
  wrong.textContent = file.size > MOST ? "This file is larger than 10 MB. Save it as a smaller PDF or as text and try again." : "";
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
live.on("application_completed", (frame) => announce(`Applied. ${frame.data?.confirmation ? `Number ${frame.data.confirmation}.` : ""}`));
