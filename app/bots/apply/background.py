"""The background function `apply.application`: one attempt at one application, from the claim to what came of it."""

import hashlib
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from app.applications import incidents, intents, outcomes, portals
from app.applications import service as applications
from app.applications.incidents import OnHold
from app.applications.types import Application, Attempt, Fenced, Intent, IntentHeld
from app.bots.apply import endings
from app.bots.apply.browser import BrowserGone, Chromium, NoChromium, Session
from app.bots.apply.gate import Gate
from app.bots.apply.plan import Facts, Upload, given_of
from app.bots.apply.sites import site_for
from app.bots.apply.walk import ALREADY_SENT, Outcome, Walk
from app.config import Settings
from app.errors import Unavailable
from app.platform import queue
from app.platform.bus import Consumer
from app.platform.clock import utcnow
from app.platform.db import Database, Tx
from app.platform.egress.guard import Guard
from app.platform.objects import Objects
from app.platform.queue import Claim, Retry, TaskHandler
from app.postings import service as postings
from app.seekers import service as seekers
from app.seekers.types import Answer

log = structlog.get_logger(__name__)
TRIES: Final = 3
RETRY_SECONDS: Final = 20.0
HOLD_SECONDS: Final = 30.0  # between two looks whether submissions are still stopped


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """All that one attempt stands on, read in one transaction."""

    app: Application
    intent: Intent
    facts: Facts
    resume: bytes | None
    marks: tuple[str, ...]
    rehearsal: bool


