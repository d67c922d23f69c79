"""Fetching one source: ask, read what is new, keep it, and say how it went.

What a fetch brings is written in one transaction with the end of its task, so a worker that dies or loses its lease
leaves no half list. A failed or partial fetch closes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from prometheus_client import Counter, Gauge

from app.bots.discover import parse
from app.bots.discover.ashby import Ashby
from app.bots.discover.fetcher import Fetcher
from app.bots.discover.greenhouse import Greenhouse
from app.bots.discover.lever import Lever
from app.bots.discover.problems import FetchError, OurLimit
from app.bots.discover.source import Board, Listing, Source
from app.errors import NotFound
from app.platform import breaker, queue
from app.platform.db import Database, Tx
from app.platform.queue import Claim
from app.platform.telemetry import get_logger
from app.postings import service as postings
from app.postings import types

log = get_logger(__name__)
SOURCES: Mapping[str, Source] = {source.kind: source for source in (Greenhouse(), Lever(), Ashby())}
FIRST_PAUSE = 60.0
LONGEST_PAUSE = 6 * 3600.0
_FETCHES = Counter("cabrank_fetches_total", "Fetches of sources by how they ended", ["kind", "outcome"])
_FOUND = Counter("cabrank_postings_found_total", "Entries of boards that were new or changed", ["kind"])
_ACTIVE = Gauge("cabrank_fetches_active", "Fetches of sources under way")


class Catch(msgspec.Struct, frozen=True):
    """A list as read: which ids it named, what is new or changed, how many entries repeated an id."""

    listed: frozenset[str]
    changed: list[types.Seen]
    repeated: int


def board_of(source: types.Source) -> Board:
    return Board(source.base_url or SOURCES[source.kind].default_url, source.token)


def pause(failures: int, least: float) -> float:
    """Seconds until the next try after so many failures before this one: a minute, doubled each time, to 6 h."""
    return max(least, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 12)))


def read(kind: str, items: list[Any], company: str, known: Mapping[str, str]) -> Catch:
    """Read the entries that aren't on file as they are. Slow for a long list: not on the event loop."""
    listed: set[str] = set()
    changed: list[types.Seen] = []
    for item in items:
        found, digest = parse.identify(item, company)
        if found not in listed and known.get(found) != digest:
            changed.append(parse.read(kind, item, company))
        listed.add(found)
    return Catch(frozenset(listed), changed, len(items) - len(listed))


async def fetch_source(db: Database, fetcher: Fetcher, claim: Claim) -> None:
    """The background function `discover.fetch`; its key is the source's id."""
    started = await _start(db, claim)
    if started is None:
        return
    source, known = started
    with _ACTIVE.track_inprogress():
        listing = await _listing(source, fetcher)
        catch = await asyncio.to_thread(read, source.kind, listing.items, source.name, known)
    async with db.transaction() as tx:
        await _keep(tx, source, listing, catch)
        await queue.finish(tx, claim)
    _FOUND.labels(source.kind).inc(len(catch.changed))
    _FETCHES.labels(source.kind, listing.problem.name if listing.problem else "ok").inc()


async def _start(db: Database, claim: Claim) -> tuple[types.Source, dict[str, str]] | None:
    """The source and what is on file of it; None when there is nothing to fetch now."""
    async with db.transaction() as tx:
        try:
            source = await postings.get_source(tx, UUID(claim.key))
        except NotFound:
            return None
        if source.kind not in SOURCES:
            return None
        portal = board_of(source).portal
        wait = await breaker.allow(tx, portal)
        if not wait:
            return source, await postings.hashes(tx, source.id)
        why = f"{portal} failed several times in a row, so nobody asks it for {wait:.0f} s; we come back by ourselves."
        await postings.source_waits(tx, source.id, why=why, wait_seconds=wait)
        await queue.finish(tx, claim)
    _FETCHES.labels(source.kind, "breaker_open").inc()
    return None


async def _listing(source: types.Source, fetcher: Fetcher) -> Listing:
    try:
        return await SOURCES[source.kind].listing(board_of(source), fetcher)
    except FetchError as why:
        return Listing([], complete=False, problem=why)


async def _keep(tx: Tx, source: types.Source, listing: Listing, catch: Catch) -> None:
    recorded = types.Recorded()
    if catch.listed or listing.complete:
        recorded = await postings.record(
            tx, source.id, changed=catch.changed, listed=catch.listed, complete=listing.complete
        )
    if listing.problem:
        await _failed(tx, source, listing.problem)
    else:
        await _succeeded(tx, source, listing, catch, recorded)


async def _succeeded(tx: Tx, source: types.Source, listing: Listing, catch: Catch, recorded: types.Recorded) -> None:
    await breaker.succeeded(tx, board_of(source).portal)
    notes = [listing.note or ""]
    if recorded.rejected:
        notes.append(f"{recorded.rejected} of {recorded.listed} entries can't be used; their reasons are listed.")
    if catch.repeated:
        notes.append(f"{catch.repeated} entries repeat an id and were passed over.")
    note = " ".join(filter(None, notes)) or None
    wait = float(source.interval_seconds)
    await postings.source_ok(tx, source.id, count=recorded.listed, note=note, wait_seconds=wait)
    log.info("source_fetched", source=source.token, kind=source.kind, **msgspec.structs.asdict(recorded))


async def _failed(tx: Tx, source: types.Source, problem: FetchError) -> None:
    portal, why = board_of(source).portal, str(problem)
    log.warning("source_failed", source=source.token, kind=source.kind, problem=problem.name, why=why)
    if isinstance(problem, OurLimit):
        await postings.source_waits(tx, source.id, why=why, wait_seconds=problem.wait)
        return
    if problem.portal_fault:
        await breaker.failed(tx, portal, why)
    else:
        await breaker.succeeded(tx, portal)
    await postings.source_failed(tx, source.id, error=why, wait_seconds=pause(source.failures, problem.wait))
