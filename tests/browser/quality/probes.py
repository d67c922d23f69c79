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

# Times are told with their date, second and zone on hover, and digits stand still while they change.
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
    if (/(?<![\\d:])\\d\\d:\\d\\d UTC\\b/.test(bare.currentNode.data) && !bare.currentNode.parentElement.closest("time"))
      say(bare.currentNode.parentElement, "a bare time");
  for (const node of document.querySelectorAll(".num, .meter b, .fig b, .kpi b, td.num, progress + b, .ring"))
    if (!getComputedStyle(node).fontVariantNumeric.includes("tabular-nums")) say(node, "digits that dance");
  return found;
}}"""  # noqa: E501

# Whatever can be focused shows it, and nothing that stays in place hides it. Tab was pressed once before.
FOCUS = f"""() => {{{_HELP}
  const all = "a[href], button, select, textarea, summary, input:not([type=hidden]), [tabindex='0']";
  const ring = (node) => {{
    const style = getComputedStyle(node);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  }};
  const points = (box) => [[0.5, 0.5], [0.2, 0.5], [0.8, 0.5], [0.5, 0.2], [0.5, 0.8]].map(([x, y]) =>
    document.elementFromPoint(box.left + box.width * x, Math.max(0, box.top) + (Math.min(box.bottom, innerHeight) -
      Math.max(0, box.top)) * y));
  for (const node of document.querySelectorAll(all)) {{
    if (!shown(node) || node.disabled || node.closest("dialog:not([open])")) continue;
    node.focus();
    if (document.activeElement !== node) continue;
    const holder = node.closest(".sec, .drop, .chip");
    if (!ring(node) && !(holder && ring(holder))) say(node, "no visible focus");
    const box = (node.type === "file" || node.type === "checkbox" ? node.closest("label, .drop") ?? node : node)
      .getBoundingClientRect();
    const hit = points(box).some((one) => one && (one.closest(".toasts") || node.contains(one) || one.contains(node) ||
      holder?.contains(one) || node.labels?.[0]?.contains(one)));
    if (box.width > 1 && !hit) say(node, "hidden while focused");
  }}
  document.activeElement?.blur();
  return found;
}}"""

# With prefers-reduced-motion nothing moves: not what is there, and not what comes.
MOTION = f"""() => {{{_HELP}
  const toast = Object.assign(document.createElement("div"), {{ className: "toast fresh", textContent: "x" }});
  document.getElementById("toasts").append(toast);
  for (const node of document.querySelectorAll("*")) {{
    const style = getComputedStyle(node);
    if (style.animationName !== "none" || !/^(0s(, )?)+$/.test(style.transitionDuration)) say(node, "moves");
    if (style.scrollBehavior === "smooth") say(node, "glides");
  }}
  if (document.getAnimations().length) found.push(document.getAnimations().length + " animations");
  toast.remove();
  return found;
}}"""

# A field that is refused says why in words that belong to it, and no such words stand alone.
ERRORS = f"""() => {{{_HELP}
  const told = (field) => (field.getAttribute("aria-describedby") ?? "").split(" ").some((id) =>
    document.getElementById(id)?.classList.contains("wrong") && document.getElementById(id).textContent.trim());
  const fields = [...document.querySelectorAll("[aria-invalid=true]")];
  for (const field of fields) if (!told(field)) say(field, "refused without words");
  for (const words of document.querySelectorAll(".wrong"))
    if (!fields.some((field) => field.getAttribute("aria-describedby")?.split(" ").includes(words.id)))
      say(words, "belongs to no field");
  if (!fields.length) found.push("nothing was refused");
  return found;
}}"""
