"""What was read of a seeker's resume, and what the seeker makes of it: look, correct, undo."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from app.errors import Conflict, NotFound
from app.platform import queue
from app.platform.db import Tx
from app.seekers import facts, facts_check, policy, service, store
from app.seekers.corrections import Corrections, Shown, Wanted, learned, merged, shown
from app.seekers.facts import Facts, Position, Study
from app.seekers.types import ResumeVersion, Seeker
from app.words import gettext as _
from app.words import later


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One resume as it was read and as it stands: `read`, `facts` with the corrections over it, and what to look at.

    `doubts`: paths in `read` that the parser wasn't sure of, none once the seeker has saved this version.
    """

    resume: ResumeVersion
    own: Corrections
    read: Facts
    facts: Facts
    positions: list[Shown[Position]]
    studies: list[Shown[Study]]
    doubts: frozenset[str]


class SavedMeanwhile(Conflict):
    title = later("These facts were saved in another window meanwhile")


async def latest(tx: Tx, seeker_id: UUID) -> Reading | None:
    """Of the resume that is matched and sent by default; None while none could be read."""
    version = await service.latest_resume(tx, seeker_id)
    return None if version is None else _reading(version, (await service.get(tx, seeker_id)).corrections)


async def of(tx: Tx, seeker_id: UUID, resume_id: str) -> Reading:
    """Of one version of the seeker's own. Raises NotFound."""
    try:
        version = await _own(tx, seeker_id, UUID(resume_id))
    except ValueError as why:
        raise NotFound(_("There is no such resume")) from why
    return _reading(version, (await service.get(tx, seeker_id)).corrections)


def _reading(version: ResumeVersion, own: Corrections) -> Reading:
    found = facts.read(version.parsed)
    seen = own.checked == str(version.id)
    return Reading(
        resume=version,
        own=own,
        read=found,
        facts=merged(found, own),
        positions=shown(found.positions, own.positions),
        studies=shown(found.studies, own.studies),
        doubts=frozenset() if seen else facts.doubts(version.parsed),
    )


async def correct(
    tx: Tx, seeker_id: UUID, *, resume_id: UUID, revision: int, wanted: Wanted, today: date
) -> Reading | None:
    """Keep what the seeker made of a reading; every open posting is scored again. Answers as `latest`.

    `resume_id`: the version that the form showed, whatever was uploaded since. Raises Invalid with the path of each bad
    field, NotFound where the version isn't theirs, SavedMeanwhile where `revision` isn't the last one.
    """
    seeker = await service.lock(tx, seeker_id)
    version = await _own(tx, seeker_id, resume_id)
    if seeker.corrections.revision != revision:
        raise SavedMeanwhile(_("Look at what you typed and save again to keep it over the other."))
    was = _reading(version, seeker.corrections)
    tidied = facts_check.checked(wanted, facts_check.Before(was.facts, was.positions, was.studies), today)
    return await _keep(tx, seeker, learned(seeker.corrections, was.read, tidied, str(version.id)))


async def undo(tx: Tx, seeker_id: UUID) -> Reading | None:
    """Forget all corrections: what was read stands again. Answers as `latest`."""
    seeker = await service.lock(tx, seeker_id)
    return await _keep(tx, seeker, Corrections(revision=seeker.corrections.revision + 1))


async def _own(tx: Tx, seeker_id: UUID, resume_id: UUID) -> ResumeVersion:
    version = await service.get_resume(tx, resume_id)
    if version.seeker_id != seeker_id or version.state != "parsed":
        raise NotFound(_("There is no such resume"), resume=str(resume_id))
    return version


async def _keep(tx: Tx, seeker: Seeker, own: Corrections) -> Reading | None:
    """With the profile, where it has its answers from the resume, and a version more."""
    version = await service.latest_resume(tx, seeker.user_id)
    profile = seeker.profile
    if version is not None:
        found = facts.read(version.parsed)
        profile = policy.followed(profile, merged(found, seeker.corrections), merged(found, own))
    await store.save_corrections(tx, seeker.user_id, own, profile)
    await queue.add(tx, "match.seeker", str(seeker.user_id), max_attempts=10)
    return None if version is None else _reading(version, own)
