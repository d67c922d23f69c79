"""Get both sides of a score ready: from where they are kept, else analysed, embedded and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec

from app.bots.match import likeness, scales, scoring, sides, store_sides, versions
from app.bots.match.embedder_client import Embedder
from app.bots.match.scale import Scale
from app.bots.match.sides import PersonSide, PostingSide
from app.bots.match.store import Basis, Vacancy
from app.bots.match.store_sides import Loaded
from app.bots.match.vectors import Lookup
from app.platform.clock import utcnow
from app.platform.db import Database
from app.seekers import service as seekers
from app.seekers.corrections import Corrections
from app.seekers.types import Seeker

_AT_ONCE = 12  # postings whose sentences are embedded in one go


class Subject(msgspec.Struct, frozen=True):
    """A seeker ready to be scored, by a scale."""

    seeker: Seeker
    basis: Basis
    side: PersonSide
    scale: Scale


class Ready(msgspec.Struct, frozen=True):
    """A posting ready to be scored."""

    vacancy: Vacancy
    side: PostingSide


def month_basis(model: str) -> str:
    """As sides.basis; a resume's years grow with time, so that its side lasts a month.

    It has the seeker's corrections in it, which those of an older version of ours haven't.
    """
    return f"{sides.basis(model)}/corrected/{utcnow():%Y-%m}"


class Preparer:
    """Sides of seekers and postings. Raises EmbedderUnavailable while the embedder starts."""

    def __init__(self, db: Database, embedder: Embedder) -> None:
        self.db = db
        self.embedder = embedder

    async def subject(self, seeker_id: UUID) -> Subject | None:
        """None: no such seeker (any more), or no readable resume."""
        found = await self.subjects([seeker_id])
        return found[0] if found else None

    async def subjects(self, ids: Sequence[UUID]) -> list[Subject]:
        """Those of the seekers who have a readable resume, in order."""
        model = await self.embedder.model()
        async with self.db.transaction() as tx:
            kept = await store_sides.seeker_sides(tx, ids, month_basis(model))
            known = {one.user_id: one for one in await seekers.get_many(tx, list(kept))}
            scale = await scales.active(tx)
        found = []
        for seeker_id in (one for one in ids if one in kept and one in known):
            resume_id, version, packed = kept[seeker_id]
            owner = Basis(
                seeker_id=seeker_id,
                seeker_version=version,
                resume_version_id=resume_id,
                model_version=versions.line(model, scale),
            )
            own = known[seeker_id].corrections
            side = sides.unpack_person(packed) if packed is not None else await self._analysed(owner, own, model)
            found.append(Subject(known[seeker_id], owner, side, scale))
        return found

    async def by_scale_in_force(self, subject: Subject) -> Subject:
        """The same by the scale as it is now: another makes other scores stale."""
        model = versions.parse(subject.basis.model_version).model
        async with self.db.transaction() as tx:
            scale = await scales.active(tx)
        basis = msgspec.structs.replace(subject.basis, model_version=versions.line(model, scale))
        return msgspec.structs.replace(subject, basis=basis, scale=scale)

    async def _analysed(self, owner: Basis, own: Corrections, model: str) -> PersonSide:
        async with self.db.transaction() as tx:
            resume = await seekers.get_resume(tx, owner.resume_version_id)
        hidden = str((resume.parsed or {}).get("hidden", ""))
        who = await asyncio.to_thread(scoring.person_of, resume.text, utcnow().date(), own, hidden)
        found = Lookup(model, [], likeness.resume_texts(who))
        await found.asked(self.embedder)
        side = PersonSide(who, likeness.told(who, found.found))
        async with self.db.transaction() as tx:
            await store_sides.keep_seeker(tx, owner, month_basis(model), side.told.gist, sides.pack_person(side))
        return side

    async def postings(self, ids: Sequence[UUID]) -> list[Ready]:
        """Those of the postings that are open, in order."""
        model = await self.embedder.model()
        async with self.db.transaction() as tx:
            loaded = await store_sides.postings(tx, ids, sides.basis(model))
        new: dict[UUID, PostingSide] = {}
        unread = [one.vacancy for one in loaded if one.packed is None]
        for start in range(0, len(unread), _AT_ONCE):
            new |= await self._read(unread[start : start + _AT_ONCE], model)
        return [Ready(one.vacancy, _side(one, new)) for one in loaded]

    async def _read(self, vacancies: Sequence[Vacancy], model: str) -> dict[UUID, PostingSide]:
        """Analyse and embed; what was new is kept."""
        needs = {vacancy.id: scoring.needs_of(vacancy) for vacancy in vacancies}
        found = Lookup(model, [text for one in needs.values() for text in likeness.posting_texts(one)], [])
        async with self.db.transaction() as tx:
            await found.stored(tx)
        await found.asked(self.embedder)
        made = {one: PostingSide(need, likeness.asked(need, found.found)) for one, need in needs.items()}
        async with self.db.transaction() as tx:
            await found.keep(tx)
            for vacancy in sorted(vacancies, key=lambda one: one.id):  # in one order, for whoever else keeps them
                side = made[vacancy.id]
                packed = sides.pack_posting(side)
                await store_sides.keep_posting(tx, vacancy, sides.basis(model), side.asked.gist, packed)
        return made


def _side(one: Loaded, new: dict[UUID, PostingSide]) -> PostingSide:
    return sides.unpack_posting(one.packed) if one.packed is not None else new[one.vacancy.id]
