"""What one can do to postings and sources. Each verb runs in the caller's transaction."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from typing import Any, get_args
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from app.errors import FieldError, Invalid, NotFound
from app.platform import outbox, queue
from app.platform.db import Tx
from app.postings import source_store, store
from app.postings.accept import accept_raw, announce, lock_keys
from app.postings.identity import url_key
from app.postings.text import describe, line, printable
from app.postings.types import Kind, Link, NewPosting, Posting, RawPosting, Recorded, Rejected, Seen, Source
from app.words import gettext as _

__all__ = [
    "accept_raw",
    "add_source",
    "by_ids",
    "by_number",
    "change_source",
    "close_missing",
    "count_open",
    "create_internal",
    "create_many",
    "due_sources",
    "get",
    "get_source",
    "hashes",
    "links",
    "list_open",
    "list_postings",
    "list_sources",
    "record",
    "rejected",
    "run_source",
    "source_failed",
    "source_ok",
    "source_waits",
]
FETCH = "discover.fetch"
BULK_LIMIT = 1_000
MIN_INTERVAL = 10


async def get(tx: Tx, posting_id: UUID) -> Posting:
    """Raises NotFound."""
    return _there(await store.get(tx, posting_id), posting_id)


async def by_number(tx: Tx, number: int) -> Posting:
    """Raises NotFound."""
    return _there(await store.by_number(tx, number), number)


def _there(found: Posting | None, wanted: object) -> Posting:
    if found is None:
        raise NotFound(_("There is no such posting."), posting=str(wanted))
    return found


async def by_ids(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Posting]:
    """Those of the postings that exist, by id."""
    return {found.id: found for found in await store.by_ids(tx, ids)}


async def links(tx: Tx, posting_id: UUID) -> list[tuple[Link, str]]:
    """Where the posting was seen, oldest first, each with the name of its source."""
    names = await store.source_names(tx, posting_id)
    return [(link, names.get(link.id, "")) for link in await store.links(tx, posting_id)]


async def list_open(
    tx: Tx, *, before: int | None = None, limit: int = 50, query: str | None = None,
    region: str | None = None, category: str | None = None,
) -> list[Posting]:  # fmt: skip
    """Open postings, the newest first; `before` is the last number of the page before."""
    return await list_postings(
        tx, before=before, limit=limit, query=query, region=region, category=category, state="open"
    )


async def list_postings(
    tx: Tx, *, before: int | None = None, limit: int = 50, query: str | None = None,
    region: str | None = None, category: str | None = None, state: str | None = None,
) -> list[Posting]:  # fmt: skip
    """As list_open, in any state or the one given."""
    return await store.newest(
        tx, before=before, limit=limit, words=query, region=region, category=category, state=state
    )


async def count_open(tx: Tx) -> int:
    return await store.count_open(tx)


# -- what sources say ------------------------------------------------------------------------------------------------


async def hashes(tx: Tx, source_id: UUID) -> dict[str, str]:
    """External id → hash of what is on file: what a fetch needn't read again."""
    return await source_store.hashes(tx, source_id)


async def record(
    tx: Tx, source_id: UUID, *, changed: Sequence[Seen], listed: Collection[str], complete: bool
) -> Recorded:
    """Keep what a fetch brought, in one go: the entries that are new or changed, and which ids were `listed`.

    Emits JobDiscovered for each that can be taken in. Only a complete list says that what it lacks is gone.
    """
    ids = list(listed)
    for raw_id in await source_store.write_raws(tx, source_id, changed):
        await _discovered(tx, raw_id)
    await source_store.touch(tx, source_id, ids)
    gone = await close_missing(tx, source_id, ids) if complete else 0
    refused = await source_store.count_rejected(tx, source_id)
    return Recorded(listed=len(ids), changed=len(changed), rejected=refused, gone=gone)


async def _discovered(tx: Tx, raw_id: UUID, **data: Any) -> None:
    await outbox.emit(tx, "JobDiscovered", topic="jobs.raw", aggregate_id=raw_id, data=data)


async def close_missing(tx: Tx, source_id: UUID, seen_ids: Collection[str]) -> int:
    """Links of the source that are not among `seen_ids` are gone; a posting that no link is left of closes.

    Where another board still lists the vacancy, that one speaks for it from now on. Returns how many links went.
    """
    gone = await source_store.mark_gone(tx, source_id, list(seen_ids))
    if gone:
        await _settle(tx, set(gone))
    return len(gone)


