"""Machines at work on matching: read resumes, score, decide.

Tasks: `match.resume` (key: version), `match.seeker` (key: seeker, all open postings), `match.posting` (key: posting,
all seekers), `match.decide` (key: seeker), `match.rescore` (everybody, by another scale), `match.refit` (refit.py). A
score is written with the versions it stands on, so that running any of them twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.bots.match import (
    decisions,
    learning,
    likeness,
    ranking,
    scales,
    scoring,
    store,
    store_sides,
    telling,
    versions,
)
from app.bots.match.embedder_client import Embedder, EmbedderUnavailable
from app.bots.match.explanation import Score
from app.bots.match.policy import decide, limits
from app.bots.match.preparing import Preparer, Ready, Subject
from app.bots.match.reader import read_resume
from app.bots.match.types import explained
from app.config import Settings
from app.platform import outbox, queue
from app.platform.bus import Consumer
from app.platform.clock import utcnow
from app.platform.db import Database, Tx
from app.platform.events import Event
from app.platform.objects import Objects
from app.platform.queue import Claim, Retry, TaskHandler
from app.platform.telemetry import get_logger
from app.seekers import service as seekers

log = get_logger(__name__)
ATTEMPTS = 10
_NEAREST = 1000  # postings, or people, that are scored before all others
_BATCH = 200  # pairs scored and written in one transaction
_AT_ONCE = 500  # people asked for in one transaction
_DECIDE_AFTER = 2.0


class Matcher:
    """The tasks, with what they need."""

    def __init__(self, db: Database, objects: Objects, embedder: Embedder, settings: Settings) -> None:
        self.db = db
        self.settings = settings
        self.objects = objects
        self.prepare = Preparer(db, embedder)

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
        """Score every open posting whose score is stale for this seeker, the nearest first, then decide.

        Begun again after a worker died, it scores those only that it hadn't reached. Where the seeker has changed
        meanwhile, the change has asked for this again.
        """
        subject = await self.prepare.subject(UUID(claim.key))
        if subject is None:
            return
        await self._score_all(subject, await self._stale(subject, _NEAREST))
        while True:
            subject = await self.prepare.by_scale_in_force(subject)
            stale = await self._stale(subject)
            if not stale or not await self._score_all(subject, stale):
                break
        async with self.db.transaction() as tx:
            await self._decide(tx, subject.seeker.user_id)
            await queue.finish(tx, claim)

    async def all_seekers(self, claim: Claim) -> None:
        """Score one posting for everybody who has a resume, the nearest first, and decide for those it matters to.

        Begun again after a worker died, it scores those only whom it hadn't reached.
        """
        found = await self.prepare.postings([UUID(claim.key)])
        if not found:
            return
        posting, gist = found[0].vacancy.id, found[0].side.asked.gist
        model = await self.prepare.embedder.model()
        async with self.db.transaction() as tx:
            version = versions.line(model, await scales.active(tx))
            near = await store_sides.nearest_stale_seekers(tx, posting, version, gist, _NEAREST)
        await self._score_people(near, found)
        async with self.db.transaction() as tx:
            left = await store_sides.stale_seekers(tx, posting, version)
        await self._score_people(left, found)

    async def _score_people(self, people: Sequence[UUID], posting: Sequence[Ready]) -> None:
        """In batches, each decided for at once."""
        for start in range(0, len(people), _BATCH):
            subjects = {one.seeker.user_id: one for one in await self.prepare.subjects(people[start : start + _BATCH])}
            for row in await self._score(list(subjects.values()), posting):
                if row["decision"] in ("auto", "review"):
                    await self._decide_or_wait(subjects[row["seeker_id"]])

    async def everybody(self, claim: Claim) -> None:
        """Have all who have a resume scored anew, whether or not they are matched continuously."""
        async with self.db.transaction() as tx:
            everybody = await store.seekers_with_resume(tx)
        for start in range(0, len(everybody), _AT_ONCE):
            async with self.db.transaction() as tx:
                for seeker_id in everybody[start : start + _AT_ONCE]:
                    await queue.add(tx, "match.seeker", str(seeker_id), max_attempts=ATTEMPTS)

    async def refit(self, claim: Claim) -> None:
        """Learn the scale from what people found."""
        from app.bots.match import refit  # here: what it computes with costs every process that imports it 40 MB

        await refit.refit(self.db, claim)

    async def decide(self, claim: Claim) -> None:
        """Decide what has been scored so far."""
        async with self.db.transaction() as tx:
            await self._decide(tx, UUID(claim.key))
            await queue.finish(tx, claim)

    async def _stale(self, subject: Subject, nearest: int = 0) -> list[UUID]:
        async with self.db.transaction() as tx:
            if nearest:
                return await store_sides.nearest_stale(tx, subject.basis, subject.side.told.gist, nearest)
            return await store_sides.stale_postings(tx, subject.basis)

    async def _score_all(self, subject: Subject, stale: Sequence[UUID]) -> bool:
        """In batches; False where one of them wrote nothing: a newer score was there, or all have closed."""
        for start in range(0, len(stale), _BATCH):
            part, left = stale[start : start + _BATCH], max(0, len(stale) - start - _BATCH)
            subject = await self.prepare.by_scale_in_force(subject)
            if not await self._score([subject], await self.prepare.postings(part), left):
                return False
        return True

    async def _score(self, subjects: Sequence[Subject], postings: Sequence[Ready], left: int = 0) -> list[telling.Row]:
        """Score all pairs; returns the rows that were written. `left`: see telling.write."""
        rows = [self._row(one, posting, score) for one in subjects for posting, score in _scored(one, postings)]
        async with self.db.transaction() as tx:
            written = await telling.write(tx, {one.vacancy.id: one.vacancy for one in postings}, rows, left)
        return [row for row in rows if (row["seeker_id"], row["posting_id"]) in written]

    def _row(self, subject: Subject, posting: Ready, score: Score) -> dict[str, Any]:
        hard = scoring.filters_of(subject.seeker.preferences, posting.vacancy)
        auto, floor = limits(subject.seeker.thresholds, self.settings.auto_apply_score, self.settings.review_floor)
        basis = msgspec.structs.asdict(subject.basis)
        return basis | {
            "posting_id": posting.vacancy.id,
            "posting_version": posting.vacancy.version,
            "score": score.score,
            "components": msgspec.to_builtins(score.components),
            "explanation": explained(score, hard),
            "decision": decide(score.score, hard, auto, floor, held=bool(score.notes)),
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


def _scored(subject: Subject, postings: Sequence[Ready]) -> list[tuple[Ready, Score]]:
    likes = likeness.of_postings([one.side.asked for one in postings], subject.side.told)
    who, scale = subject.side.who, subject.scale
    scores = [ranking.score(one.side.needs, who, like, scale=scale) for one, like in zip(postings, likes, strict=True)]
    return list(zip(postings, scores, strict=True))


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
        await store_sides.drop_posting(tx, vacancy.id)


def tasks(db: Database, objects: Objects, embedder: Embedder, settings: Settings) -> dict[str, TaskHandler]:
    """What a match worker serves."""
    matcher = Matcher(db, objects, embedder, settings)
    return {
        "match.resume": matcher.resume,
        "match.seeker": _patient(matcher.all_postings),
        "match.posting": _patient(matcher.all_seekers),
        "match.decide": matcher.decide,
        scales.RESCORE: matcher.everybody,
        scales.REFIT: matcher.refit,
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
    return [Consumer("match", {"JobAccepted": on_job_accepted}, topics=("jobs.new",)), learning.consumer()]


async def tick(db: Database, settings: Settings, limit: int = 500) -> int:
    """Every `settings.match_seconds`: have seekers with stale or waiting matches scored and decided; returns how many.

    Events do the same at once; this finds what they missed, and gives the new day's slots to what waits.
    """
    count, after = 0, None
    while True:
        async with db.transaction() as tx:
            basis = versions.basis(await scales.active(tx))
            found = await store.seekers_to_look_at(tx, basis, limit, after)
            for seeker_id in found:
                await queue.add(tx, "match.seeker", str(seeker_id), max_attempts=ATTEMPTS)
        count += len(found)
        if len(found) < limit:
            return count
        after = found[-1]


async def ask_refit(db: Database) -> None:
    """Each day, for the scheduler."""
    async with db.transaction() as tx:
        await scales.ask_refit(tx)
