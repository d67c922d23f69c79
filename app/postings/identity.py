"""When two postings are one vacancy. Pure.

The same employer and title (`block_key`) in the same places, and either the same address to apply at or nearly the
same description. The number of a known applicant-tracking system in that address is proof by itself.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

import msgspec

from app.postings.places import Place, same_places

# Three-word runs that two texts of one vacancy share. Two roles of one employer share the part about the employer and
# stay below; a board's own closing line doesn't press one text under it.
SIMILAR = 0.7
_LEGAL = re.compile(
    r"\b(?:inc|incorporated|llc|ltd|limited|gmbh|ag|plc|corp|corporation|co|company|sarl|sas|bv|nv|ab|oy|pty|holdings)\b"
)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PORTALS = (
    ("greenhouse", re.compile(r"(?:^|\.)greenhouse\.io$"), re.compile(r"/jobs/(\d+)")),
    ("lever", re.compile(r"(?:^|\.)lever\.co$"), re.compile(rf"^/[^/]+/({_UUID})", re.I)),
    ("ashby", re.compile(r"(?:^|\.)ashbyhq\.com$"), re.compile(rf"^/[^/]+/({_UUID})", re.I)),
    ("smartrecruiters", re.compile(r"(?:^|\.)smartrecruiters\.com$"), re.compile(r"^/[^/]+/(\d{6,})")),
    ("recruitee", re.compile(r"(?:^|\.)recruitee\.com$"), re.compile(r"^(/o/[^/?#]+)")),
    ("workable", re.compile(r"^apply\.workable\.com$"), re.compile(r"/j/([0-9A-F]{8,})", re.I)),
)
_WORKDAY = re.compile(r"[_/-]((?:JR|REQ|REF|R)[-_]?\d{4,}[A-Z]?)(?:-\d+)?/?$", re.I)
_QUERY_NOISE = re.compile(r"^(?:utm_.*|gh_src|lever-.*|ref|source|src|trid|gclid|fbclid)$", re.I)


class Vacancy(msgspec.Struct, frozen=True, kw_only=True):
    """What identity is judged by."""

    block: str
    places: frozenset[Place]
    url_key: str | None
    text_hash: str


def _folded(value: str) -> str:
    plain = unicodedata.normalize("NFKD", value.casefold().replace("&", " and "))
    kept = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return " ".join(re.sub(r"[^\w+#]|_", " ", kept).split())


def employer(value: str) -> str:
    """An employer's name without case, marks, punctuation and legal form; never empty for a non-empty name."""
    folded = _folded(re.sub(r"['’.]", "", value))
    return " ".join(_LEGAL.sub(" ", folded).split()) or folded


def title(value: str) -> str:
    """A title without case, marks and punctuation, and without the (m/f/d) that some boards add."""
    return _folded(re.sub(r"\((?:[mfdwxh]\s*[/|]\s*){1,3}[mfdwxh]\)|\(all genders\)", " ", value, flags=re.I))


def block_key(company: str, name: str) -> str:
    """Where to look for the same vacancy: employer and title. Bounded; a hash stands for what is longer."""
    return bounded(f"{employer(company)}|{title(name)}", 300)


def bounded(value: str, limit: int) -> str:
    """`value`, its end replaced by a hash where it is too long for an index."""
    if len(value) <= limit:
        return value
    return f"{value[: limit - 33]}~{hashlib.sha256(value.encode()).hexdigest()[:32]}"


def _ats_key(host: str, path: str, query: dict[str, str]) -> str | None:
    if query.get("gh_jid", "").isdigit():
        return f"greenhouse-{query['gh_jid']}"
    if host.endswith("greenhouse.io") and query.get("token", "").isdigit():
        return f"greenhouse-{query['token']}"
    if host.endswith(".myworkdayjobs.com"):
        found = _WORKDAY.search(path)
        return f"workday-{host.split('.', 1)[0]}-{found[1].lower()}" if found else None
    for name, of_host, of_path in _PORTALS:
        if of_host.search(host) and (found := of_path.search(path)):
            tenant = f"{host}-" if name == "recruitee" else ""
            return f"{name}-{tenant}{found[1].lower()}"
    return None


def url_key(url: str | None) -> tuple[str, bool] | None:
    """An address to apply at, canonical, and whether it names one vacancy by itself (a known system's number).

    "https://jobs.lever.co/acme/<UUID>/apply?utm_source=x" → ("lever-<uuid>", True). None without a usable address.
    """
    try:
        parts = urlsplit((url or "").strip())
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    query = {name: value for name, value in parse_qsl(parts.query) if not _QUERY_NOISE.match(name)}
    strong = _ats_key(host, parts.path, query)
    if strong:
        return bounded(strong, 300), True
    path = re.sub(r"/(?:apply|application)$", "", parts.path.rstrip("/"))
    rest = "&".join(f"{name}={query[name]}" for name in sorted(query))
    return bounded(f"url-{host}{port}{path}{'?' if rest else ''}{rest}", 300), False


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _folded(text[:20_000]).split()
    return frozenset(zip(words, words[1:], words[2:], strict=False)) or frozenset({tuple(words)} if words else ())


def similarity(one: str, other: str) -> float:
    """How much of two texts is shared, 0–1 (Jaccard over runs of three words). Two empty texts share nothing."""
    mine, its = _shingles(one), _shingles(other)
    return len(mine & its) / len(mine | its) if mine and its else 0.0


def text_hash(text: str) -> str:
    """Equal for texts that differ in case, spaces and punctuation only."""
    return hashlib.sha256(_folded(text).encode()).hexdigest()


def certainly_same(one: Vacancy, other: Vacancy, *, same_board: bool) -> bool | None:
    """Whether two are one vacancy; None where their descriptions must be compared.

    One board that lists two ids means two vacancies, unless title, places and description are equal.
    """
    if same_board:
        equal = one.block == other.block and one.text_hash == other.text_hash
        return equal and same_places(one.places, other.places)
    same_url = one.url_key is not None and one.url_key == other.url_key
    if same_url and one.url_key and not one.url_key.startswith("url-"):
        return True
    if one.block != other.block or not same_places(one.places, other.places):
        return False
    return True if same_url or one.text_hash == other.text_hash else None


def identity_key(block: str, where: Iterable[Place], taken: int = 0) -> str:
    """The name a vacancy keeps for good; `taken` counts different vacancies that would have the same."""
    cities = "+".join(sorted({found.city or found.state or found.country for found in where}))
    return bounded(f"{block}|{cities}", 380) + (f"#{taken + 1}" if taken else "")
