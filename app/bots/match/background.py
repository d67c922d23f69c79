"""Machines at work on matching: read resumes, score, decide.

Tasks: `match.resume` (key: version), `match.seeker` (key: seeker, all open postings), `match.posting` (key: posting,
all seekers), `match.decide` (key: seeker). A score is written with the versions it stands on, so that running any of
them twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.bots.match import decisions, scoring, store
from app.bots.match.embedder_client import Embedder, EmbedderUnavailable
from app.bots.match.person import Person
from app.bots.match.policy import decide, limits
from app.bots.match.ranking import VERSION, Score
from app.bots.match.reader import read_resume
from app.bots.match.store import Basis, Vacancy
from app.bots.match.types import explained
from app.config import Settings
from app.errors import NotFound
from app.platform import outbox, queue
from app.platform.bus import Consumer
from app.platform.clock import utcnow
from app.platform.db import Database, Tx
from app.platform.events import Event
from app.platform.objects import Objects
from app.platform.queue import Claim, Retry, TaskHandler
from app.platform.telemetry import get_logger
from app.seekers import service as seekers
from app.seekers.types import Seeker

log = get_logger(__name__)
TOPIC = "matches"
ATTEMPTS = 10
_BATCH = 12
_DECIDE_AFTER = 2.0


class Subject(msgspec.Struct, frozen=True):
    """A seeker ready to be scored."""

    seeker: Seeker
    basis: Basis
    model: str
    who: Person


class Matcher:
    """The tasks, with what they need."""

    def __init__(self, db: Database, objects: Objects, embedder: Embedder, settings: Settings) -> None:
        self.db = db
        self.settings = settings
        self.objects = objects
        self.embedder = embedder

    async def resume(self, claim: Claim) -> None:
        """Read an upload; a file that can't be read stays and says why."""
        version_id = UUID(claim.key)
        async with self.db.transaction() as tx:
            version = await seekers.get_resume(tx, version_id)
        if version.state == "failed":
            return
        data = await self.objects.get(version.object_key)
        found = await read_resume(data, version.media_type, utcnow().date())
        async with self.db.transaction() as tx:
            if found.error is not None:
                await seekers.failed(tx, version_id, **found.error)
            else:
                await seekers.parsed(tx, self.objects, version_id, text=found.text, found=found.parsed)
            await _resume_frame(tx, version.seeker_id, version.number, found.error)
            await queue.finish(tx, claim)

    async def all_postings(self, claim: Claim) -> None:
        """Score every open posting whose score is stale for this seeker, then decide.

        Where the seeker has changed meanwhile, the change has asked for this again.
        """
        subject = await self._subject(UUID(claim.key))
        if subject is None:
            return
        while True:
            async with self.db.transaction() as tx:
                batch = await store.stale(tx, subject.basis, _BATCH)
            if not batch or not await self._score(subject, batch):
                break
        async with self.db.transaction() as tx:
            await self._decide(tx, subject.seeker.user_id)
            await queue.finish(tx, claim)

    async def all_seekers(self, claim: Claim) -> None:
        """Score one posting for everybody who has a resume, and decide for those it matters to.

        Begun again after a worker died, it scores those only whom it hadn't reached.
        """
        async with self.db.transaction() as tx:
            vacancy = await store.vacancy(tx, UUID(claim.key))
            everybody = await store.seekers_with_resume(tx)
        if vacancy is None or vacancy.state != "open":
            return
        for seeker_id in everybody:
            subject = await self._subject(seeker_id)
            if subject is None:
                continue
            async with self.db.transaction() as tx:
                stale = await store.stale(tx, subject.basis, 1, vacancy.id)
            if stale:
                await self._score(subject, stale)
            await self._decide_or_wait(subject)

    async def decide(self, claim: Claim) -> None:
        """Decide what has been scored so far."""
        async with self.db.transaction() as tx:
            await self._decide(tx, UUID(claim.key))
            await queue.finish(tx, claim)

    async def _subject(self, seeker_id: UUID) -> Subject | None:
        """None: no such seeker (any more), or no readable resume."""
        model = await self.embedder.model()
        async with self.db.transaction() as tx:
            try:
                seeker = await seekers.get(tx, seeker_id)
            except NotFound:
                return None
            resume = await seekers.latest_resume(tx, seeker_id)
        if resume is None:
            return None
        basis = Basis(
            seeker_id=seeker_id,
            seeker_version=seeker.version,
            resume_version_id=resume.id,
            model_version=f"{model}/{VERSION}",
        )
        return Subject(seeker, basis, model, scoring.person_of(resume.text, utcnow().date(), seeker.corrections))

    async def _score(self, subject: Subject, batch: Sequence[Vacancy]) -> bool:
        """False where a newer score was there already."""
        needs = [scoring.needs_of(vacancy) for vacancy in batch]
        found = scoring.lookup(subject.model, needs, subject.who)
        async with self.db.transaction() as tx:
            await found.stored(tx)
        await found.asked(self.embedder)
        scores = scoring.scored(needs, subject.who, found)
        rows = [self._row(subject, vacancy, score) for vacancy, score in zip(batch, scores, strict=True)]
        async with self.db.transaction() as tx:
            await found.keep(tx)
            return await _write(tx, subject.seeker.user_id, batch, rows)

    def _row(self, subject: Subject, vacancy: Vacancy, score: Score) -> dict[str, Any]:
        hard = scoring.filters_of(subject.seeker.preferences, vacancy)
        auto, floor = limits(subject.seeker.thresholds, self.settings.auto_apply_score, self.settings.review_floor)
        basis = msgspec.structs.asdict(subject.basis)
        return basis | {
            "posting_id": vacancy.id,
            "posting_version": vacancy.version,
            "score": score.score,
            "components": msgspec.to_builtins(score.components),
            "explanation": explained(score, hard),
            "decision": decide(score.score, hard, auto, floor),
        }

    async def _decide(self, tx: Tx, seeker_id: UUID) -> None:
        acted = await decisions.decide(tx, self.settings, seeker_id)
        if acted:
            log.info("matches_handed_on", seeker=str(seeker_id), count=len(acted))

    async def _decide_or_wait(self, subject: Subject) -> None:
        """Slots go to the best, not to the first: while postings are still unscored, decide a moment later."""
        seeker_id = subject.seeker.user_id
        async with self.db.transaction() as tx:
            if await store.any_stale(tx, subject.basis):
                later = utcnow() + timedelta(seconds=_DECIDE_AFTER)
                await queue.add(tx, "match.decide", str(seeker_id), run_at=later)
            else:
                await self._decide(tx, seeker_id)


