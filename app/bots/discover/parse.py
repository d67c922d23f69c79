"""What Greenhouse, Lever and Ashby say about a vacancy, as RawPosting. Pure: values in, values out.

Missing keys are lived with. An entry without a title or an id becomes a Rejected with its reason, so that it is counted
and shown to an operator, never lost. Shapes as the boards' public APIs answered in 2026 (docs of each: job board API,
postings API, posting API).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from app.postings.text import describe, escaped, line, printable, unescaped
from app.postings.types import RawPosting, Rejected, Seen

# Part of every hash: raise it when reading changes, and the next fetch reads everything anew.
READER = 1
_EXCERPT = 2_000
_ID_LIMIT = 200

Json = Any  # a decoded JSON value of unknown shape


class Misshapen(ValueError):
    """The document is JSON, but not a list of postings."""


class Refusal(ValueError):
    """Why an entry can't be a posting."""


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _url(value: Json) -> str | None:
    found = printable(_text(value)).strip()
    try:
        whole = urlsplit(found)
        return found if whole.scheme in ("http", "https") and whole.hostname and len(found) <= 2000 else None
    except ValueError:
        return None


def _unique(values: list[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]


def entries(kind: str, document: Json) -> list[Json]:
    """The list inside a board's answer. Raises Misshapen."""
    found = document if kind == "lever" else _dict(document).get("jobs")
    if not isinstance(found, list):
        where = "a list" if kind == "lever" else 'an object with a list "jobs"'
        raise Misshapen(f"the answer is JSON, but not {where}")
    return found


def announced(document: Json) -> int | None:
    """How many postings the answer says there are (Greenhouse's meta.total), where it says so."""
    total = _dict(_dict(document).get("meta")).get("total")
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def external_id(item: Json) -> str:
    """The board's id of an entry, "" without one."""
    return line(_dict(item).get("id"), _ID_LIMIT)


def is_unlisted(item: Json) -> bool:
    """Ashby's word for a posting that is on file there and not, or no longer, for everybody."""
    return _dict(item).get("isListed") is False


def identify(item: Json, company: str) -> tuple[str, str]:
    """(id, hash of all that an entry says, whatever the order of its keys). Without an id, the hash stands for it."""
    digest = hashlib.sha256(json.dumps([READER, company, item], sort_keys=True).encode()).hexdigest()
    return external_id(item) or f"?{digest[:32]}", digest


def read(kind: str, item: Json, company: str) -> Seen:
    """Read one entry. `company` is the source's name, for boards that don't say whose they are."""
    found, digest = identify(item, company)
    try:
        outcome: RawPosting | Rejected = _read(kind, item, company)
    except Refusal as why:
        outcome = Rejected(external_id=found, reason=str(why), excerpt=json.dumps(item)[:_EXCERPT])
    return Seen(external_id=found, content_hash=digest, outcome=outcome)


def _read(kind: str, item: Json, company: str) -> RawPosting:
    if not isinstance(item, dict):
        raise Refusal("it is not an object")
    if not external_id(item):
        raise Refusal("it has no id")
    if not line(item.get("text" if kind == "lever" else "title")):
        raise Refusal("it has no title")
    return _READERS[kind](item, company)


def _posting(*, html: str, places: list[str], **fields: Any) -> RawPosting:
    clean, text, note = describe(html)
    return RawPosting(description_html=clean, description_text=text, note=note, places=places[:50], **fields)


def _remote(said: str, *locations: str) -> bool | None:
    """From a board's word for it, else from a location that says so; None where nothing does."""
    word = said.casefold().replace("-", "").replace(" ", "")
    if word in ("remote", "onsite", "hybrid"):
        return word == "remote"
    return True if any("remote" in location.casefold() for location in locations) else None


def _metadata(item: dict[str, Json], *names: str) -> str:
    """A Greenhouse custom field by any of its usual names."""
    given = map(_dict, _list(item.get("metadata")))
    fields = {line(field.get("name")).casefold(): field.get("value") for field in given}
    return next((line(fields[name]) for name in names if line(fields.get(name))), "")


def _greenhouse_pay(item: dict[str, Json]) -> str | None:
    """`pay_input_ranges` in cents, as "100,000 – 120,000 USD"."""
    for given in map(_dict, _list(item.get("pay_input_ranges"))):
        low, high = given.get("min_cents"), given.get("max_cents")
        if isinstance(low, int) and isinstance(high, int):
            return line(f"{low // 100:,} – {high // 100:,} {line(given.get('currency_type'), 3)}")
    return None


def _greenhouse(item: dict[str, Json], company: str) -> RawPosting:
    location = line(_dict(item.get("location")).get("name"))
    url = _url(item.get("absolute_url"))
    return _posting(
        external_id=external_id(item),
        company=line(item.get("company_name"), 200) or company,
        title=line(item.get("title")),
        location=location,
        places=_unique([location]),
        remote=_remote(_metadata(item, "location type", "workplace type"), location),
        html=unescaped(_text(item.get("content"))),
        url=url,
        apply_url=url,
        pay=_greenhouse_pay(item),
        employment_type=_metadata(item, "employment type", "time type")[:80] or None,
        updated=line(item.get("updated_at"), 40) or None,
    )


def _lever_html(item: dict[str, Json]) -> str:
    """Description, then each list under its heading, then the closing part: the order of Lever's own page."""
    opening = _text(item.get("description")) or f"<p>{escaped(_text(item.get('descriptionPlain')))}</p>"
    lists = [
        f"<h3>{escaped(line(part.get('text')))}</h3><ul>{_text(part.get('content'))}</ul>"
        for part in map(_dict, _list(item.get("lists")))
    ]
    return "".join([opening, *lists, _text(item.get("additional"))])


def _lever_pay(item: dict[str, Json]) -> str | None:
    given = _dict(item.get("salaryRange"))
    low, high = given.get("min"), given.get("max")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return line(item.get("salaryDescriptionPlain")) or None
    return line(f"{low:,.0f} – {high:,.0f} {line(given.get('currency'), 3)} {line(given.get('interval'), 40)}")


def _lever(item: dict[str, Json], company: str) -> RawPosting:
    given = _dict(item.get("categories"))
    location = line(given.get("location"))
    places = _unique([location, *(line(place) for place in _list(given.get("allLocations")))])
    url = _url(item.get("hostedUrl"))
    created = item.get("createdAt")
    return _posting(
        external_id=external_id(item),
        company=company,
        title=line(item.get("text")),
        location=location or (places[0] if places else ""),
        places=places,
        remote=_remote(line(item.get("workplaceType")), location),
        html=_lever_html(item),
        url=url,
        apply_url=_url(item.get("applyUrl")) or (f"{url}/apply" if url else None),
        pay=_lever_pay(item),
        employment_type=line(given.get("commitment"), 80) or None,
        updated=line(created, 40) if isinstance(created, int) else None,
    )


def _ashby_pay(item: dict[str, Json]) -> str | None:
    given = _dict(item.get("compensation"))
    if item.get("shouldDisplayCompensationOnJobPostings") is False:
        return None
    return line(given.get("compensationTierSummary")) or line(given.get("scrapeableCompensationSalarySummary")) or None


def _ashby(item: dict[str, Json], company: str) -> RawPosting:
    if is_unlisted(item):
        raise Refusal("the employer doesn't list it")
    location = line(item.get("location"))
    further = [line(_dict(place).get("location")) for place in _list(item.get("secondaryLocations"))]
    url = _url(item.get("jobUrl"))
    remote = item.get("isRemote")
    said = _remote(line(item.get("workplaceType")), location)
    return _posting(
        external_id=external_id(item),
        company=company,
        title=line(item.get("title")),
        location=location,
        places=_unique([location, *further]),
        remote=said if said is not None else remote if isinstance(remote, bool) else None,
        html=_text(item.get("descriptionHtml")) or f"<p>{escaped(_text(item.get('descriptionPlain')))}</p>",
        url=url,
        apply_url=_url(item.get("applyUrl")) or (f"{url}/application" if url else None),
        pay=_ashby_pay(item),
        employment_type=line(item.get("employmentType"), 80) or None,
        updated=line(item.get("publishedAt"), 40) or None,
    )


_READERS: dict[str, Callable[[dict[str, Json], str], RawPosting]] = {
    "greenhouse": _greenhouse,
    "lever": _lever,
    "ashby": _ashby,
}
