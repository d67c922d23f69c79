"""Taking in what a source said: a new vacancy, another link of a known one, an edit, a return.

The oldest live link speaks for its posting: what other sources say of the same vacancy is kept on their links only,
so that two boards with slightly different texts don't overwrite each other at every fetch.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import msgspec

from app.platform import outbox
from app.platform.db import Tx
from app.postings import identity, source_store, store
from app.postings.labels import category
from app.postings.places import places, region
from app.postings.types import Accepted, Change, Link, Posting, RawPosting, RawRow

# How long after its end a vacancy that comes back is the same one, and not a new search for the same work.
SAME_AFTER_DAYS = 30
_CONTENT = (
    "company", "title", "location", "remote", "description_html", "description_text", "note", "apply_url", "pay",
    "employment_type",
)  # fmt: skip


def vacancy(found: RawPosting) -> identity.Vacancy:
    """What identity is judged by."""
    key = identity.url_key(found.apply_url or found.url)
    return identity.Vacancy(
        block=identity.block_key(found.company, found.title),
        places=places(found.places or [found.location]),
        url_key=key[0] if key else None,
        text_hash=identity.text_hash(found.description_text),
    )


def lock_keys(found: RawPosting) -> list[str]:
    """What must be locked while it is decided whether this vacancy is known."""
    given = vacancy(found)
    return [given.block, *([given.url_key] if given.url_key else [])]


def _portal(kind: str, apply_url: str | None) -> str:
    """Which kind of form waits behind the address."""
    if not apply_url:
        return "internal"
    if kind != "operator":
        return kind
    key = identity.url_key(apply_url)
    return key[0].split("-", 1)[0] if key and key[1] else "website"


def _content(raw: RawRow, found: RawPosting) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(found, name) for name in _CONTENT}
    values |= {
        "places": found.places or [name for name in [found.location] if name],
        "portal": _portal(raw.kind, found.apply_url),
        "region": found.region or region([found.location, *found.places], found.remote),
        "category": found.category or category(found.title),
    }
    values["content_hash"] = hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()
    given = vacancy(found)
    return values | {"block_key": given.block, "text_hash": given.text_hash}


def _link(found: RawPosting) -> dict[str, Any]:
    seen = {"url": found.url, "apply_url": found.apply_url, "title": found.title, "location": found.location}
    return seen | {"url_key": vacancy(found).url_key}


async def announce(tx: Tx, posting_id: UUID, version: int, change: Change, **more: Any) -> None:
    """Tell everybody that a posting came, changed, closed or was seen somewhere else too."""
    data = {"change": change} | more
    await outbox.emit(tx, "JobAccepted", topic="jobs.new", aggregate_id=posting_id, version=version, data=data)


async def accept_raw(tx: Tx, raw_id: UUID) -> Accepted | None:
    """Take one raw posting in. None when there is nothing to take: refused, gone, or taken in already."""
    raw = await source_store.lock_raw(tx, raw_id)
    if raw is None or raw.error or raw.gone_at or raw.accepted_at:
        return None
    found = msgspec.convert(raw.payload, RawPosting)
    link = await store.link_of(tx, raw.source_id, raw.external_id)
    accepted = await (_again(tx, raw, found, link) if link else _first(tx, raw, found))
    await source_store.settle_raw(tx, raw.id, accepted.posting_id)
    return accepted


async def _again(tx: Tx, raw: RawRow, found: RawPosting, link: Link) -> Accepted:
    await store.renew_link(tx, link.id, _link(found))
    posting = await _locked(tx, link.posting_id)
    speakers = await store.first_live_links(tx, [posting.id])
    if posting.state == "open" and speakers[0].id != link.id:
        return Accepted(posting.id, posting.number, "unchanged")
    return await _apply(tx, posting, _content(raw, found))


async def _apply(tx: Tx, posting: Posting, content: dict[str, Any]) -> Accepted:
    """Write new content; a closed posting opens by it."""
    if posting.state == "open" and posting.content_hash == content["content_hash"]:
        return Accepted(posting.id, posting.number, "unchanged")
    edited = await store.edit(tx, posting.id, content)
    await announce(tx, edited.id, edited.version, "edited", reopened=posting.state == "closed")
    return Accepted(edited.id, edited.number, "edited")


async def _first(tx: Tx, raw: RawRow, found: RawPosting) -> Accepted:
    await store.lock_keys(tx, lock_keys(found))
    known = await _known(tx, raw.source_id, found)
    posting = await _locked(tx, known) if known else await _created(tx, raw, found)
    address = {"posting_id": posting.id, "source_id": raw.source_id, "external_id": raw.external_id}
    await store.add_link(tx, address | _link(found))
    if not known:
        await announce(tx, posting.id, posting.version, "new")
        return Accepted(posting.id, posting.number, "new")
    if posting.state == "closed":
        return await _apply(tx, posting, _content(raw, found))
    await announce(tx, posting.id, posting.version, "linked")
    return Accepted(posting.id, posting.number, "linked")


async def _created(tx: Tx, raw: RawRow, found: RawPosting) -> Posting:
    given = vacancy(found)
    key = identity.identity_key(given.block, given.places)
    key = identity.identity_key(given.block, given.places, await store.keys_taken(tx, key))
    return await store.create(tx, _content(raw, found) | {"identity_key": key})


async def _locked(tx: Tx, posting_id: UUID) -> Posting:
    posting = await store.get(tx, posting_id, lock=True)
    assert posting is not None, "a link refers to it"  # noqa: S101 - narrows the type, the foreign key holds it
    return posting


async def _known(tx: Tx, source_id: UUID, found: RawPosting) -> UUID | None:
    """The posting that is this vacancy, if one is."""
    mine = vacancy(found)
    rows = await store.candidates(
        tx, block=mine.block, url_key=mine.url_key, source_id=source_id, closed_days=SAME_AFTER_DAYS
    )
    for row in rows:
        if await _same(tx, mine, found, row):
            return row.id
    return None


async def _same(tx: Tx, mine: identity.Vacancy, found: RawPosting, row: store.Candidate) -> bool:
    shared = mine.url_key if mine.url_key in row.url_keys else None
    its = identity.Vacancy(block=row.block_key, places=places(row.places), url_key=shared, text_hash=row.text_hash)
    sure = identity.certainly_same(mine, its, same_board=row.same_board)
    if sure is not None:
        return sure
    return identity.similarity(found.description_text, await store.description(tx, row.id)) >= identity.SIMILAR
