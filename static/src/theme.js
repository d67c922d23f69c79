// Loaded before the first paint, as a classic script: a chosen theme must not flash the other one, nor a time another zone.
(function () {
  const root = document.documentElement;
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const said = `zone=${timeZone}`;
  const has = () => document.cookie.split("; ").includes(said);
  if (!timeZone || has()) return;
  document.cookie = `${said}; path=/; max-age=31536000; samesite=lax`;
  if (has() && (root.dataset.zone ?? timeZone) !== timeZone) location.reload();
})();
