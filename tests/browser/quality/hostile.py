"""A database in which every text that comes from outside is an attack."""

from __future__ import annotations

import html
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert, update

from app.accounts import store as accounts_store
from app.applications import service as applications
from app.applications.models import application
from app.applications.policy import REVIEW_KINDS
from app.bots.match import store as match_store
from app.dispatch import service as dispatch
from app.dispatch.models import strike
from app.platform.db import Tx
from app.platform.ids import new_id
from app.platform.task_table import task
from app.postings import service as postings
from app.postings import text
from app.postings.models import posting as posting_table
from app.postings.types import NewPosting, Posting
from app.seekers import service as seekers
from tests.browser.house import House
from tests.browser.quality.furnished import PATIENT
from tests.browser.quality.payloads import PAYLOADS

CHUNK = 33
CHUNKS = [PAYLOADS[at : at + CHUNK] for at in range(0, len(PAYLOADS), CHUNK)]
KINDS = ("resume", "question", "handover", "unknown_outcome", "mail_match")


class Hostile(msgspec.Struct):
    """Who may look at it."""

    seeker: UUID
    employee: UUID
    supervisor: UUID
    operator: UUID
    reviews: list[UUID] = []
    applications: list[int] = []
    matches: list[int] = []


async def _person(tx: Tx, role: str, name: str) -> UUID:
    """Without a password: hashing hundreds of them takes seconds."""
    user = await accounts_store.insert_user(tx, new_id(), f"{new_id().hex}@cabrank.test", name, role, "none")  # type: ignore[arg-type]  # a role
    assert user is not None
    if role == "employee":
        await dispatch.enroll(tx, user.id)
    if role == "seeker":
        await seekers.create(tx, user.id, name=name)
    return user.id


async def furnish(house: House) -> Hostile:
    """Two thirds of the payloads come through the sanitizer, the rest past it."""
    async with house.db.transaction() as tx:
        seeker, operator = await _person(tx, "seeker", PAYLOADS[14]), await _person(tx, "operator", PAYLOADS[15])
        employee, supervisor = await _person(tx, "employee", PAYLOADS[0]), await _person(tx, "supervisor", PAYLOADS[1])
    made = Hostile(seeker, employee, supervisor, operator)
    async with house.db.transaction() as tx:
        resume = await _seekers_own(tx, house, seeker)
        for payload in PAYLOADS:
            await _person(tx, "employee", text.printable(payload)[:190])
        await _operations(tx)
    for n, chunk in enumerate(CHUNKS):
        with pytest.MonkeyPatch.context() as patch:
            if n % 3 == 2:  # the sanitizer is switched off
                patch.setattr(text, "_clean", lambda value: value)
            await _vacancies(house, made, resume, n, chunk)
    async with house.db.transaction() as tx:
        await _matches(tx, made, resume)
        await dispatch.begin_incident(tx, actor=supervisor, reason=PAYLOADS[17], freeze_clocks=False)
        await dispatch.set_availability(tx, employee, "paused", PAYLOADS[18][:60])
    return made


async def _seekers_own(tx: Tx, house: House, seeker: UUID) -> UUID:
    """Resumes with hostile texts and file names, a profile, an answer bank."""
    words = "\n".join(" ".join(payload.split()) for payload in PAYLOADS)
    found = {
        "contact": {"name": PAYLOADS[2], "email": PAYLOADS[3]},
        "jobs": [{"title": one, "employer": one, "text": one} for one in PAYLOADS[:40]],
        "skills": PAYLOADS[40:80],
    }
    for name in PAYLOADS[::40]:
        kept = await seekers.store_upload(
            tx, house.objects, seeker, f"{text.printable(name)}.txt"[-200:], words.encode()
        )
        await seekers.parsed(tx, house.objects, kept.id, text=text.printable(words), found=found)
    last = await seekers.store_upload(tx, house.objects, seeker, "x.txt", b"unreadable")
    await seekers.failed(tx, last.id, code="broken", text=PAYLOADS[19])
    profile = {"headline": PAYLOADS[20], "location": PAYLOADS[21], "links": {"website": PAYLOADS[90]}}
    await seekers.update(tx, seeker, {"profile": {"phone": PAYLOADS[22]} | profile})
    for payload in PAYLOADS:
        said = text.printable(payload)
        await seekers.set_answer(tx, seeker, question=said[:400] or "x", answer=said[:400] or "x")
    return kept.id


async def _operations(tx: Tx) -> None:
    for n, payload in enumerate(PAYLOADS[:25]):
        said = text.printable(payload)[:100]
        row = {"id": new_id(), "kind": "apply", "key": said, "state": "dead", "last_error": said, "payload": {"n": n}}
        await tx.conn.execute(insert(task).values(row))
    for n, payload in enumerate(PAYLOADS[25:50]):
        await postings.add_source(tx, kind="greenhouse", token=f"board{n}", name=text.printable(payload)[:100])