class ApplyBot:
    """Serves the tasks of the worker `apply`; `close()` ends its browser."""

    def __init__(self, db: Database, objects: Objects, settings: Settings) -> None:
        self._db = db
        self._objects = objects
        self._settings = settings
        self._guard = Guard(settings.practice_origin)
        self._chromium = Chromium(settings.chromium)

    async def close(self) -> None:
        await self._chromium.close()

    async def apply(self, claim: Claim) -> None:
        """Carry one application as far as a machine may. Ends the claim in the transaction of its last effect."""
        try:
            await self._attempt(claim)
        except OnHold as why:  # nothing has left; no try of its own
            raise Retry(why.detail, in_seconds=HOLD_SECONDS, counts=False) from why

    async def _attempt(self, claim: Claim) -> None:
        job = await self._begin(claim)
        if job is None:
            return
        try:
            await self._carry(claim, job)
        except (BrowserGone, NoChromium) as why:
            await self._lost(claim, job, why)
        except (Fenced, IntentHeld) as why:
            await self._overtaken(claim, job, why)

    async def _carry(self, claim: Claim, job: Job) -> None:
        if job.app.apply_url is None:
            await self._internal(claim, job)
        else:
            await self._in_browser(claim, job, job.app.apply_url)

    def guard_of(self, url: str) -> Guard:
        """Where this application may lead. The practice board is sent to without a portal's switch: only there."""
        return self._guard.sealed() if self._guard.is_practice(url) else self._guard

    async def _begin(self, claim: Claim) -> Job | None:
        """Look at everything again and claim the vacancy; None where nothing is left to do."""
        async with self._db.transaction() as tx:
            app = await applications.get(tx, UUID(claim.payload["application"]), lock=True)
            attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
            if app.status != "applying" or await endings.settle_standing(tx, app):
                await queue.finish(tx, claim)
                return None
            posting = await postings.get(tx, app.posting_id)
            if posting.state == "closed":
                note = "The posting was closed before the application was sent"
                await intents.give_up(tx, app)
                await applications.transition(tx, app.id, "not_applied", source="bot", note=note)
                await queue.finish(tx, claim)
                return None
            job = await self._job(tx, app, await intents.prepare(tx, app, attempt, []))
            if not job.rehearsal:
                await incidents.check(tx, arming=False)
            return job

    async def _job(self, tx: Tx, app: Application, intent: Intent) -> Job:
        seeker = await seekers.get(tx, app.seeker_id)
        bank = await seekers.answers(tx, app.seeker_id)
        upload, data = await self._resume(tx, app)
        known = seeker.profile
        facts = Facts(
            known=known,
            given=given_of(app.given_answers),
            bank=bank_of(bank),
            resume=upload,
            employer=app.company,
            today=utcnow().date(),
        )
        marks = tuple(text for text in (known.email, known.phone, known.name) if len(text) > 4)
        rehearsal = not await self._live(tx, app)
        return Job(app=app, intent=intent, facts=facts, resume=data, marks=marks, rehearsal=rehearsal)

    async def _resume(self, tx: Tx, app: Application) -> tuple[Upload | None, bytes | None]:
        """The resume version that was approved, else the newest; none when the seeker has none."""
        if app.resume_version_id is not None:
            version = await seekers.get_resume(tx, app.resume_version_id)
        else:
            latest = await seekers.latest_resume(tx, app.seeker_id)
            if latest is None:
                return None, None
            version = latest
        data = await self._objects.get(version.document_key)
        stem = version.filename.rsplit(".", 1)[0] or "resume"
        suffix = "pdf" if data.startswith(b"%PDF") else version.filename.rsplit(".", 1)[-1]
        return Upload(f"{stem}.{suffix}", len(data), hashlib.sha256(data).hexdigest()), data

    async def _live(self, tx: Tx, app: Application) -> bool:
        """Whether this may really be sent: to the practice board, or where an operator has said so."""
        if app.apply_url is None or self._guard.is_practice(app.apply_url):
            return True
        return self._settings.live_submission and await portals.is_live(tx, app.portal)

    async def _internal(self, claim: Claim, job: Job) -> None:
        """A posting of our own: filing it here is applying. The same intent, in one transaction."""
        attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
        number = f"internal-{job.app.number}"
        async with self._db.transaction() as tx:
            request = {"url": None, "method": "internal", "size": 0, "sha256": None}
            answers = internal_answers(job.facts)
            await intents.arm(tx, job.intent.id, attempt, request=request, answers=answers)
            await outcomes.submitted(tx, job.intent.id, attempt, confirmation=number, response={}, screenshot_key=None)
            await queue.finish(tx, claim)

    async def _in_browser(self, claim: Claim, job: Job, url: str) -> None:
        attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
        walk: Walk | None = None

        async def arm(request: dict[str, Any]) -> None:
            answers = walk.answers if walk is not None else []
            async with self._db.transaction() as tx:
                sent = request["method"] == ALREADY_SENT
                await intents.arm(tx, job.intent.id, attempt, request=request, answers=answers, sent=sent)
                await queue.hold(tx, claim)

        async def report(percent: int, phase: str) -> None:
            async with self._db.transaction() as tx:
                await applications.progress(tx, job.app.id, percent, phase)

        site = site_for(url, practice=self._guard.is_practice(url))
        gate = Gate(site=site, rehearsal=job.rehearsal, marks=job.marks)
        async with self._chromium.session(self.guard_of(url), gate, arm) as session:
            walk = Walk(session, job.facts, job.resume, report)
            outcome = await walk.through(url)
            gate.phase = "over"
            await self._end(claim, job, session, walk, outcome)

    async def _end(self, claim: Claim, job: Job, session: Session, walk: Walk, outcome: Outcome) -> None:
        """Keep the proof, then write the outcome and end the claim, in one transaction."""
        picture = await self._keep_picture(job, await session.screenshot())
        attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
        case = endings.Case(app=job.app, intent=job.intent, attempt=attempt, answers=walk.answers, picture=picture)
        endings.crash_before_end(outcome)
        async with self._db.transaction() as tx:
            await endings.write(tx, case, outcome)
            await queue.finish(tx, claim)
        log.info("application_ended", application=str(job.app.id), outcome=type(outcome).__name__)

    async def _keep_picture(self, job: Job, picture: bytes | None) -> str | None:
        if picture is None:
            return None
        key = f"applications/{job.app.id}/{job.intent.id}.png"
        try:
            await self._objects.put(key, picture, "image/png")
        except Unavailable as why:  # the outcome matters more than its picture
            log.warning("picture_not_kept", application=str(job.app.id), why=why.detail)
            return None
        return key

    async def _lost(self, claim: Claim, job: Job, why: Exception) -> None:
        """The browser failed: after arming a person looks, before it another try, and then a person."""
        attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
        last = claim.attempt >= TRIES or isinstance(why, NoChromium)
        async with self._db.transaction() as tx:
            ended = await endings.write_lost(tx, job.app, job.intent.id, attempt, str(why), last=last)
            if ended:
                await queue.finish(tx, claim)
        if not ended:
            raise Retry(f"The browser failed: {why}", in_seconds=RETRY_SECONDS)

    async def _overtaken(self, claim: Claim, job: Job, why: Fenced | IntentHeld) -> None:
        """Somebody else was first, or a twin of the vacancy was applied for: nothing left from here."""
        attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
        async with self._db.transaction() as tx:
            await endings.write_overtaken(tx, job.app, job.intent.id, attempt, why)
            await queue.finish(tx, claim)


def bank_of(bank: list[Answer]) -> dict[str, tuple[Any, str]]:
    """The answer bank by question."""
    return {answer.question_key: (answer.answer, f"answer bank ({answer.source})") for answer in bank}


def internal_answers(facts: Facts) -> list[dict[str, Any]]:
    """What an application to a posting of our own consists of."""
    known = facts.known
    rows = [("name", "Name", known.name), ("email", "Email", known.email), ("phone", "Phone", known.phone)]
    kept: list[dict[str, Any]] = [
        {"page": 1, "name": name, "label": label, "kind": "text", "value": text, "source": "profile"}
        for name, label, text in rows
        if text
    ]
    if facts.resume is not None:
        resume = {"value": facts.resume.filename, "size": facts.resume.size, "sha256": facts.resume.sha256}
        kept.append({"page": 1, "name": "resume", "label": "Resume", "kind": "file", "source": "resume"} | resume)
    return kept


def tasks(db: Database, objects: Objects, settings: Settings, *, bot: ApplyBot | None = None) -> dict[str, TaskHandler]:
    """The handlers of the worker `apply`. Give a bot of your own to be able to close its browser."""
    return {"apply.application": (bot or ApplyBot(db, objects, settings)).apply}


def consumers() -> list[Consumer]:
    """None: applications add the task in the transaction that approves them."""
    return []
