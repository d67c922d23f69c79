"""`cabrank bench match`: embeddings, one posting against everybody, one resume against everything, an edit's new score.

On a PostgreSQL and an embedder of one's own. Postings and seekers are written straight into the tables as copies of the
practice board's postings and the demo's resumes, each with a gist of its own; what is measured is the product's path
from the rows to complete scores. Baselines in the same run: pairs scored from their texts, and one plain cosine.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from app.bench import match_embed
from app.bench.rig import shelves
from app.bench.rig.report import machine, show, spread
from app.bench.rig.shelves import Shelves
from app.bots.match import likeness, ranking, service, store_sides, vectors, versions
from app.bots.match.preparing import Preparer, Ready, Subject
from app.bots.match.scale import packaged
from app.platform.clock import monotonic

SIZES = (1_000, 10_000, 100_000)
DEEP = 1_000_000
SEEKERS, BEST_SEEKERS, BEST_POSTINGS = 10_000, 500, 1_000
EDITS, ROUNDS, BATCH = 200, 15, 200
GOALS = {"embeddings_ratio": 2.5, "posting_ms": 150, "resume_ms": 400, "edit_p50_ms": 80, "edit_p99_ms": 250}


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    told = machine() | {"goals": GOALS, "embeddings": msgspec.to_builtins(match_embed.measure())}
    with tempfile.TemporaryDirectory(prefix="cabrank-") as folder:
        told |= asyncio.run(_measure(Path(folder), deep="CABRANK_BENCH_DEEP" in environ))
    show(told, as_json=as_json)
    return 0


async def _measure(home: Path, *, deep: bool) -> dict[str, Any]:
    home.chmod(0o755)
    async with shelves.open_at(home) as shelf:
        await shelf.people(SEEKERS)
        told: dict[str, Any] = {"curve": []}
        for size in (*SIZES, *((DEEP,) if deep else ())):
            await shelf.postings(size)
            told["curve"].append(await _resume_against(shelf, size))
        told["new_resume"] = next(row for row in told["curve"] if row["postings"] == SIZES[-1])
        told["new_posting"] = await _posting_against(shelf)
        told["edit"] = await _edits(shelf)
        told["memory_mb"] = shelf.memory()
        return told


async def _resume_against(shelf: Shelves, size: int) -> dict[str, Any]:
    """One resume: the nearest BEST_POSTINGS of all open ones with complete scores."""
    prepare = Preparer(shelf.db, shelf.embedder)
    subject = await prepare.subject(shelf.seekers[0])
    assert subject is not None  # noqa: S101 - just written
    took, parts = [], []
    for _ in range(ROUNDS if size <= SIZES[-1] else 5):
        began = monotonic()
        async with shelf.db.transaction() as tx:
            ids = await store_sides.nearest_stale(tx, subject.basis, subject.side.told.gist, BEST_POSTINGS)
        ordered = monotonic()
        ready = await prepare.postings(ids)
        loaded = monotonic()
        _complete(subject, ready)
        took.append(monotonic() - began)
        parts.append((ordered - began, loaded - ordered, monotonic() - loaded))
    share = [round(1000 * statistics.median(column), 1) for column in zip(*parts, strict=True)]
    named = dict(zip(("order_ms", "load_ms", "score_ms"), share, strict=True))
    return {"postings": size, "best": BEST_POSTINGS} | spread(took) | named


def _complete(subject: Subject, ready: list[Ready]) -> int:
    likes = likeness.of_postings([one.side.asked for one in ready], subject.side.told)
    who = subject.side.who
    return len([ranking.score(one.side.needs, who, like) for one, like in zip(ready, likes, strict=True)])


async def _posting_against(shelf: Shelves) -> dict[str, Any]:
    """One posting: the nearest BEST_SEEKERS of all with complete scores."""
    prepare = Preparer(shelf.db, shelf.embedder)
    version = versions.line(await shelf.embedder.model(), packaged())
    took = []
    for _ in range(ROUNDS):
        began = monotonic()
        (ready,) = await prepare.postings([shelf.first])
        async with shelf.db.transaction() as tx:
            gist = ready.side.asked.gist
            ids = await store_sides.nearest_stale_seekers(tx, shelf.first, version, gist, BEST_SEEKERS)
        for subject in await prepare.subjects(ids):
            _complete(subject, [ready])
        took.append(monotonic() - began)
    return {"seekers": SEEKERS, "best": BEST_SEEKERS} | spread(took) | {"from_texts_ms": await _from_texts(shelf)}


async def _from_texts(shelf: Shelves) -> float:
    """The baseline: the same pairs without kept sides, per BEST_SEEKERS pairs, from 20."""
    began = monotonic()
    for text in shelf.resumes[:20]:
        async with shelf.db.transaction() as tx:
            vectors.memory = vectors.Memory()
            await service.rescore(
                tx, shelf.embedder, posting_id=shelf.first, seeker_id=shelf.seekers[0], resume_text=text
            )
    return round(1000 * (monotonic() - began) / 20 * BEST_SEEKERS, 1)


async def _edits(shelf: Shelves) -> dict[str, Any]:
    """A sentence changed in the console, until its new score is there."""
    took = []
    for number in range(EDITS):
        text = f"{shelf.resumes[0]}\nBuilt {number} services with Kafka and PostgreSQL for {number} customers"
        began = monotonic()
        async with shelf.db.transaction() as tx:
            await service.rescore(
                tx, shelf.embedder, posting_id=shelf.first, seeker_id=shelf.seekers[0], resume_text=text
            )
        took.append(monotonic() - began)
    return spread(took)
