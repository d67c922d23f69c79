/**
 * What the page's scripts say, in the reader's language: .said of the page hold each text under its name.
 * @param {string} name @param {Record<string, unknown>} [values] for what stands in braces
 */
export const said = (name, values = {}) =>
  ([...document.querySelectorAll(".said")].map((one) => one.dataset[name]).find(Boolean) ?? "").replace(/{(\w+)}/g, (_, key) => String(values[key]));
