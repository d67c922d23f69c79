"""`/api/metrics/`: figures over a range of time, and how evenly work was spread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from app.dispatch import service as dispatch
from app.errors import FieldError, Invalid
from app.insight import kpis
from app.insight.buckets import Bucket, cut
from app.insight.fairness import Fairness, as_csv, fairness
from app.insight.kpis import Kpis
from app.web.deps import TxDep
from app.web.guards import requires
from app.web.times import check_zones

USUAL = timedelta(days=7)
LONGEST = timedelta(days=366)
BEGINNING = datetime.min.replace(tzinfo=UTC)


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
    check_zones(**{"from": start, "to": end})
    end = min(end or now, now)
    start = start or end - min(USUAL, end - BEGINNING)
    if not timedelta(0) < end - start <= LONGEST:
        raise Invalid(errors=[FieldError("from", "Lies before `to` and before now, by at most 366 days.")])
    return start, end


@get("/api/metrics/kpis", guards=[requires("supervisor")], tags=["metrics"])
async def kpi_metrics(
    tx: TxDep,
    start: Annotated[datetime | None, QueryParameter(name="from")] = None,
    to: FromQuery[datetime | None] = None,
    bucket: FromQuery[Bucket | None] = None,
    zone: Annotated[str, QueryParameter(max_length=60, description="whose days and hours; UTC where left out")] = "UTC",
    format: FromQuery[Literal["json", "csv"]] = "json",
) -> Response[Kpis] | Response[str]:
    """Figures from `from` up to `to`, over each bucket, and over the range of equal length before.

    The last seven days where nothing is said; a bucket of `hour`, `day` or `week` by the length where none is named.
    """
    begin, end = _interval(start, to, await dispatch.database_time(tx))
    found = await kpis.kpis(tx, cut(begin, end, bucket, zone))
    if format == "json":
        return Response(found)
    headers = {"content-disposition": f'attachment; filename="kpis-{found.start:%Y%m%d}-{found.end:%Y%m%d}.csv"'}
    return Response(kpis.as_csv(found), media_type="text/csv", headers=headers)


METRICS: list[ControllerRouterHandler] = [fairness_metrics, kpi_metrics]