async def _settle(tx: Tx, ids: set[UUID]) -> None:
    closed = await store.close_unlinked(tx, ids)
    for posting_id, version in closed:
        await announce(tx, posting_id, version, "closed")
    for link in await store.first_live_links(tx, ids - {posting_id for posting_id, version in closed}):
        raw_id = link.source_id and await source_store.raw_id_of(tx, link.source_id, link.external_id)
        if raw_id:
            # By the event alone: its row may be locked by who reads it just now and waits for the posting.
            await _discovered(tx, raw_id, again=True)


async def rejected(tx: Tx, source_id: UUID, limit: int = 100) -> list[Rejected]:
    """Entries of a source that can't be used, with the reason, newest first."""
    return await source_store.rejected(tx, source_id, limit)


# -- postings filed by an operator -----------------------------------------------------------------------------------


async def create_internal(tx: Tx, new: NewPosting) -> Posting:
    """File one posting, or change it: its source and external id name it. Raises Invalid."""
    problems = _problems(new, "")
    if problems:
        raise Invalid(errors=problems)
    return (await _file(tx, [new]))[0]


async def create_many(tx: Tx, news: Sequence[NewPosting]) -> list[Posting]:
    """File many, all or none. Raises Invalid naming each bad field by its index in the list."""
    if len(news) > BULK_LIMIT:
        raise Invalid(
            _(
                "At most %(bulk_limit)s postings at once; send the rest in another request.",
                bulk_limit=f"{BULK_LIMIT:,}",
            )
        )
    problems = [problem for index, new in enumerate(news) for problem in _problems(new, f"{index}.")]
    if problems:
        raise Invalid(errors=problems)
    return await _file(tx, news)


def _problems(new: NewPosting, prefix: str) -> list[FieldError]:
    needed = {"external_id": new.external_id, "company": new.company, "title": new.title}
    found = [FieldError(f"{prefix}{name}", _("Fill this in.")) for name, value in needed.items() if not line(value)]
    if new.apply_url and url_key(_address(new)) is None:
        found.append(FieldError(f"{prefix}apply_url", _("Give an http or https address, or leave it out.")))
    return found


def _address(new: NewPosting) -> str | None:
    return printable(new.apply_url or "").strip() or None


async def _file(tx: Tx, news: Sequence[NewPosting]) -> list[Posting]:
    seen, keys = await asyncio.to_thread(_read, news)  # cleaning and hashing their texts may take seconds
    # All locks at once and in order: two bulk requests then wait for each other, and never crosswise.
    await store.lock_keys(tx, keys)
    return [await _filed(tx, new, one) for new, one in zip(news, seen, strict=True)]


def _read(news: Sequence[NewPosting]) -> tuple[list[Seen], list[str]]:
    seen = [_seen(new) for new in news]
    return seen, [key for one in seen if isinstance(one.outcome, RawPosting) for key in lock_keys(one.outcome)]


async def _filed(tx: Tx, new: NewPosting, seen: Seen) -> Posting:
    token = line(new.origin, 120) or "operator"
    source_id, __ = await source_store.ensure(
        tx, {"kind": "operator", "token": token, "base_url": "", "name": token, "enabled": False}
    )
    await source_store.write_raws(tx, source_id, [seen])
    raw_id = await source_store.raw_id_of(tx, source_id, seen.external_id)
    accepted = await accept_raw(tx, raw_id) if raw_id else None
    assert accepted is not None, "it was written in this transaction"  # noqa: S101 - narrows the type, can't fail
    return await get(tx, accepted.posting_id)


def _seen(new: NewPosting) -> Seen:
    html, text, note = describe(new.description_html)
    raw = RawPosting(
        external_id=line(new.external_id, 200),
        company=line(new.company, 200),
        title=line(new.title),
        location=line(new.location),
        remote=True if "remote" in new.location.casefold() else None,
        description_html=html,
        description_text=text,
        note=note,
        apply_url=_address(new),
        region=line(new.region, 40) or None,
        category=line(new.category, 40) or None,
    )
    digest = hashlib.sha256(msgspec.json.encode(raw, order="sorted")).hexdigest()
    return Seen(external_id=raw.external_id, content_hash=digest, outcome=raw)


# -- sources ---------------------------------------------------------------------------------------------------------


