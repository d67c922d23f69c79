"""One statement for each table that figures come from. Each passes once over the range and the one before it.

Every row has a `place`: the number of its bucket from 1 on, ALL_OF_IT for the whole range, BEFORE for the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    Select,
    and_,
    bindparam,
    case,
    exists,
    extract,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from app.applications.models import application, application_event
from app.applications.policy import STATUSES
from app.dispatch.models import assignment, review, strike
from app.insight.buckets import Range
from app.platform.db import Moment
from app.postings.models import posting

BEFORE: Final = 0
ALL_OF_IT: Final = -1
STAGES: Final = ("applied", "interview", "offer")
ANSWERS: Final = ("interview", "offer", "rejected")
# A person looked at it before it was sent; which mail belongs to it is asked afterwards.
_SENDING: Final = ("resume", "question", "handover", "unknown_outcome")
# An application in one of these may have come further before.
_PASSED_THROUGH: Final = ("rejected", "withdrawn", "needs_attention")


def _count(where: ColumnElement[bool] | None = None) -> Any:
    return func.count() if where is None else func.count().filter(where)


def _among(column: Any, words: Sequence[str]) -> Any:
    """Written into the statement, so that an index of just these rows is always seen to fit."""
    return column.in_(bindparam(None, list(words), expanding=True, literal_execute=True))


def _grouped(over: Range, at: Any, inner: Select[Any], columns: Callable[[Any], dict[str, Any]]) -> Select[Any]:
    """`inner` cut by `at`: what `columns` makes of each bucket, of the whole range and of the one before."""
    edges = literal(over.edges, ARRAY(Moment))
    bucket = func.width_bucket(at, edges).label("bucket")
    inside = (at >= over.before, at < over.end)
    rows = inner.add_columns(bucket, (at >= over.start).label("inside")).where(*inside).subquery()
    each = func.grouping(rows.c.bucket) == 0
    place = case((each, rows.c.bucket), (rows.c.inside, ALL_OF_IT), else_=BEFORE).label("place")
    named = [column.label(name) for name, column in columns(rows).items()]
    # the one before is a bucket of its own already, numbered 0
    kept = or_(each, rows.c.inside)
    sets = func.grouping_sets(tuple_(rows.c.bucket), tuple_(rows.c.inside))
    return select(place, *named).group_by(sets).having(kept)


def _further(over: Range) -> Any:
    """Which applications came further, of those made or sent since the beginning: their employers answered later."""
    event = application_event
    offer, good = event.c.to_status == "offer", _among(event.c.to_status, ("interview", "offer"))
    query = select(event.c.application_id, func.bool_or(offer).label("offer"))
    return (
        query.where(_among(event.c.to_status, ANSWERS), good, event.c.at >= over.before)
        .group_by(event.c.application_id)
        .subquery()
    )


def _reached(further: Any) -> dict[str, Any]:
    """Whether an application stands at an interview or an offer, or did before it ended. A correction takes it back."""
    ended = application.c.status.in_(_PASSED_THROUGH)
    stands, status = further.c.application_id.is_not(None), application.c.status
    return {
        "interview": case((status.in_(("interview", "offer")), true()), (ended, stands), else_=false()),
        "offer": case((status == "offer", true()), (ended, func.coalesce(further.c.offer, false())), else_=false()),
    }


def _applications(further: Any, **columns: Any) -> Select[Any]:
    named = [column.label(name) for name, column in (columns | _reached(further)).items()]
    return select(*named).select_from(application).outerjoin(further, further.c.application_id == application.c.id)


def sent(over: Range) -> Select[Any]:
    """Applications by when they were sent: with a person before it or not, and how far they came since."""
    looked_at = exists().where(
        review.c.application_id == application.c.id,
        _among(review.c.kind, _SENDING),
        review.c.created_at <= application.c.applied_at,
    )
    inner = _applications(_further(over), manual=looked_at)
    return _grouped(
        over,
        application.c.applied_at,
        inner,
        lambda rows: {
            "submitted": _count(),
            "manual": _count(rows.c.manual),
            "interviews": _count(rows.c.interview),
            "offers": _count(rows.c.offer),
        },
    )


def begun(over: Range) -> Select[Any]:
    """Applications by when they were made: how they stand, and what they reached."""
    inner = _applications(_further(over), status=application.c.status, applied=application.c.applied_at.is_not(None))
    return _grouped(
        over,
        application.c.created_at,
        inner,
        lambda rows: (
            {"begun": _count()}
            | {f"is_{status}": _count(rows.c.status == status) for status in STATUSES}
            | {f"reached_{stage}": _count(rows.c[stage]) for stage in STAGES}
        ),
    )


def worked(over: Range) -> Select[Any]:
    """Assignments by when they ended, completed or missed."""
    took = extract("epoch", assignment.c.closed_at - assignment.c.assigned_at)
    done = assignment.c.state == "completed"
    inner = select(
        done.label("done"),
        and_(done, assignment.c.closed_at <= assignment.c.deadline_at).label("in_time"),
        case((done, took)).label("took"),
    ).where(_among(assignment.c.state, ("completed", "missed")))

    def columns(rows: Any) -> dict[str, Any]:
        # both at once: a percentile apart sorts the same times again
        both = func.percentile_cont(literal([0.5, 0.9], ARRAY(Double))).within_group(rows.c.took)
        return {
            "completed": _count(rows.c.done),
            "missed": _count(~rows.c.done),
            "in_time": _count(rows.c.in_time),
            "handling": both,
        }

    return _grouped(over, assignment.c.closed_at, inner, columns)


def answered(over: Range) -> Select[Any]:
    """Employers' answers to what had none, by when they came, and how long after sending."""
    event = application_event
    fresh = func.coalesce(event.c.from_status, "").not_in(ANSWERS)
    took = extract("epoch", event.c.at - application.c.applied_at)
    inner = (
        select(took.label("took"))
        .join(application, application.c.id == event.c.application_id)
        .where(_among(event.c.to_status, ANSWERS), fresh, application.c.applied_at <= event.c.at)
    )
    return _grouped(
        over,
        event.c.at,
        inner,
        lambda rows: {"answered": _count(), "response_median": func.percentile_cont(0.5).within_group(rows.c.took)},
    )


def found(over: Range) -> Select[Any]:
    """Postings by when they were first seen."""
    return _grouped(over, posting.c.opened_at, select(), lambda _: {"postings": _count()})


def struck(over: Range) -> Select[Any]:
    """Strikes by when they were given."""
    return _grouped(
        over,
        strike.c.at,
        select(strike.c.voided_at),
        lambda rows: {
            "strikes": _count(rows.c.voided_at.is_(None)),
            "voided": _count(rows.c.voided_at.is_not(None)),
        },
    )


ALL: Final[tuple[Callable[[Range], Select[Any]], ...]] = (begun, sent, worked, answered, found, struck)
