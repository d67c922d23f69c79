// Loaded before the first paint, as a classic script: a chosen theme must not flash the other one.
(function () {
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