async def _write(tx: Tx, seeker_id: UUID, batch: Sequence[Vacancy], rows: Sequence[dict[str, Any]]) -> bool:
    """Store scores of what is open still; tell the bus and the seeker's pages what changed.

    False where a newer score was there already.
    """
    left = await store.still_open(tx, [row["posting_id"] for row in rows])
    rows = [row for row in rows if row["posting_id"] in left]
    before = await store.known(tx, seeker_id, list(left))
    written = await store.upsert(tx, rows)
    kept = {posting_id for _, posting_id, _ in written}
    by_posting = {row["posting_id"]: row for row in rows}
    for match_id, posting_id, version in written:
        row = by_posting[posting_id]
        if before.get(posting_id) != (row["score"], row["decision"]):
            facts = {"posting": str(posting_id), "seeker": str(seeker_id), "decision": row["decision"]}
            await outbox.emit(tx, "MatchScored", topic=TOPIC, aggregate_id=match_id, version=version, data=facts)
    await _frame(tx, seeker_id, [vacancy for vacancy in batch if vacancy.id in kept], by_posting, before)
    return len(written) == len(rows)


async def _frame(
    tx: Tx,
    seeker_id: UUID,
    batch: Sequence[Vacancy],
    rows: dict[UUID, dict[str, Any]],
    before: dict[UUID, tuple[float, str]],
) -> None:
    """One frame for a whole batch; a match that isn't shown, and wasn't, is not worth one."""
    shown = []
    for vacancy in batch:
        row, old = rows[vacancy.id], before.get(vacancy.id)
        now, worth = (row["score"], row["decision"]), ("auto", "review")
        if old != now and (row["decision"] in worth or (old and old[1] in worth)):
            shown.append(_told(vacancy, row))
    if shown:
        await outbox.frame(tx, f"user:{seeker_id}", "job_match_update", {"scored": len(batch), "matches": shown})


def _told(vacancy: Vacancy, row: dict[str, Any]) -> dict[str, Any]:
    head = {"posting": str(vacancy.id), "job_id": vacancy.number, "job_title": vacancy.title}
    return head | {"score": row["score"], "match_score": round(row["score"] / 100, 4), "decision": row["decision"]}


async def _resume_frame(tx: Tx, seeker_id: UUID, number: int, error: dict[str, str] | None) -> None:
    text = error["text"] if error else "Your resume was read. Your matches are being scored."
    data = {"kind": "resume", "resume": number, "ok": error is None, "text": text}
    await outbox.frame(tx, f"user:{seeker_id}", "system_notification", data)


async def on_job_accepted(tx: Tx, event: Event) -> None:
    """A posting came, changed or went: score it for everybody, or close its matches."""
    vacancy = await store.vacancy(tx, event.aggregate_id)
    if vacancy is None:
        return
    if vacancy.state == "open":
        await queue.add(tx, "match.posting", str(vacancy.id), max_attempts=ATTEMPTS)
    else:
        await store.close_posting(tx, vacancy.id)


def tasks(db: Database, objects: Objects, embedder: Embedder, settings: Settings) -> dict[str, TaskHandler]:
    """What a match worker serves."""
    matcher = Matcher(db, objects, embedder, settings)
    return {
        "match.resume": matcher.resume,
        "match.seeker": _patient(matcher.all_postings),
        "match.posting": _patient(matcher.all_seekers),
        "match.decide": matcher.decide,
    }


def _patient(handler: TaskHandler) -> TaskHandler:
    """Wait for an embedder that starts or was killed: 2, 4, 8 … seconds, minutes in all."""

    async def run(claim: Claim) -> None:
        try:
            await handler(claim)
        except EmbedderUnavailable as why:
            raise Retry(str(why), in_seconds=min(60.0, 2.0**claim.attempt)) from why

    return run


def consumers() -> list[Consumer]:
    """What a match worker listens to."""
    return [Consumer("match", {"JobAccepted": on_job_accepted}, topics=("jobs.new",))]


async def tick(db: Database, settings: Settings, limit: int = 500) -> int:
    """Every `settings.match_seconds`: have seekers with stale or waiting matches scored and decided; returns how many.

    Events do the same at once; this finds what they missed, and gives the new day's slots to what waits.
    """
    count, after = 0, None
    while True:
        async with db.transaction() as tx:
            found = await store.seekers_to_look_at(tx, limit, after)
            for seeker_id in found:
                await queue.add(tx, "match.seeker", str(seeker_id), max_attempts=ATTEMPTS)
        count += len(found)
        if len(found) < limit:
            return count
        after = found[-1]
