"""Figures over a range of time and over each of its buckets, beside the range of equal length before it.

What each of them counts is said once, in Figures. Where there is nothing to divide by the figure is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from app.applications.policy import STATUSES
from app.insight import kpi_queries, spreadsheet
from app.insight.buckets import Bucket, Range
from app.platform.db import Tx

COLUMNS: Final = (
    "begun",
    "submitted",
    "auto",
    "manual",
    "auto_rate",
    "manual_rate",
    "completed",
    "missed",
    "in_time",
    "sla_rate",
    "handling_median",
    "handling_p90",
    "interviews",
    "offers",
    "success_rate",
    "offer_rate",
    "answered",
    "response_median",
    "postings",
    "strikes",
    "voided",
)


class Figures(Struct, frozen=True, kw_only=True):
    """Rates are 0–1, times are seconds; None: there is nothing to reckon it from.

    begun, by_status, reached: applications made in the time, by how they stand now, and by what they ever reached.
    submitted: applications sent in the time; `auto` without a review before it was sent, `manual` after one. Of these
    `interviews` (or an offer at once) and `offers` so far make the success and the offer rate.
    completed, missed: assignments that ended in the time; sla_rate: those `in_time` for their deadline among both.
    handling: from being assigned to its completion. response: from sending to the employer's first answer, of the
    answers that came in the time. postings: vacancies first seen. strikes: given and standing; `voided`: no more.
    """

    begun: int
    by_status: dict[str, int]
    reached: dict[str, int]
    submitted: int
    auto: int
    manual: int
    auto_rate: float | None
    manual_rate: float | None
    completed: int
    missed: int
    in_time: int
    sla_rate: float | None
    handling_median: float | None
    handling_p90: float | None
    interviews: int
    offers: int
    success_rate: float | None
    offer_rate: float | None
    answered: int
    response_median: float | None
    postings: int
    strikes: int
    voided: int


class Point(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """One bucket."""

    start: datetime
    end: datetime
    figures: Figures


class Kpis(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to", "before_start": "before_from"}):
    """`before` is of the range from `before_start` up to `start`; buckets are by the clock of `zone`."""

    start: datetime
    end: datetime
    zone: str
    bucket: Bucket
    figures: Figures
    before_start: datetime
    before: Figures
    series: list[Point]


async def kpis(tx: Tx, over: Range) -> Kpis:
    """All of them, in one statement a table."""
    found: dict[int, dict[str, Any]] = {}
    for query in kpi_queries.ALL:
        for row in await tx.conn.execute(query(over)):
            told = dict(row._mapping)
            found.setdefault(told.pop("place"), {}).update(told)
    ends = [*over.edges[1:], over.end]
    series = [
        Point(start=start, end=end, figures=_figures(found.get(place, {})))
        for place, (start, end) in enumerate(zip(over.edges, ends, strict=True), 1)
    ]
    return Kpis(
        start=over.start,
        end=over.end,
        zone=over.zone,
        bucket=over.bucket,
        figures=_figures(found.get(kpi_queries.ALL_OF_IT, {})),
        before_start=over.before,
        before=_figures(found.get(kpi_queries.BEFORE, {})),
        series=series,
    )


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _seconds(value: Any) -> float | None:
    return None if value is None else round(float(value), 3)


def _figures(row: Mapping[str, Any]) -> Figures:
    def count(name: str) -> int:
        return int(row.get(name) or 0)

    ended = count("completed") + count("missed")
    median, p90 = row.get("handling") or (None, None)
    sent = count("submitted")
    return Figures(
        begun=count("begun"),
        by_status={status: count(f"is_{status}") for status in STATUSES if count(f"is_{status}")},
        reached={stage: count(f"reached_{stage}") for stage in kpi_queries.STAGES},
        submitted=sent,
        auto=sent - count("manual"),
        manual=count("manual"),
        auto_rate=_rate(sent - count("manual"), sent),
        manual_rate=_rate(count("manual"), sent),
        completed=count("completed"),
        missed=count("missed"),
        in_time=count("in_time"),
        sla_rate=_rate(count("in_time"), ended),
        handling_median=_seconds(median),
        handling_p90=_seconds(p90),
        interviews=count("interviews"),
        offers=count("offers"),
        success_rate=_rate(count("interviews"), sent),
        offer_rate=_rate(count("offers"), sent),
        answered=count("answered"),
        response_median=_seconds(row.get("response_median")),
        postings=count("postings"),
        strikes=count("strikes"),
        voided=count("voided"),
    )


def as_csv(found: Kpis) -> str:
    """A line a bucket; rates 0–1, times in seconds, empty where there is nothing to reckon from."""
    rows = [[one.start, one.end, *(getattr(one.figures, name) for name in COLUMNS)] for one in found.series]
    return spreadsheet.as_csv(("from", "to", *COLUMNS), rows)
