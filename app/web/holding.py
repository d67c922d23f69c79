"""An assignee's own review by its assignment: how it is named, and how it is read without locking it."""

from __future__ import annotations

from uuid import UUID

from app.accounts.sessions import Principal
from app.dispatch import service as dispatch
from app.dispatch.types import NoSuchReview, ReviewView
from app.platform.db import Tx


def named(me: Principal, review_id: UUID, assignment_id: UUID) -> dict[str, UUID]:
    """How dispatch wants to be told which assignment of whose."""
    return {"employee_id": me.user_id, "review_id": review_id, "assignment_id": assignment_id}


async def held(tx: Tx, me: Principal, review_id: UUID, assignment_id: UUID) -> ReviewView:
    """The review while this assignment is its open one and mine; what is slow must not make the dispatcher wait.

    Raises NoSuchReview, LostAssignment (who won).
    """
    try:
        view = await dispatch.review_view(tx, me, review_id)
    except NoSuchReview:
        await dispatch.fence(tx, me.user_id, review_id, assignment_id)  # says who won, where it was mine before
        raise
    if not view.mine or view.assignment is None or view.assignment.id != assignment_id:
        await dispatch.fence(tx, me.user_id, review_id, assignment_id)
    return view
