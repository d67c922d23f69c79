"""Foreign text made fit to keep: cleaned HTML, plain text, one-line fields. Pure."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

import nh3

# Enough for any real vacancy; a page that holds more would slow everybody who opens it.
TEXT_LIMIT = 200_000
HTML_LIMIT = 400_000
# Deeper than any real page; the cleaner's time grows with the square of the depth.
DEPTH_LIMIT = 200
CUT_NOTE = "The description was cut at 200,000 characters; the rest is on the employer's page."
FLAT_NOTE = "The description's layout was too tangled to keep; its text is whole."


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TAGS = _names(
    "a b blockquote br code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong sub sup"
    " table tbody td tfoot th thead tr u ul"
)
# Dropped with everything inside them; all other unknown tags lose the tag and keep their text.
_DROPPED = _names("script style svg math template noscript iframe object embed textarea title select button")
_BLOCKS = "p|div|h[1-6]|ul|ol|table|tr|blockquote|pre|dl|dt|dd|hr"
# These read only what the cleaner wrote: tags are whole, and text holds no bare `<`.
_BLOCK = re.compile(rf"</?(?:{_BLOCKS})>")
_HEADING = re.compile(r"<h[1-6]>")
_ITEM = re.compile(r"<li>(?:\s|</?(?:p|div)>)*")
_TAG = re.compile(r'<[^>"]*(?:"[^"]*"[^>"]*)*>')
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)")
# The parser's time grows with the square of the number of bare ampersands.
_BARE_AMPERSAND = re.compile(r"&(?!#?[a-zA-Z0-9]{1,32};)")
_LOOKS_LIKE_HTML = re.compile(r"<[a-zA-Z/!]")
# Tags that never nest by themselves: empty ones, and those that the next of their kind ends.
_FLAT = _names("br hr img input meta link area base col embed source track wbr p li dt dd tr td th")
# NUL can't be stored, lone surrogates can't be encoded, the others are never meant.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\u200b\u2028\u2029]")


def printable(value: str) -> str:
    """Without control characters, lone surrogates and invisible marks."""
    return _UNWANTED.sub("", value)


def line(value: object, limit: int = 300) -> str:
    """A one-line field: text (or a number) with its spaces collapsed, cut at `limit`; anything else is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(printable(str(value)).split())[:limit]


def unescaped(value: str) -> str:
    """HTML that was escaped as a whole (Greenhouse's `content`), unescaped once; real HTML as it is."""
    return value if _LOOKS_LIKE_HTML.search(value) else html.unescape(value)


def escaped(value: str) -> str:
    """Plain text as HTML."""
    return html.escape(value, quote=False)


def _tags(value: str) -> Iterator[tuple[int, int, str, bool]]:
    """Every tag of raw HTML as (start, end, name, closing), in one pass: hostile input must not make it slow."""
    start = value.find("<")
    while start >= 0 and (end := value.find(">", start)) >= 0:
        name = _NAME.match(value, start + 1)
        if name:
            yield start, end + 1, name[1].lower(), value[start + 1] == "/"
        start = value.find("<", end + 1 if name else start + 1)


def _too_deep(value: str) -> bool:
    open_tags: Counter[str] = Counter()
    depth = 0
    for _, _, name, closing in _tags(value):
        if closing and open_tags[name]:
            open_tags[name] -= 1
            depth -= 1
        elif not closing and name not in _FLAT:
            open_tags[name] += 1
            depth += 1
        if depth > DEPTH_LIMIT:
            return True
    return False


def _clean(value: str) -> str:
    return nh3.clean(
        _BARE_AMPERSAND.sub("&amp;", value),
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def to_text(clean: str) -> str:
    """Cleaned HTML as plain text: a blank line before a heading, a dash before a list's item."""
    text = _ITEM.sub("\n- ", clean.replace("\n", " "))
    text = _HEADING.sub("\n\n", text).replace("<br>", "\n")
    text = html.unescape(_TAG.sub("", _BLOCK.sub("\n", text))).replace("\xa0", " ")
    lines = (" ".join(part.split()) for part in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def describe(raw: str) -> tuple[str, str, str | None]:
    """Foreign HTML → (HTML safe to show, plain text, note on what was left out).

    No script, style, svg or math, no attribute but a link's http(s) or mailto address. At most TEXT_LIMIT characters
    of text.
    """
    value, note = printable(raw), None
    if len(value) > HTML_LIMIT:
        value, note = value[:HTML_LIMIT], CUT_NOTE
    if _too_deep(value):
        value, note = _flattened(value), note or FLAT_NOTE
    clean = _clean(value).strip()
    text = to_text(clean)
    if len(text) > TEXT_LIMIT:
        text, note = text[:TEXT_LIMIT].rstrip(), CUT_NOTE
        clean = f"<p>{escaped(text)}</p>" if len(clean) > HTML_LIMIT else clean
    return clean, text, note


def _flattened(value: str) -> str:
    """The text of HTML that the cleaner would choke on, without a tag, and without what stands in dropped ones."""
    parts, at, hidden = [], 0, ""
    for start, end, name, closing in _tags(value):
        if not hidden:
            parts.append(value[at:start])
        if not hidden and not closing and name in _DROPPED:
            hidden = name
        elif closing and name == hidden:
            hidden = ""
        at = end
    if not hidden:
        parts.append(value[at:])
    return f"<p>{escaped(html.unescape(' '.join(' '.join(parts).split())))}</p>"
