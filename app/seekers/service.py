"""What one can do with a seeker: one verb each, in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from app.errors import Invalid, NotFound, TooLarge
from app.platform import queue
from app.platform.db import Tx
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.seekers import facts, policy, store
from app.seekers.corrections import merged
from app.seekers.facts import Facts
from app.seekers.render import MAX_CHARS, render_pdf
from app.seekers.sniff import PDF, TEXT, sniff
from app.seekers.types import Answer, Profile, ResumeVersion, Seeker
from app.words import gettext as _

SOURCES = ("seeker", "reviewer", "resume")


async def create(tx: Tx, user_id: UUID, *, name: str = "", email: str = "", matching: bool = True) -> Seeker:
    """The seeker's side of a user; a second call changes nothing. `matching`: whether bots may act at once."""
    await store.insert_seeker(tx, user_id, Profile(name=name, email=email), matching=matching)
    return await get(tx, user_id)


async def get(tx: Tx, seeker_id: UUID) -> Seeker:
    """Raises NotFound."""
    return _found(await store.load(tx, seeker_id), seeker_id)


async def get_many(tx: Tx, ids: Sequence[UUID]) -> list[Seeker]:
    """Those of them that exist, in no order."""
    return await store.load_many(tx, ids)


async def lock(tx: Tx, seeker_id: UUID) -> Seeker:
    """As `get`, and nobody else decides about this seeker until the transaction ends."""
    return _found(await store.load(tx, seeker_id, lock=True), seeker_id)


def _found(seeker: Seeker | None, seeker_id: UUID) -> Seeker:
    if seeker is None:
        raise NotFound(_("There is no such seeker"), seeker=str(seeker_id))
    return seeker


async def update(tx: Tx, seeker_id: UUID, patch: dict[str, Any]) -> Seeker:
    """Change profile, preferences, thresholds, consent, matching_active; every open posting is then scored again.

    Parts are merged field by field. Raises Invalid with the path of each bad field.
    """
    changed = policy.merged(await lock(tx, seeker_id), patch)
    await store.save(tx, changed)
    await queue.add(tx, "match.seeker", str(seeker_id), max_attempts=10)
    return await get(tx, seeker_id)


async def answers(tx: Tx, seeker_id: UUID) -> list[Answer]:
    """The answer bank, newest first."""
    return await store.answers(tx, seeker_id)


async def set_answer(tx: Tx, seeker_id: UUID, *, question: str, answer: Any, source: str = "seeker") -> Answer:
    """Keep an answer word for word; the later answer to the same question stands. Raises Invalid."""
    if not policy.can_be_kept(question):
        raise Invalid(
            _("A question has words, and at most %(max_question)s characters", max_question=policy.MAX_QUESTION)
        )
    policy.check_answer(answer)
    if source not in SOURCES:
        raise Invalid(
            _("An answer comes from %(sources)s, not from %(source)s", sources=", ".join(SOURCES), source=source)
        )
    values = {
        "seeker_id": seeker_id,
        "question": question.strip(),
        "question_key": policy.question_key(question),
        "answer": answer,
        "source": source,
    }
    return await store.upsert_answer(tx, values)


async def delete_answer(tx: Tx, seeker_id: UUID, answer_id: UUID) -> None:
    """Raises NotFound when it isn't this seeker's."""
    if not await store.delete_answer(tx, seeker_id, answer_id):
        raise NotFound(_("There is no such answer"), answer=str(answer_id))


async def store_upload(tx: Tx, objects: Objects, seeker_id: UUID, filename: str, data: bytes) -> ResumeVersion:
    """Keep an upload and have it parsed.

    The file is kept first, whatever it is: what can't be read comes back as state `failed` with `error`
    {"code", "text"}. Raises TooLarge above 10 MB, and NotFound.
    """
    if len(data) > policy.MAX_UPLOAD:
        size = len(data) / 1024 / 1024
        raise TooLarge(
            _(
                "This file has %(size)s MB; the limit is 10 MB. Save it smaller, without pictures, and try again.",
                size=f"{size:.0f}",
            )
        )
    await lock(tx, seeker_id)
    version_id = new_id()
    key = f"resumes/{seeker_id}/{version_id}/original"
    kind = sniff(data)
    await objects.put(key, data, kind.media_type)
    bad = {"code": kind.code, "text": kind.text} if kind.code else None
    values = _values(version_id, seeker_id, "upload", filename, kind.media_type, key)
    values |= {
        "pdf_key": key if kind.media_type == PDF else None,
        "content_hash": hashlib.sha256(data).hexdigest(),
        "state": "failed" if bad else "stored",
        "error": bad,
        "created_by": seeker_id,
    }
    version = await store.insert_resume(tx, values)
    if not bad:
        await queue.add(tx, "match.resume", str(version.id))
    return version


