"""`/api/metrics/fairness`: how evenly work was spread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from app.dispatch import service as dispatch
from app.errors import FieldError, Invalid
from app.insight.fairness import Fairness, as_csv, fairness
from app.web.deps import TxDep
from app.web.guards import requires

USUAL = timedelta(days=7)
LONGEST = timedelta(days=366)
BEGINNING = datetime.min.replace(tzinfo=UTC)
ZONE = "Give a time with its zone, such as 2026-11-23T17:00:00Z."


@get("/api/metrics/fairness", guards=[requires("supervisor")], tags=["metrics"])
async def fairness_metrics(
    tx: TxDep,
    start: Annotated[datetime | None, QueryParameter(name="from")] = None,
    to: FromQuery[datetime | None] = None,
    format: FromQuery[Literal["json", "csv"]] = "json",
) -> Response[Fairness] | Response[str]:
    """Assignments per available hour from `from` up to `to`: the last seven days where nothing is said."""
    found = await fairness(tx, *_interval(start, to, await dispatch.database_time(tx)))
    if format == "json":
        return Response(found)
    headers = {"content-disposition": 'attachment; filename="fairness.csv"'}
    return Response(as_csv(found), media_type="text/csv", headers=headers)


def _interval(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    given = (("from", start), ("to", end))
    zoneless = [name for name, at in given if at is not None and at.tzinfo is None]
    if zoneless:
        raise Invalid(errors=[FieldError(name, ZONE) for name in zoneless])
    end = min(end or now, now)
    start = start or end - min(USUAL, end - BEGINNING)
    if not timedelta(0) < end - start <= LONGEST:
        raise Invalid(errors=[FieldError("from", "Lies before `to` and before now, by at most 366 days.")])
    return start, end


METRICS: list[ControllerRouterHandler] = [fairness_metrics]
