"""`cabrank sources`: boards to watch, from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from app.commands.session import once
from app.errors import NotFound
from app.platform.db import Database, Tx
from app.postings import service
from app.postings.types import Source


def add(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def act(db: Database) -> tuple[Source, bool]:
        async with db.transaction() as tx:
            return await service.add_source(
                tx, kind=given.kind, token=given.token, name=given.name or "", base_url=given.base_url or "",
                interval_seconds=given.interval,
            )  # fmt: skip

    source, made = once(environ, act)
    print(f"{'watching' if made else 'already watched:'} {source.kind} {source.token} ({source.id})")
    return 0


def list_(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def act(db: Database) -> list[Source]:
        async with db.transaction() as tx:
            return await service.list_sources(tx)

    for source in once(environ, act):
        print(f"{source.kind:<11}{source.token:<24}{_state(source)}  {source.name}  {source.id}")
    return 0


def _state(source: Source) -> str:
    if not source.enabled:
        return "off"
    if source.last_error:
        return f"failing ({source.last_error})"
    seen = f"{source.last_ok_at:%Y-%m-%d %H:%M}" if source.last_ok_at else "never fetched"
    return f"{source.last_count} postings, {seen}"


async def _named(tx: Tx, name: str) -> Source:
    found = [one for one in await service.list_sources(tx) if name in (str(one.id), one.token, one.name)]
    if len(found) != 1:
        raise NotFound(f"{len(found)} sources are called {name!r}; `cabrank sources list` shows their ids")
    return found[0]


def run(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def act(db: Database) -> Source:
        async with db.transaction() as tx:
            return await service.run_source(tx, (await _named(tx, given.source)).id)

    source = once(environ, act)
    print(f"asked for a fetch of {source.kind} {source.token}; `cabrank sources list` shows what came of it")
    return 0
