"""Questions put to a page, as scripts: each answers with a list of what is wrong."""

from __future__ import annotations

_HELP = """
  const found = [];
  const say = (node, why) => found.length < 8 && found.push(why + ": " + node.outerHTML.replace(/\\s+/g, " ").slice(0, 140));
  const shown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    node.getClientRects().length > 0;
"""  # noqa: E501

# The page is wider than the screen, and what makes it so; a scroller of its own is allowed.
WIDE = f"""() => {{{_HELP}
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) {{
    found.push(wide + " px too wide");
    for (const node of document.body.querySelectorAll("*"))
      if (shown(node) && node.getBoundingClientRect().right > innerWidth + 1 && !node.closest(".scroller, .reading"))
        say(node, "sticks out");
  }}
  return found;
}}"""

# Each thing to press is at least so many pixels high and wide. Links within a sentence are excepted, as in WCAG 2.5.8.
TARGETS = f"""(least) => {{{_HELP}
  const all = "a[href], button, select, textarea, summary, input:not([type=hidden]), [role=button], [role=tab]";
  for (const node of document.querySelectorAll(all)) {{
    if (!shown(node) || node.disabled || node.closest("dialog:not([open])")) continue;
    let box = node.getBoundingClientRect();
    if (box.right <= 0 || box.width <= 1) continue; // the skip link and the file field, until they are focused
    if (node.localName === "a" && getComputedStyle(node).display === "inline") continue;
    const label = node.closest("label");
    if (["checkbox", "radio"].includes(node.type) && label) box = label.getBoundingClientRect();
    if (Math.min(box.width, box.height) < least - 0.5)
      say(node, Math.round(box.width) + " by " + Math.round(box.height) + ", wants " + least);
  }}
  return found;
}}"""

# Times are told with their date, second and zone on hover, and in the person's own zone.
TIMES = f"""() => {{{_HELP}
  for (const node of document.querySelectorAll("time")) {{
    if (!/^\\d{{4}}-\\d\\d-\\d\\dT.*(Z|[+-]\\d\\d:\\d\\d)$/.test(node.dateTime)) say(node, "no datetime with its zone");
    if (!/\\d{{4}}-\\d\\d-\\d\\d \\d\\d:\\d\\d/.test(node.title)) say(node, "no absolute time on hover");
    if (!getComputedStyle(node).fontVariantNumeric.includes("tabular-nums")) say(node, "digits that dance");
  }}
  for (const node of document.querySelectorAll("[data-since], .meter"))
    if (!node.closest("[title]")) say(node, "no absolute time on hover");
  const bare = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (bare.nextNode())
    if (/\\b\\d\\d:\\d\\d(:\\d\\d)?( UTC)\\b/.test(bare.currentNode.data) && !bare.currentNode.parentElement.closest("time"))
      say(bare.currentNode.parentElement, "a bare time");
  for (const node of document.querySelectorAll(".num, .meter b, .fig b, .kpi b, td.num, progress + b, .ring"))
    if (!getComputedStyle(node).fontVariantNumeric.includes("tabular-nums")) say(node, "digits that dance");
  return found;
}}"""  # noqa: E501
