"""The draft belongs to the review, is versioned, and is fenced by the open assignment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from app.dispatch.reviews import lost
from app.dispatch.store import reviews
from app.dispatch.tell import Telling
from app.dispatch.types import Assignment, Draft, DraftSaved, EarlierDraft, NoSuchReview, ReviewView
from app.errors import Conflict, TooLarge
from app.platform.db import Tx
from app.words import gettext as _

MAX_BYTES = 256 * 1024
MOST_ORPHANS = 50  # of a review: a page that never stops saving fills no disk


async def get_draft(tx: Tx, employee_id: UUID, review_id: UUID) -> Draft:
    """The draft of a review that this person holds. Raises NoSuchReview."""
    held = await reviews.holder(tx, review_id)
    if held is None or held[0].employee_id != employee_id:
        raise NoSuchReview(review=str(review_id))
    return await reviews.get_draft(tx, review_id)


async def put_draft(
    tx: Tx, *, employee_id: UUID, review_id: UUID, assignment_id: UUID, version: int, body: dict[str, Any]
) -> DraftSaved:
    """Save on top of `version` (0: nothing saved yet). What comes too late is kept aside and both people are told.

    An orphan is answered, not raised, for it must be kept: the caller shows it as a conflict. Raises NoSuchReview,
    TooLarge, and Conflict where too many are kept already.
    """
    if len(msgspec.json.encode(body)) > MAX_BYTES:
        raise TooLarge(_("A draft may have up to 256 kB."))
    mine = await reviews.lock_assignment(tx, assignment_id)
    if mine is None or mine.review_id != review_id or mine.employee_id != employee_id:
        raise NoSuchReview(review=str(review_id))
    if mine.state == "open":
        before = await reviews.get_draft(tx, review_id)
        saved = await reviews.put_draft(tx, review_id, assignment_id, version, body)
        if saved is not None:
            await _keep_others(tx, before, employee_id)
            return DraftSaved(version=saved)
        detail = "This draft was saved from another page since. Load it again; your text is kept aside."
    else:
        detail = f"{(await lost(tx, mine)).detail} Your text is kept aside."
    return await _orphan(tx, mine, body, detail)


async def _keep_others(tx: Tx, before: Draft, writer: UUID) -> None:
    """Who saves over a colleague's draft takes nothing from it: it is kept aside, and can still be taken over."""
    if before.assignment_id is None or before.employee_id == writer:
        return
    if await reviews.count_orphans(tx, before.review_id) < MOST_ORPHANS:
        await reviews.add_orphan(tx, before.review_id, before.assignment_id, before.body, before.updated_at)


async def earlier_drafts(tx: Tx, view: ReviewView) -> list[EarlierDraft]:
    """What others, or the holder too late, wrote on it since the holder's own draft; the newest first.

    Once the holder has saved on top of it, by taking it over or otherwise, it is no news. Raises NoSuchReview where
    the view is not its holder's.
    """
    if not view.mine or view.assignment is None:
        raise NoSuchReview(review=str(view.review.id))
    own = view.draft
    since = own.updated_at if own.employee_id == view.assignment.employee_id else None
    return [one for one in await reviews.earlier_drafts(tx, view.review.id) if since is None or one.at > since]


async def _orphan(tx: Tx, mine: Assignment, body: dict[str, Any], detail: str) -> DraftSaved:
    if await reviews.count_orphans(tx, mine.review_id) >= MOST_ORPHANS:
        raise Conflict(_("Too much that came too late is kept aside already; this is not."), review=str(mine.review_id))
    await reviews.add_orphan(tx, mine.review_id, mine.id, body)
    now_with = await reviews.holder(tx, mine.review_id)
    told = Telling()
    people = {mine.employee_id} | ({now_with[0].employee_id} if now_with else set())
    for person in sorted(people):
        told.person(person, "draft_orphaned", {"review": mine.review_id, "assignment": mine.id})
    told.note(mine.review_id, "draft_orphaned", actor=mine.employee_id, assignment=mine.id)
    await told.send(tx, wake=False)
    return DraftSaved(version=(await reviews.get_draft(tx, mine.review_id)).version, orphan=True, detail=detail)
