"""`cabrank bench main-path`: how long a posting takes to be scored, to reach a desk, and to be with the employer.

Two hundred postings that fit the demo's seeker in part are filed one after another on a stack of one's own, while the
practice board's postings go through real forms in a browser. Times are the database's and this machine's, one clock.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.bench.rig import journeys
from app.bench.rig.people import Reviewer
from app.bench.rig.stack import Stack, running
from app.platform.clock import monotonic, utcnow
from app.platform.db import Database
from app.platform.embedded import Postgres

POSTINGS = 200
BOARD_JOURNEYS = 5  # of the practice board's postings at least so many suit the seeker
PAUSE_SECONDS = 0.2  # between two postings filed
PATIENCE_SECONDS = 300.0
SEEKER = "jane@cabrank.test"
ENVIRON = {"CABRANK_DAILY_APPLICATIONS": "1000"}
TEXT = """<p>Our payments team looks for a {title}. You own services behind card payouts, team {n}.</p>
<h3>What you bring</h3><ul><li>5+ years of Python in production, asyncio</li><li>PostgreSQL and migrations without
downtime</li><li>Kafka or another event stream</li><li>Docker and Kubernetes on AWS</li>
<li>{odd}</li><li>{odder}</li></ul>
<p>Core hours are 11 to 15, and on-call is paid.</p>"""
TITLES = ("Backend Engineer", "Python Engineer", "Platform Engineer", "Software Engineer, Payments")
ODD = (("Scala and Spark", "Salesforce"), ("Ruby on Rails", "Elixir"), ("COBOL", "Mainframe batch"), ("Swift", "Unity"))

SCORED = """SELECT EXTRACT(EPOCH FROM m.computed_at - p.opened_at) FROM match m JOIN posting p ON p.id = m.posting_id
WHERE p.company LIKE 'Bench %'"""
REVIEWS = """SELECT r.id::text, EXTRACT(EPOCH FROM m.computed_at), EXTRACT(EPOCH FROM a.created_at)
FROM review r JOIN application a ON a.id = r.application_id
JOIN match m ON (m.seeker_id, m.posting_id) = (a.seeker_id, a.posting_id) WHERE r.kind = 'resume'"""
SENT = """SELECT p.apply_url IS NOT NULL, EXTRACT(EPOCH FROM a.applied_at - r.ended_at)
FROM application a JOIN posting p ON p.id = a.posting_id JOIN review r ON r.application_id = a.id
WHERE a.status = 'applied' AND r.ended_at = (SELECT max(ended_at) FROM review WHERE application_id = a.id)"""


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    told = asyncio.run(_measure())
    print(json.dumps(told, indent=None if as_json else 2))
    return 0


async def _measure() -> dict[str, Any]:
    async with running(ENVIRON) as stack:
        supervisor, reviewers = await journeys.staff(stack, pause=0, capacity=100)
        client = await journeys.join(stack, SEEKER)
        memory = asyncio.create_task(_peak_memory(stack))
        try:
            await _file(stack)
            await _until_scored(stack)
            filed = await journeys.ended({SEEKER: client}, 1, PATIENCE_SECONDS)
            await journeys.watch_boards(stack)
            found = await journeys.ended({SEEKER: client}, len(filed) + BOARD_JOURNEYS, PATIENCE_SECONDS)
            return await _report(stack, reviewers, len(found)) | {"memory_pss_mb": _megabytes(await _stop(memory))}
        finally:
            for reviewer in reviewers:
                await reviewer.stop()
            for one in (supervisor, client, *(reviewer.client for reviewer in reviewers)):
                await one.aclose()


def _posting(n: int) -> dict[str, Any]:
    title, (odd, odder) = TITLES[n % len(TITLES)], ODD[n % len(ODD)]
    description = TEXT.format(title=title, n=n, odd=odd, odder=odder)
    return {
        "source": "bench", "external_id": str(n), "company": f"Bench {n}", "title": title, "location": "London",
        "description_html": description,
    }  # fmt: skip


async def _file(stack: Stack) -> None:
    operator = await stack.sign_in("operator@cabrank.test")
    for n in range(POSTINGS):
        (await operator.post("/api/postings/", json=_posting(n))).raise_for_status()
        await asyncio.sleep(PAUSE_SECONDS)
    await operator.aclose()


async def _rows(stack: Stack, sql: str) -> list[Any]:
    db = Database(Postgres(stack.home).url(), pooled=False, process="bench")
    async with db.transaction() as tx:
        rows = list((await tx.conn.execute(text(sql))).all())
    await db.dispose()
    return rows


async def _until_scored(stack: Stack) -> None:
    until = monotonic() + PATIENCE_SECONDS
    while len(await _rows(stack, SCORED)) < POSTINGS and monotonic() < until:  # noqa: ASYNC110 - another process's rows
        await asyncio.sleep(0.5)


async def _report(stack: Stack, reviewers: list[Reviewer], ended: int) -> dict[str, Any]:
    offset = utcnow().timestamp() - monotonic()
    frames = {
        frame["data"]["review"]: at + offset
        for reviewer in reviewers
        for at, frame in reversed(reviewer.frames)
        if frame["type"] == "review_assigned"
    }
    reviews = [row for row in await _rows(stack, REVIEWS) if row[0] in frames]
    sent = await _rows(stack, SENT)
    return {
        "postings": POSTINGS,
        "journeys_ended": ended,
        "stored_to_scored_ms": _spread([float(row[0]) for row in await _rows(stack, SCORED)]),
        "scored_to_frame_ms": _spread([frames[row[0]] - float(row[1]) for row in reviews]),
        "decided_to_frame_ms": _spread([frames[row[0]] - float(row[2]) for row in reviews]),
        "completed_to_submitted_by_browser_ms": _spread([float(took) for browser, took in sent if browser]),
        "completed_to_submitted_internal_ms": _spread([float(took) for browser, took in sent if not browser]),
    }


def _spread(seconds: list[float]) -> dict[str, float | int]:
    """Count, p50 and p99 in milliseconds."""
    if len(seconds) < 2:
        return {"n": len(seconds)}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"n": len(seconds), "p50": round(cuts[49] * 1000, 1), "p99": round(cuts[98] * 1000, 1)}


async def _peak_memory(stack: Stack) -> dict[str, int]:
    """The largest PSS of each process, looked at each two seconds until cancelled."""
    peak: dict[str, int] = {}
    try:
        while True:
            for name, pss in stack.memory().items():
                peak[name] = max(peak.get(name, 0), pss)
            await asyncio.sleep(2)
    except asyncio.CancelledError:
        return peak


async def _stop(memory: asyncio.Task[dict[str, int]]) -> dict[str, int]:
    memory.cancel()
    return await memory


def _megabytes(peak: dict[str, int]) -> dict[str, int]:
    return {name: pss // 2**20 for name, pss in sorted(peak.items())} | {"all": sum(peak.values()) // 2**20}