def _values(version_id: UUID, seeker_id: UUID, kind: str, filename: str, media: str, key: str) -> dict[str, Any]:
    return {
        "id": version_id,
        "seeker_id": seeker_id,
        "kind": kind,
        "filename": policy.safe_filename(filename),
        "media_type": media,
        "object_key": key,
    }


async def add_version(
    tx: Tx,
    objects: Objects,
    seeker_id: UUID,
    *,
    parent_id: UUID | None,
    text: str,
    kind: str,
    created_by: UUID | None,
    application_id: UUID | None,
) -> ResumeVersion:
    """A version written by a person or the tailor (`kind` review or tailored): its text, and a PDF made of it.

    `parsed` is the parent's (contact, jobs, studies); scoring reads `text`. Raises Invalid on an empty or huge text.
    """
    if len(text) > MAX_CHARS:
        raise Invalid(
            _(
                "The resume has %(count)s characters; the limit is %(most)s. Shorten it.",
                count=len(text),
                most=MAX_CHARS,
            )
        )
    await lock(tx, seeker_id)
    parent = await get_resume(tx, parent_id) if parent_id else None
    if parent is not None and parent.seeker_id != seeker_id:
        raise NotFound(_("There is no such resume"), resume=str(parent_id))
    pdf = await render_pdf(text)
    version_id = new_id()
    base = f"resumes/{seeker_id}/{version_id}"
    await objects.put(f"{base}/original", text.encode(), TEXT)
    await objects.put(f"{base}/resume.pdf", pdf, PDF)
    values = _values(version_id, seeker_id, kind, parent.filename if parent else "resume.pdf", TEXT, f"{base}/original")
    values |= {
        "parent_id": parent_id,
        "application_id": application_id,
        "pdf_key": f"{base}/resume.pdf",
        "text": text,
        "parsed": parent.parsed if parent else None,
        "content_hash": hashlib.sha256(text.encode()).hexdigest(),
        "state": "parsed",
        "created_by": created_by,
    }
    return await store.insert_resume(tx, values)


async def parsed(tx: Tx, objects: Objects, version_id: UUID, *, text: str, found: dict[str, Any]) -> ResumeVersion:
    """An upload was read: keep its text and parts, make the PDF that bots upload where it isn't one, rescore all."""
    version = await get_resume(tx, version_id)
    pdf_key = version.pdf_key
    if pdf_key is None:
        pdf_key = f"resumes/{version.seeker_id}/{version_id}/resume.pdf"
        await objects.put(pdf_key, await render_pdf(text), PDF)
    values = {"text": text, "parsed": found, "state": "parsed", "error": None, "pdf_key": pdf_key}
    saved = await store.update_resume(tx, version_id, values)
    await _fill_profile(tx, version.seeker_id, facts.read(found))
    await queue.add(tx, "match.seeker", str(version.seeker_id), max_attempts=10)
    return saved or version


async def _fill_profile(tx: Tx, seeker_id: UUID, found: Facts) -> None:
    """What the resume says, as the seeker corrected it, fills what they left empty; nothing they wrote is touched."""
    seeker = await lock(tx, seeker_id)
    profile = policy.filled(seeker.profile, merged(found, seeker.corrections))
    if profile != seeker.profile:
        await store.save(tx, msgspec.structs.replace(seeker, profile=profile))


async def failed(tx: Tx, version_id: UUID, *, code: str, text: str) -> ResumeVersion | None:
    """An upload can't be read: the file stays, `error` tells the seeker what to do."""
    return await store.update_resume(tx, version_id, {"state": "failed", "error": {"code": code, "text": text}})


async def latest_resume(tx: Tx, seeker_id: UUID) -> ResumeVersion | None:
    """The newest readable version that isn't made for one application; what is matched and sent by default."""
    return await store.latest_parsed(tx, seeker_id)


async def get_resume(tx: Tx, version_id: UUID) -> ResumeVersion:
    """Raises NotFound. Whoever calls has made sure that the reader may see it."""
    found = await store.resume(tx, version_id)
    if found is None:
        raise NotFound(_("There is no such resume"), resume=str(version_id))
    return found


async def resumes(tx: Tx, seeker_id: UUID, limit: int = 50) -> list[ResumeVersion]:
    """All versions, newest first, failed uploads included."""
    return await store.resumes(tx, seeker_id, limit)
