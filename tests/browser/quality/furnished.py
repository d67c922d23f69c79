"""A house in every main state."""

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
from tests.browser.quality.words import LONG, Words

GRACE = 800  # seconds
PATIENT = Rules(delivery_grace_seconds=GRACE, disconnect_grace_seconds=GRACE)
ROLES = {"boss": "supervisor", "ops": "operator", "seeker": "seeker", "new": "seeker"}
KINDS = ("resume", "question", "handover", "unknown_outcome", "mail_match")
ROLES |= dict.fromkeys(("paused", "free", "locked", "several", *KINDS, "plain"), "employee")


class State(msgspec.Struct, frozen=True):
    """A page as somebody finds it; `user` None is anybody."""

    name: str
    user: UUID | None
    path: str
    restricted: bool = False


class Furnished(msgspec.Struct):
    words: Words = LONG
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


async def furnish(house: House, words: Words = LONG) -> Furnished:
    made = Furnished(words)
    async with house.db.transaction() as tx:
        for who, role in ROLES.items():
            made.people[who] = await person(tx, role, words.name(len(made.people), who))
        resume = await _seeker(tx, house, made.people["seeker"], words)
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


async def _seeker(tx: Tx, house: House, seeker: UUID, words: Words) -> UUID:
    word = words.word
    text = f"{RESUME}\n{words.said}\n" if words.spare else RESUME
    kept = await seekers.store_upload(tx, house.objects, seeker, f"{words.file}.txt", text.encode())
    job = {
        "title": words.title(0),
        "employer": words.company(0),
        "start": "2019-03",
        "end": "2024-01",
        "text": words.said,
    }
    found = {
        "contact": {"name": words.name(2, ""), "email": f"{words.file}@example.com"},
        "jobs": [job, job],
        "education": [{}],
    }
    await seekers.parsed(tx, house.objects, kept.id, text=text, found=found | {"skills": list(words.skills)})
    broken = await seekers.store_upload(tx, house.objects, seeker, "holiday.pdf", b"%PDF-1.4 nothing")
    await seekers.failed(
        tx,
        broken.id,
        code="broken",
        text=f"This file can't be read. {words.said if words.spare else 'It may be a picture.'}",
    )
    await seekers.set_answer(
        tx, seeker, question=f"How many years of {word}?", answer=words.said if words.spare else "Six"
    )
    await seekers.update(
        tx, seeker, {"profile": {"headline": words.title(0), "location": words.place(0), "phone": "+44 20 7946 0000"}}
    )
    return kept.id


async def vacancy(tx: Tx, n: int, words: Words) -> Posting:
    word, token = words.word, words.token
    return await postings.create_internal(
        tx,
        NewPosting(
            company=words.company(n), title=words.title(n), location=words.place(n), external_id=f"q{n}",
            description_html=f"{POSTING}<p>{word} {token}</p><ul><li>{word}</li></ul>", apply_url=f"{token}{n}",
        ),
    )  # fmt: skip


async def scored(tx: Tx, seeker: UUID, posting: Posting, resume: UUID, words: Words) -> None:
    """A match with each part of an explanation in it."""
    word, token = words.word, words.token
    part = {
        "name": "requirements",
        "label": "What is asked for",
        "score": 62,
        "weight": 50,
        "would_raise": words.title(0),
    }
    part["evidence"] = [{"asked": f"{word} at scale", "told": ""}, {"asked": token, "told": token}]
    lines = [
        {"text": f"6+ years of {word}", "kind": "required", "met": met, "evidence": token, "matched": ["Python"],
         "missing": [word]} for met in (95, 50, 5)
    ]  # fmt: skip
    told = {
        "matched": ["Python", "PostgreSQL"],
        "missing": ["Terraform", word],
        "lines": lines,
        "notes": [words.title(0)],
    }
    told["would_raise"] = [{"skill": word, "points": 6.2}, {"skill": "Go", "points": 0.4}]
    row = {"seeker_id": seeker, "posting_id": posting.id, "score": 78.4, "decision": "review", "components": [part]}
    row |= {"explanation": told, "resume_version_id": resume, "posting_version": posting.version}
    await match_store.upsert(tx, [row | {"seeker_version": 99, "model_version": "test"}])


async def _applications(tx: Tx, made: Furnished, resume: UUID) -> None:
    seeker, words = made.people["seeker"], made.words
    word = words.word
    states: list[dict[str, Any]] = [
        {"status": "applying", "progress": 75, "phase": f"Filling page 2 of 2 {word if words.spare else ''}".strip()},
        {"status": "needs_attention", "attention": {"kind": "ask_seeker", "title": words.asks, "payload": {}}},
        {"status": "needs_attention", "attention": {"kind": "seeker", "title": words.why, "payload": {}}},
        {"status": "applied", "confirmation": words.number},
        {"status": "interview"}, {"status": "offer"}, {"status": "rejected"},
    ]  # fmt: skip
    for n, state in enumerate(states):
        posting = await vacancy(tx, n, words)
        await scored(tx, seeker, posting, resume, words)
        app = await applications.approve(
            tx, seeker_id=seeker, posting_id=posting.id, score=91, resume_version_id=resume
        )
        await tx.conn.execute(update(application).where(application.c.id == app.id).values(state))
        if n < 4:
            made.states.append(State(f"application, {n}", seeker, f"/portal/applications/{app.number}"))
    for n in (7, 8):
        posting = await vacancy(tx, n, words)
        await scored(tx, seeker, posting, resume, words)
    made.states.append(State("why", seeker, f"/portal/matches/{posting.number}/why"))


