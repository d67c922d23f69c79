"""A house in every main state, with words, names and titles that are as long as people's are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert, update

from app.accounts import service as accounts
from app.accounts import store as accounts_store
from app.applications import service as applications
from app.applications.models import application
from app.applications.policy import REVIEW_KINDS
from app.bots.match import store as match_store
from app.dispatch import service as dispatch
from app.dispatch.models import strike
from app.dispatch.policy.types import Rules
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.platform.ids import new_id
from app.platform.task_table import task
from app.postings import service as postings
from app.postings.types import NewPosting, Posting
from app.seekers import service as seekers
from tests.browser.house import POSTING, RESUME, House

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
NAME = "Maximiliane-Wilhelmine Freifrau von Hohenlohe-Schillingsfürst-Donaudampfschifffahrtskapitän"
TITLE = f"Senior Staff Principal Software Engineer for the {WORD} (all genders), part-time or full-time, remote in EMEA"
TOKEN = "https://careers.example.com/" + "a1b2c3d4e5f6" * 14
GRACE = 800  # seconds
PATIENT = Rules(delivery_grace_seconds=GRACE, disconnect_grace_seconds=GRACE)
KINDS = ("resume", "question", "handover", "unknown_outcome", "mail_match")


class State(msgspec.Struct, frozen=True):
    """A page as somebody finds it; `user` None is anybody."""

    name: str
    user: UUID | None
    path: str
    restricted: bool = False


class Furnished(msgspec.Struct):
    people: dict[str, UUID] = {}
    states: list[State] = []


async def person(tx: Tx, role: str, name: str) -> UUID:
    """Without a password: hashing many of them takes seconds."""
    user = await accounts_store.insert_user(tx, new_id(), f"{new_id().hex}@cabrank.test", name, role, "none")  # type: ignore[arg-type]  # a role
    assert user is not None
    if role == "employee":
        await dispatch.enroll(tx, user.id)
    if role == "seeker":
        await seekers.create(tx, user.id, name=name)
    return user.id


async def furnish(house: House) -> Furnished:
    made = Furnished()
    async with house.db.transaction() as tx:
        for who, role in (("boss", "supervisor"), ("ops", "operator"), ("seeker", "seeker"), ("new", "seeker")):
            made.people[who] = await person(tx, role, NAME)
        for who in ("paused", "free", "locked", "several", *KINDS, "plain"):
            made.people[who] = await person(tx, "employee", f"{NAME} {who}")
        resume = await _seeker(tx, house, made.people["seeker"])
    async with house.db.transaction() as tx:
        await _applications(tx, made, resume)
        for kind in KINDS:
            await _review(tx, made, kind, made.people[kind], resume)
        await _work(tx, made)
        await _operations(tx, made)
    await house.objects.put(f"applications/{made.people['seeker']}/x.png", b"")
    _states(made)
    return made


def _states(made: Furnished) -> None:
    say, who = made.states.append, made.people
    for path in ("/sign-in", "/sign-up", "/nowhere"):
        say(State(path, None, path))
    for name in ("paused", "free", "several", *KINDS, "plain"):
        say(State(f"desk, {name}", who[name], "/desk"))
    say(State("desk, locked", who["locked"], "/desk", restricted=True))
    for path in (
        "/portal",
        "/portal/matches",
        "/portal/applications",
        "/portal/profile",
        "/portal/facts",
        "/portal/score",
    ):
        say(State(f"{path}, new", who["new"], path))
    say(State("not yours", who["new"], "/board"))


async def _seeker(tx: Tx, house: House, seeker: UUID) -> UUID:
    text = f"{RESUME}\n{WORD} {TOKEN}\n"
    kept = await seekers.store_upload(tx, house.objects, seeker, f"{WORD}_{WORD}.txt", text.encode())
    job = {"title": TITLE, "employer": WORD, "start": "2019-03", "end": "2024-01", "text": f"{WORD} {TOKEN}"}
    found = {"contact": {"name": NAME, "email": f"{WORD}@example.com"}, "jobs": [job, job], "education": [{}]}
    await seekers.parsed(tx, house.objects, kept.id, text=text, found=found | {"skills": ["Python", WORD, "SQL"]})
    broken = await seekers.store_upload(tx, house.objects, seeker, "holiday.pdf", b"%PDF-1.4 nothing")
    await seekers.failed(tx, broken.id, code="broken", text=f"This file can't be read: {WORD}")
    await seekers.set_answer(tx, seeker, question=f"How many years of {WORD}?", answer=f"Six. {TOKEN}")
    await seekers.update(tx, seeker, {"profile": {"headline": TITLE, "location": WORD, "phone": "+44 20 7946 0000"}})
    return kept.id


async def vacancy(tx: Tx, n: int) -> Posting:
    return await postings.create_internal(
        tx,
        NewPosting(
            company=f"{n} {WORD} Holding", title=f"{TITLE} {n}", location=f"{WORD}, {WORD}", external_id=f"q{n}",
            description_html=f"{POSTING}<p>{WORD} {TOKEN}</p><ul><li>{WORD}</li></ul>", apply_url=f"{TOKEN}{n}",
        ),
    )  # fmt: skip


async def scored(tx: Tx, seeker: UUID, posting: Posting, resume: UUID) -> None:
    """A match with each part of an explanation in it."""
    part = {"name": "requirements", "label": "What is asked for", "score": 62, "weight": 50, "would_raise": TITLE}
    part["evidence"] = [{"asked": f"{WORD} at scale", "told": ""}, {"asked": TOKEN, "told": TOKEN}]
    lines = [
        {"text": f"6+ years of {WORD}", "kind": "required", "met": met, "evidence": TOKEN, "matched": ["Python"],
         "missing": [WORD]} for met in (95, 50, 5)
    ]  # fmt: skip
    told = {"matched": ["Python", "PostgreSQL"], "missing": ["Terraform", WORD], "lines": lines, "notes": [TITLE]}
    told["would_raise"] = [{"skill": WORD, "points": 6.2}, {"skill": "Go", "points": 0.4}]
    row = {"seeker_id": seeker, "posting_id": posting.id, "score": 78.4, "decision": "review", "components": [part]}
    row |= {"explanation": told, "resume_version_id": resume, "posting_version": posting.version}
    await match_store.upsert(tx, [row | {"seeker_version": 99, "model_version": "test"}])


async def _applications(tx: Tx, made: Furnished, resume: UUID) -> None:
    seeker = made.people["seeker"]
    states: list[dict[str, Any]] = [
        {"status": "applying", "progress": 75, "phase": f"Filling page 2 of 2 {WORD}"},
        {"status": "needs_attention", "attention": {"kind": "ask_seeker", "title": f"What is {WORD}?", "payload": {}}},
        {"status": "needs_attention", "attention": {"kind": "seeker", "title": f"Open it. {TOKEN}", "payload": {}}},
        {"status": "applied", "confirmation": TOKEN},
        {"status": "interview"}, {"status": "offer"}, {"status": "rejected"},
    ]  # fmt: skip
    for n, state in enumerate(states):
        posting = await vacancy(tx, n)
        await scored(tx, seeker, posting, resume)
        app = await applications.approve(
            tx, seeker_id=seeker, posting_id=posting.id, score=91, resume_version_id=resume
        )
        await tx.conn.execute(update(application).where(application.c.id == app.id).values(state))
        if n < 4:
            made.states.append(State(f"application, {n}", seeker, f"/portal/applications/{app.number}"))
    for n in (7, 8):
        posting = await vacancy(tx, n)
        await scored(tx, seeker, posting, resume)
    made.states.append(State("why", seeker, f"/portal/matches/{posting.number}/why"))


async def _given(tx: Tx, made: Furnished, review: UUID, employee: UUID) -> UUID:
    given = await dispatch.assign(
        tx, review, actor=made.people["boss"], employee_id=employee, rules=PATIENT, ignore_capacity=True
    )
    return given.id


async def _review(tx: Tx, made: Furnished, kind: str, employee: UUID, resume: UUID) -> None:
    posting = await vacancy(tx, 20 + KINDS.index(kind))
    await scored(tx, made.people["seeker"], posting, resume)
    app = await applications.approve(
        tx, seeker_id=made.people["seeker"], posting_id=posting.id, score=78, resume_version_id=resume
    )
    # it waits for a person, or its review would be called off
    waits = update(application).where(application.c.id == app.id)
    await tx.conn.execute(waits.values(status=REVIEW_KINDS[kind], attention={"kind": kind, "title": "", "payload": {}}))
    payload = {
        "why": f"{TITLE} {TOKEN}", "url": TOKEN,
        "fields": [
            {"key": "a", "label": f"How many years of {WORD}?", "required": True},
            {"key": "b", "label": "Where?", "options": [WORD, "London"], "why": TITLE},
            {"key": "c", "label": "Why us?", "type": "textarea"},
        ],
        "answers": [{"label": WORD, "value": TOKEN}, {"label": "Name, in full", "value": NAME}],
        "response": {"url": TOKEN, "status": 502, "text": f"Bad gateway {TOKEN}"},
    }  # fmt: skip
    review = await dispatch.file_review(
        tx, kind=kind, title=TITLE, application_id=app.id, seeker_id=made.people["seeker"], payload=payload
    )
    given = await _given(tx, made, review.id, employee)
    if kind == "resume":
        version = await seekers.get_resume(tx, resume)
        text = version.text + f"\nAdded {WORD} {TOKEN}\n"
        await dispatch.put_draft(
            tx, employee_id=employee, review_id=review.id, assignment_id=given, version=0, body={"text": text}
        )


async def _work(tx: Tx, made: Furnished) -> None:
    """Reviews filed by hand, those nobody holds, strikes with appeals, a lock, history."""
    who = made.people
    plain = await dispatch.file_review(tx, kind="resume", title=TITLE, payload={"text": f"{WORD} {TOKEN}"})
    await _given(tx, made, plain.id, who["plain"])
    for n in range(3):
        review = await dispatch.file_review(tx, kind="question", title=f"{TITLE} {n}", payload={"text": WORD})
        given = await _given(tx, made, review.id, who["several"])
        row = {"id": new_id(), "employee_id": who["several"], "assignment_id": given, "level": "noted", "count": n + 1}
        await tx.conn.execute(insert(strike).values(row | {"evidence": {"delivered": True}}))
        if n:
            await dispatch.appeal(tx, who["several"], row["id"], f"{WORD} {TOKEN}")  # type: ignore[arg-type]  # the one UUID
        if n == 2:
            await dispatch.complete(
                tx, employee_id=who["several"], review_id=review.id, assignment_id=given, verdict="reject",
                notes=WORD, resume_version_id=None, answers=None, confirmation=None,
            )  # fmt: skip
    await dispatch.set_availability(tx, who["paused"], "paused", "x" * 60)
    await dispatch.set_availability(tx, who["free"], "available")
    await accounts.lock(tx, who["locked"], actor=who["boss"], reason=f"four strikes {WORD}")
    for n in range(2):
        await dispatch.file_review(tx, kind="question", title=f"{TITLE} queued {n}", skills=[WORD[:60]])


async def _operations(tx: Tx, made: Furnished) -> None:
    row = {"id": new_id(), "kind": "apply", "key": WORD, "state": "dead", "last_error": f"{WORD} {TOKEN}"}
    await tx.conn.execute(insert(task).values(row | {"created_at": utcnow() - timedelta(hours=3)}))
    await postings.add_source(tx, kind="greenhouse", token="northwind", name=f"{WORD} {WORD}"[:150])
    await dispatch.add_pool(tx, actor=made.people["boss"], name=WORD[:60], group=f"group-{WORD}"[:60])