async def add_source(
    tx: Tx, *, kind: str, token: str, name: str | None = None, base_url: str | None = None, interval_seconds: int = 300
) -> tuple[Source, bool]:
    """Watch a board from now on: its first fetch is asked for at once. Returns it, and whether it is new.

    `token` is the board's name in its own addresses, `name` the employer's, `base_url` where the API stands if not at
    its usual host. Raises Invalid.
    """
    kind, token, address = kind.strip().lower(), token.strip(), (base_url or "").strip().rstrip("/")
    problems = _source_problems(kind, token, address, interval_seconds)
    if problems:
        raise Invalid(errors=problems)
    values = {"kind": kind, "token": token, "base_url": address, "interval_seconds": interval_seconds}
    source_id, made = await source_store.ensure(tx, values | {"name": line(name, 200) or token})
    if made:
        await run_source(tx, source_id)
    return await get_source(tx, source_id), made


def _source_problems(kind: str, token: str, base_url: str, interval_seconds: int) -> list[FieldError]:
    kinds = [name for name in get_args(Kind) if name != "operator"]
    checks = [
        ("kind", kind in kinds, f"Choose one of {', '.join(kinds)}."),
        (
            "token",
            token == printable(token) and 0 < len(token) <= 120 and not set(token) & set("/?#% \\"),
            "Give the board's name alone.",
        ),
        ("base_url", not base_url or _is_address(base_url), "Give an http or https address, or leave it out."),
        ("interval_seconds", MIN_INTERVAL <= interval_seconds <= 86_400, f"Give {MIN_INTERVAL} to 86400 seconds."),
    ]
    return [FieldError(path, message) for path, good, message in checks if not good]


def _is_address(value: str) -> bool:
    """An API's address: nothing that has no place there, such as a password or a query, and not too long to keep."""
    if value != printable(value) or len(value) > 300 or url_key(value) is None:
        return False
    parts = urlsplit(value)
    return len(parts.netloc) <= 160 and "@" not in parts.netloc and not parts.query and not parts.fragment


async def get_source(tx: Tx, source_id: UUID) -> Source:
    """Raises NotFound."""
    found = await source_store.get(tx, source_id)
    if found is None:
        raise NotFound(_("There is no such source."), source=str(source_id))
    return found


async def list_sources(tx: Tx) -> list[Source]:
    """The boards that are watched, by kind and token; not the names under which operators file postings."""
    return [found for found in await source_store.every(tx) if found.kind != "operator"]


async def change_source(
    tx: Tx,
    source_id: UUID,
    *,
    enabled: bool | None = None,
    interval_seconds: int | None = None,
    name: str | None = None,
) -> Source:
    """Change what is given. Raises NotFound, Invalid."""
    if interval_seconds is not None and not MIN_INTERVAL <= interval_seconds <= 86_400:
        raise Invalid(
            errors=[
                FieldError("interval_seconds", _("Give %(min_interval)s to 86400 seconds.", min_interval=MIN_INTERVAL))
            ]
        )
    given: dict[str, Any] = {"enabled": enabled, "interval_seconds": interval_seconds, "name": name and line(name, 200)}
    values = {field: value for field, value in given.items() if value is not None and value != ""}
    if values and not await source_store.change(tx, source_id, values):
        raise NotFound(_("There is no such source."), source=str(source_id))
    return await get_source(tx, source_id)


async def run_source(tx: Tx, source_id: UUID) -> Source:
    """Fetch this board now; a fetch that is under way is done once more after it. Raises NotFound, Invalid."""
    found = await get_source(tx, source_id)
    if found.kind == "operator":
        raise Invalid(
            _("Postings under this name are filed by hand; there is no board to fetch."), source=str(source_id)
        )
    await queue.add(tx, FETCH, str(source_id))
    return found


async def due_sources(tx: Tx, limit: int = 200) -> int:
    """Ask for a fetch of every source whose time has come; returns how many."""
    due = await source_store.take_due(tx, limit)
    for source_id in due:
        await queue.add(tx, FETCH, str(source_id))
    return len(due)


async def source_ok(tx: Tx, source_id: UUID, *, count: int, note: str | None, wait_seconds: float) -> None:
    """A fetch brought a list of `count` entries; the next is due in `wait_seconds`."""
    await source_store.ran(tx, source_id, wait_seconds=wait_seconds, ok=True, last_note=note, last_count=count)


async def source_failed(tx: Tx, source_id: UUID, *, error: str, wait_seconds: float) -> None:
    """A fetch failed for this reason, written for the operator; the next is due in `wait_seconds`."""
    await source_store.ran(tx, source_id, wait_seconds=wait_seconds, ok=False, last_error=error[:1000])


async def source_waits(tx: Tx, source_id: UUID, *, why: str, wait_seconds: float) -> None:
    """A fetch was put off, by no fault of this source; it is due in `wait_seconds`."""
    await source_store.ran(tx, source_id, wait_seconds=wait_seconds, ok=None, last_error=why[:1000])
