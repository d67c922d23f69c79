"""What follows from scores: the bot applies, a person looks, or the match waits for a free slot. Once per pair."""

from __future__ import annotations

from uuid import UUID

import msgspec

from app.applications import service as applications
from app.bots.match import scales, store, versions
from app.bots.match.policy import IN_REVIEW_AT_ONCE, limits
from app.bots.match.store import Candidate
from app.config import Settings
from app.platform.db import Tx
from app.seekers import service as seekers


async def decide(tx: Tx, settings: Settings, seeker_id: UUID) -> list[UUID]:
    """Hand the seeker's best undecided matches on, as many as slots are free; returns the matches acted on.

    The seeker's row is locked: two deciders would count the same free slots. A match is acted on once; scored again
    it changes nothing, and applications keep one row per seeker and posting besides.
    """
    seeker = await seekers.lock(tx, seeker_id)
    found = await store.undecided(tx, seeker_id, versions.basis(await scales.active(tx)))
    if not seeker.matching_active or not found:
        return []
    # The lines may have moved since: what a bot was to do is a person's where the score is below the one of today.
    top, _ = limits(seeker.thresholds, settings.auto_apply_score, settings.review_floor)
    found = [one if one.score >= top else msgspec.structs.replace(one, decision="review") for one in found]
    acted: list[UUID] = []
    for decision, free in (("auto", await _slots(tx, settings, seeker_id)), ("review", await _desk(tx, seeker_id))):
        mine = [candidate for candidate in found if candidate.decision == decision]
        for candidate in mine[:free]:
            await _act(tx, seeker_id, candidate)
        acted += [candidate.id for candidate in mine[:free]]
        await store.set_state(tx, [one.id for one in mine[free:] if one.state != "waiting"], "waiting")
    await store.keep_decisions(tx, acted)
    await store.set_state(tx, acted, "acted")
    return acted


async def _slots(tx: Tx, settings: Settings, seeker_id: UUID) -> int:
    used = await applications.approved_today(tx, seeker_id)
    return max(0, settings.daily_applications - used)


async def _desk(tx: Tx, seeker_id: UUID) -> int:
    open_ones = await applications.of_seeker(tx, seeker_id, statuses=["in_review"], limit=IN_REVIEW_AT_ONCE)
    return IN_REVIEW_AT_ONCE - len(open_ones)


async def _act(tx: Tx, seeker_id: UUID, candidate: Candidate) -> None:
    act = applications.approve if candidate.decision == "auto" else applications.request_review
    await act(
        tx,
        seeker_id=seeker_id,
        posting_id=candidate.posting_id,
        score=candidate.score,
        resume_version_id=candidate.resume_version_id,
    )
