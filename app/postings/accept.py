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
    return _keys(vacancy(found))


def _keys(given: identity.Vacancy) -> list[str]:
    return [given.block, *([given.url_key] if given.url_key else [])]


def _portal(kind: str, apply_url: str | None) -> str:
    """Which kind of form waits behind the address."""
    if not apply_url:
        return "internal"
    if kind != "operator":
        return kind
    key = identity.url_key(apply_url)
    return key[0].split("-", 1)[0] if key and key[1] else "website"


class Told(msgspec.Struct, frozen=True):
    """A stored raw posting, as read, with its identity, which is worked out once: it hashes the whole description."""

    raw: RawRow
    found: RawPosting
    vacancy: identity.Vacancy


def _content(told: Told) -> dict[str, Any]:
    raw, found = told.raw, told.found
    values: dict[str, Any] = {name: getattr(found, name) for name in _CONTENT}
    values |= {
        "places": found.places or [name for name in [found.location] if name],
        "portal": _portal(raw.kind, found.apply_url),
        "region": found.region or region([found.location, *found.places], found.remote),
        "category": found.category or category(found.title),
    }
    values["content_hash"] = hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()
    return values | {"block_key": told.vacancy.block, "text_hash": told.vacancy.text_hash}


def _link(told: Told) -> dict[str, Any]:
    found = told.found
    seen = {"url": found.url, "apply_url": found.apply_url, "title": found.title, "location": found.location}
    return seen | {"url_key": told.vacancy.url_key}


async def announce(tx: Tx, posting_id: UUID, version: int, change: Change, **more: Any) -> None:
    """Tell everybody that a posting came, changed, closed or was seen somewhere else too."""
    data = {"change": change} | more
    await outbox.emit(tx, "JobAccepted", topic="jobs.new", aggregate_id=posting_id, version=version, data=data)


async def accept_raw(tx: Tx, raw_id: UUID, *, again: bool = False) -> Accepted | None:
    """Take one raw posting in. None when there is nothing to take: refused, gone, or taken in already.

    `again`: as it stands, although it was taken in, since its link may speak for the posting now.
    """
    raw = await source_store.lock_raw(tx, raw_id)
    if raw is None or raw.error or raw.gone_at or (raw.accepted_at and not again):
        return None
    found = msgspec.convert(raw.payload, RawPosting)
    told = Told(raw, found, vacancy(found))
    link = await store.link_of(tx, raw.source_id, raw.external_id)
    accepted = await (_again(tx, told, link) if link else _first(tx, told))
    await source_store.settle_raw(tx, raw.id, accepted.posting_id)
    return accepted


async def _again(tx: Tx, told: Told, link: Link) -> Accepted:
    await store.renew_link(tx, link.id, _link(told))
    posting = await _locked(tx, link.posting_id)
    speakers = await store.first_live_links(tx, [posting.id])
    if posting.state == "open" and speakers[0].id != link.id:
        return Accepted(posting.id, posting.number, "unchanged")
    return await _apply(tx, posting, _content(told))


async def _apply(tx: Tx, posting: Posting, content: dict[str, Any]) -> Accepted:
    """Write new content; a closed posting opens by it."""
    if posting.state == "open" and posting.content_hash == content["content_hash"]:
        return Accepted(posting.id, posting.number, "unchanged")
    edited = await store.edit(tx, posting.id, content)
    await announce(tx, edited.id, edited.version, "edited", reopened=posting.state == "closed")
    return Accepted(edited.id, edited.number, "edited")


async def _first(tx: Tx, told: Told) -> Accepted:
    await store.lock_keys(tx, _keys(told.vacancy))
    known = await _known(tx, told)
    posting = await _locked(tx, known) if known else await _created(tx, told)
    address = {"posting_id": posting.id, "source_id": told.raw.source_id, "external_id": told.raw.external_id}
    await store.add_link(tx, address | _link(told))
    if not known:
        await announce(tx, posting.id, posting.version, "new")
        return Accepted(posting.id, posting.number, "new")
    if posting.state == "closed":
        return await _apply(tx, posting, _content(told))
    await announce(tx, posting.id, posting.version, "linked")
    return Accepted(posting.id, posting.number, "linked")


async def _created(tx: Tx, told: Told) -> Posting:
    given = told.vacancy
    key = identity.identity_key(given.block, given.places)
    key = identity.identity_key(given.block, given.places, await store.keys_taken(tx, key))
    return await store.create(tx, _content(told) | {"identity_key": key})


async def _locked(tx: Tx, posting_id: UUID) -> Posting:
    posting = await store.get(tx, posting_id, lock=True)
    assert posting is not None, "a link refers to it"  # noqa: S101 - narrows the type, the foreign key holds it
    return posting


async def _known(tx: Tx, told: Told) -> UUID | None:
    """The posting that is this vacancy, if one is."""
    mine = told.vacancy
    rows = await store.candidates(
        tx, block=mine.block, url_key=mine.url_key, source_id=told.raw.source_id, closed_days=SAME_AFTER_DAYS
    )
    for row in rows:
        if await _same(tx, told, row):
            return row.id
    return None


async def _same(tx: Tx, told: Told, row: store.Candidate) -> bool:
    mine = told.vacancy
    shared = mine.url_key if mine.url_key in row.url_keys else None
    its = identity.Vacancy(block=row.block_key, places=places(row.places), url_key=shared, text_hash=row.text_hash)
    sure = identity.certainly_same(mine, its, same_board=row.same_board)
    if sure is not None:
        return sure
    return identity.similarity(told.found.description_text, await store.description(tx, row.id)) >= identity.SIMILAR
