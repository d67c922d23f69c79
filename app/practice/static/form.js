// Saves each answer as it changes, as many employers' forms do. The form works without it.
const form = document.getElementById("application_form");

function save(event) {
  const field = event.target;
  if (!field.name || field.type === "file") return;
  const value = field.type === "checkbox" && !field.checked ? "" : field.value;
  const body = JSON.stringify({ name: field.name, value });
  if (!navigator.sendBeacon || !navigator.sendBeacon(form.dataset.saves, body)) {
    fetch(form.dataset.saves, { method: "POST", body, keepalive: true });
  }
}

form.addEventListener("change", save);