async def _given(tx: Tx, made: Furnished, review: UUID, employee: UUID) -> UUID:
    given = await dispatch.assign(
        tx, review, actor=made.people["boss"], employee_id=employee, rules=PATIENT, ignore_capacity=True
    )
    return given.id


async def _review(tx: Tx, made: Furnished, kind: str, employee: UUID, resume: UUID) -> None:
    words, word, token = made.words, made.words.word, made.words.token
    posting = await vacancy(tx, 20 + KINDS.index(kind), words)
    await scored(tx, made.people["seeker"], posting, resume, words)
    app = await applications.approve(
        tx, seeker_id=made.people["seeker"], posting_id=posting.id, score=78, resume_version_id=resume
    )
    # it waits for a person, or its review would be called off
    waits = update(application).where(application.c.id == app.id)
    await tx.conn.execute(waits.values(status=REVIEW_KINDS[kind], attention={"kind": kind, "title": "", "payload": {}}))
    payload = {
        "why": words.why, "url": token,
        "fields": [
            {"key": "a", "label": f"How many years of {word}?", "required": True},
            {"key": "b", "label": "Where?", "options": [word, "London"], "why": words.title(0)},
            {"key": "c", "label": "Why us?", "type": "textarea"},
        ],
        "answers": [{"label": "Website", "value": token}, {"label": "Name, in full", "value": words.name(2, "")}],
        "response": {"url": token, "status": 502, "text": f"Bad gateway {token}"},
    }  # fmt: skip
    review = await dispatch.file_review(
        tx,
        kind=kind,
        title=words.title(KINDS.index(kind)),
        application_id=app.id,
        seeker_id=made.people["seeker"],
        payload=payload,
    )
    given = await _given(tx, made, review.id, employee)
    if kind == "resume":
        version = await seekers.get_resume(tx, resume)
        text = version.text + f"\nAdded {word} {words.said if words.spare else ''}\n"
        await dispatch.put_draft(
            tx, employee_id=employee, review_id=review.id, assignment_id=given, version=0, body={"text": text}
        )


async def _work(tx: Tx, made: Furnished) -> None:
    """Reviews filed by hand, those nobody holds, strikes with appeals, a lock, history."""
    who, words, word = made.people, made.words, made.words.word
    plain = await dispatch.file_review(tx, kind="resume", title=words.title(9), payload={"text": words.said})
    await _given(tx, made, plain.id, who["plain"])
    for n in range(3):
        review = await dispatch.file_review(tx, kind="question", title=words.title(n), payload={"text": word})
        given = await _given(tx, made, review.id, who["several"])
        row = {"id": new_id(), "employee_id": who["several"], "assignment_id": given, "level": "noted", "count": n + 1}
        await tx.conn.execute(insert(strike).values(row | {"evidence": {"delivered": True}}))
        if n:
            await dispatch.appeal(tx, who["several"], row["id"], words.said)  # type: ignore[arg-type]  # the one UUID
        if n == 2:
            await dispatch.complete(
                tx, employee_id=who["several"], review_id=review.id, assignment_id=given, verdict="reject",
                notes=words.said, resume_version_id=None, answers=None, confirmation=None,
            )  # fmt: skip
            made.states.append(State("desk, one of the past", who["several"], f"/desk/history/{given}"))
    await dispatch.set_availability(tx, who["paused"], "paused", words.reason)
    await dispatch.set_availability(tx, who["free"], "available")
    await accounts.lock(
        tx, who["locked"], actor=who["boss"], reason=f"four strikes {word}" if words.spare else "four strikes"
    )
    for n in range(2):
        await dispatch.file_review(tx, kind="question", title=words.title(n + 3), skills=[word[:60]])


async def _operations(tx: Tx, made: Furnished) -> None:
    words, word = made.words, made.words.word
    row = {"id": new_id(), "kind": "apply", "key": word, "state": "dead", "last_error": words.said}
    await tx.conn.execute(insert(task).values(row | {"created_at": utcnow() - timedelta(hours=3)}))
    await postings.add_source(
        tx, kind="greenhouse", token="northwind", name=f"{word} {word}"[:150] if words.spare else "Northwind Payments"
    )
    await dispatch.add_pool(tx, actor=made.people["boss"], name=word[:60], group=f"group-{word}"[:60])