async def _vacancies(house: House, made: Hostile, resume: UUID, n: int, chunk: list[str]) -> None:
    async with house.db.transaction() as tx:
        found = []
        for m, payload in enumerate(chunk):
            body = "".join(
                f"<p>{one}</p>\n<p>{html.escape(one)}</p>\n<li>{one}" for one in (chunk if m < 2 else [payload])
            )
            new = NewPosting(company=f"Firm {n} {m} {payload}", title=f"{payload} {n} {m}", location=payload,
                             description_html=body, external_id=f"{n}-{m}")  # fmt: skip
            filed = await postings.create_internal(tx, new)
            link = {"apply_url": text.printable(payload)}
            await tx.conn.execute(update(posting_table).where(posting_table.c.id == filed.id).values(link))
            found.append(filed)
        made.matches += [one.number for one in found[:2]]
        await _applied(tx, made, resume, found, chunk)
        for kind, posting in zip(KINDS, [one for m, one in enumerate(found) if m % 3 != 2], strict=False):
            await _review(tx, made, kind, posting, chunk)


async def _applied(tx: Tx, made: Hostile, resume: UUID, found: list[Posting], chunk: list[str]) -> None:
    """An application in each state, with the payload where that state shows foreign words."""
    for m, (posting, raw) in enumerate(zip(found, chunk, strict=True)):
        said = text.printable(raw)
        states: list[dict[str, Any]] = [
            {"status": "applying", "progress": 40, "phase": said},
            {"status": "needs_attention", "attention": {"kind": "ask_seeker", "title": said, "payload": {}}},
            {"status": "applied", "confirmation": said},
            {"status": "needs_attention", "attention": {"kind": "seeker", "title": said, "payload": {}}},
            {"status": "not_applied"},
        ]
        if m % 3 == 2:
            continue  # a third stay matches
        app = await applications.approve(
            tx, seeker_id=made.seeker, posting_id=posting.id, score=91, resume_version_id=resume
        )
        await applications.transition(tx, app.id, "withdrawn", source="seeker", note=said)
        state = states[m % len(states)]
        await tx.conn.execute(update(application).where(application.c.id == app.id).values(state))
        made.applications.append(app.number)


async def _review(tx: Tx, made: Hostile, kind: str, posting: Posting, chunk: list[str]) -> None:
    words = [text.printable(one) for one in chunk]
    app = await applications.of_pair(tx, made.seeker, posting.id)
    assert app is not None
    waits = update(application).where(application.c.id == app.id)
    attention = {"kind": kind, "title": words[0], "payload": {}}
    await tx.conn.execute(waits.values(status=REVIEW_KINDS[kind], attention=attention))
    payload = {
        "why": "\n".join(words),
        "url": words[0],
        "fields": [{"key": one, "label": one, "options": words, "why": one} for one in words[:4]]
        + [{"key": one, "label": one, "type": "textarea"} for one in words[4:]],
        "answers": [{"label": one, "value": one} for one in words],
        "response": {"url": words[1], "status": words[2], "text": "\n".join(words)},
        "screenshot_key": words[3],
    }
    review = await dispatch.file_review(
        tx, kind=kind, title=words[0][:200], application_id=app.id, seeker_id=made.seeker, payload=payload
    )
    given = await dispatch.assign(
        tx, review.id, actor=made.supervisor, employee_id=made.employee, rules=PATIENT, ignore_capacity=True,
        reason=words[1],
    )  # fmt: skip
    made.reviews.append(review.id)
    if kind == "resume":
        resume = await seekers.get_resume(tx, app.resume_version_id or new_id())
        added = "\n".join(" ".join(f"Added {one}".split()) for one in words)
        body = {"text": f"{resume.text}\n{added}", "sources": {one: one for one in words}}
        await dispatch.put_draft(
            tx, employee_id=made.employee, review_id=review.id, assignment_id=given.id, version=0, body=body
        )
    row = {"id": new_id(), "employee_id": made.employee, "assignment_id": given.id, "level": "noted", "count": 1}
    await tx.conn.execute(insert(strike).values(row | {"evidence": {one: one for one in words}}))
    await dispatch.appeal(tx, made.employee, row["id"], "\n".join(words))  # type: ignore[arg-type]  # the one UUID


async def _matches(tx: Tx, made: Hostile, resume: UUID) -> None:
    every = await postings.list_postings(tx, limit=1000)
    rows = []
    for n, posting in enumerate(every):
        words = [text.printable(one) for one in CHUNKS[n % len(CHUNKS)]]
        pairs = [{"asked": one, "told": one} for one in words]
        part = {"name": words[0], "label": words[0], "score": 60, "weight": 50, "evidence": pairs}
        told = {
            "matched": words,
            "missing": words,
            "would_raise": [{"skill": one, "points": 2} for one in words],
            "lines": [
                {"text": f"{one} {n} years", "kind": "required", "met": 10 * m, "evidence": one, "matched": [],
                 "missing": [one]} for m, one in enumerate(words)
            ],
            "notes": words[:2],
        }  # fmt: skip
        row = {"seeker_id": made.seeker, "posting_id": posting.id, "score": 70 + n % 25, "decision": "review"}
        row |= {"components": [part | {"would_raise": words[1]}], "explanation": told, "resume_version_id": resume}
        rows.append(row | {"posting_version": posting.version, "seeker_version": 99, "model_version": "test"})
    await match_store.upsert(tx, rows)
