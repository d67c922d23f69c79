"""The page of figures from what insight tells: tiles, charts, the funnel and the table. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from app.insight.kpis import Figures, Kpis, Point
from app.web.states import stated
from app.words import date_words, later
from app.words import gettext as _
from app.words import ngettext as _n

NONE: Final = "–"
_STAGES: Final = (("applied", later("sent")), ("interview", later("interview")), ("offer", later("offer")))
STATUS_WORDS: Final = {
    "not_applied": later("not applied"),
    "in_review": later("with a reviewer"),
    "needs_attention": later("needs attention"),
}
Number = int | float | None
_SPANS: Final = ((86400, later("%(n)s days")), (3600, later("%(n)s h")), (60, later("%(n)s min")))


class Tile(Struct, frozen=True, kw_only=True):
    """A figure: what it is, what it was in the range before, and the difference (`tone` good, bad or none)."""

    name: str
    value: str
    note: str
    difference: str
    tone: str
    before: str


class Column(Struct, frozen=True):
    """Of the table: what it is called, and what a bucket shows there. `scale` makes of a value what is drawn."""

    name: str
    of: str
    words: Callable[[Number], str]
    scale: float = 1


class Cell(Struct, frozen=True):
    drawn: str
    words: str


class Row(Struct, frozen=True):
    start: datetime
    label: str
    tick: str
    cells: list[Cell]


class Chart(Struct, frozen=True, kw_only=True):
    """Which columns of the table it draws, counted from 1, and how: lines or bars, up to `top` where that is known."""

    title: str
    keys: list[str]
    columns: list[int]
    tones: list[str]
    unit: str = ""
    kind: str = "line"
    top: int | None = None
    empty: bool = False


class Stage(Struct, frozen=True):
    """A step of the funnel: how many came so far, of those that began."""

    name: str
    count: int
    share: str
    percent: int


class Shown(Struct, frozen=True, kw_only=True):
    """All that the part of figures shows."""

    span: str
    compared: str
    told: str
    tiles: list[Tile]
    charts: list[Chart]
    funnel: list[Stage]
    statuses: list[tuple[str, int]]
    columns: list[Column]
    rows: list[Row]
    nothing: bool


def percent(value: Number) -> str:
    return NONE if value is None else f"{f'{100 * value:.1f}'.removesuffix('.0')} %"


def count(value: Number) -> str:
    return NONE if value is None else f"{value:,.0f}"


def lasting(value: Number) -> str:
    """Seconds as a person says them."""
    if value is None:
        return NONE
    for length, message in _SPANS:
        if value >= length:
            return _(message, n=f"{value / length:.1f}".removesuffix(".0"))
    return _("%(n)s s", n=f"{value:.0f}")


COLUMNS: Final = (
    Column(later("Sent by bots"), "auto", count),
    Column(later("Sent after a person"), "manual", count),
    Column(later("Auto-apply rate"), "auto_rate", percent, 100),
    Column(later("In time"), "sla_rate", percent, 100),
    Column(later("Handling, median"), "handling_median", lasting, 1 / 60),
    Column(later("Handling, p90"), "handling_p90", lasting, 1 / 60),
    Column(later("Success rate"), "success_rate", percent, 100),
    Column(later("Offer rate"), "offer_rate", percent, 100),
    Column(later("Employer's answer, median"), "response_median", lasting, 1 / 86400),
    Column(later("Postings found"), "postings", count),
    Column(later("Missed"), "missed", count),
    Column(later("Strikes"), "strikes", count),
)
_CHARTS: Final = (
    Chart(
        title=later("Applications sent"),
        keys=[later("by bots"), later("after a person")],
        columns=[1, 2],
        tones=["ink", "info"],
    ),
    Chart(title=later("Reviews in time"), unit="%", keys=[later("in time")], columns=[4], tones=["ok"], top=100),
    Chart(
        title=later("Handling time"),
        unit=later("minutes"),
        keys=[later("median"), later("p90")],
        columns=[5, 6],
        tones=["ink", "info"],
    ),
    Chart(
        title=later("Success"),
        unit="%",
        keys=[later("interview"), later("offer")],
        columns=[7, 8],
        tones=["ok", "info"],
        top=100,
    ),
    Chart(title=later("Postings found"), keys=[later("postings")], columns=[10], tones=["ink"], kind="bars"),
    Chart(
        title=later("Missed and strikes"),
        keys=[later("missed"), later("strikes")],
        columns=[11, 12],
        tones=["warn", "risk"],
    ),
)


def shown(found: Kpis, words: str) -> Shown:
    """`words` name the range: today, 7 days, …"""
    zone = ZoneInfo(found.zone)
    rows = [_row(point, found.bucket, zone) for point in found.series]
    now, before = found.figures, found.before
    return Shown(
        span=_span(found, zone),
        compared=_("%(start)s to %(end)s", start=_moment(found.before_start, zone), end=_moment(found.start, zone)),
        told=sentence(now, before, words),
        tiles=_tiles(now, before),
        charts=[_drawn(chart, rows) for chart in _CHARTS],
        funnel=_funnel(now),
        statuses=[
            (_(STATUS_WORDS[name]) if name in STATUS_WORDS else stated(name), number)
            for name, number in now.by_status.items()
        ],
        columns=list(COLUMNS),
        rows=rows,
        nothing=not any((now.begun, now.submitted, now.completed, now.missed, now.postings, now.answered, now.strikes)),
    )


def _drawn(chart: Chart, rows: list[Row]) -> Chart:
    empty = not any(row.cells[at - 1].drawn not in ("", "0") for row in rows for at in chart.columns)
    keys = [_(key) for key in chart.keys]
    return structs.replace(chart, title=_(chart.title), keys=keys, unit=_(chart.unit), empty=empty)


def _row(point: Point, bucket: str, zone: ZoneInfo) -> Row:
    start = point.start.astimezone(zone)
    hour, day = f"{start:%H:%M}", date_words(start, "%a %d %b")
    label = {"hour": f"{day}, {hour}", "week": _("week of %(day)s", day=day)}.get(bucket, day)
    return Row(
        point.start,
        label,
        hour if bucket == "hour" else date_words(start, "%-d %b"),
        [_cell(column, point) for column in COLUMNS],
    )


def _cell(column: Column, point: Point) -> Cell:
    value: Number = getattr(point.figures, column.of)
    return Cell("" if value is None else f"{value * column.scale:.6g}", column.words(value))


def _span(found: Kpis, zone: ZoneInfo) -> str:
    first, last = found.start.astimezone(zone), found.end.astimezone(zone)
    day = date_words(first, "%a %d %b %Y")
    if first.date() == last.date():
        return _("%(day)s up to %(time)s", day=day, time=f"{last:%H:%M}")
    return _("%(start)s to %(end)s", start=day, end=_moment(found.end, zone))


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return _("the end of %(day)s", day=date_words(local - timedelta(days=1), "%a %d %b"))
    return date_words(local, "%a %d %b, %H:%M")


def _tiles(now: Figures, before: Figures) -> list[Tile]:
    sent = _("by people %(rate)s, %(count)s sent", rate=percent(now.manual_rate), count=count(now.submitted))
    ended = now.completed + now.missed
    done = _("%(done)s of %(all)s", done=count(now.in_time), all=count(ended)) if ended else _("no review ended")
    of = _("offers %(rate)s", rate=percent(now.offer_rate)) if now.submitted else _("nothing was sent")
    answers = _n(
        "median; %(count)s answer came", "median; %(count)s answers came", now.answered, count=count(now.answered)
    )
    p90 = _("p90 %(time)s", time=lasting(now.handling_p90))
    begun = _n("%(count)s applications begun", "%(count)s applications begun", now.begun, count=count(now.begun))
    missed = _("%(missed)s missed, %(voided)s voided", missed=count(now.missed), voided=count(now.voided))
    return [
        _tile(_("Applied by bots"), "auto_rate", now, before, percent, sent),
        _tile(_("Reviews in time"), "sla_rate", now, before, percent, done, 1),
        _tile(_("Handling time, median"), "handling_median", now, before, lasting, p90, -1),
        _tile(_("Interviews of sent"), "success_rate", now, before, percent, of, 1),
        _tile(_("Employer's answer"), "response_median", now, before, lasting, answers, -1),
        _tile(_("Postings found"), "postings", now, before, count, begun),
        _tile(_("Strikes"), "strikes", now, before, count, missed, -1),
    ]


def _tile(
    name: str, of: str, now: Figures, before: Figures, words: Callable[[Number], str], note: str, better: int = 0
) -> Tile:
    """`better`: 1 where more is better, -1 where less is, 0 where neither is."""
    value, was = getattr(now, of), getattr(before, of)
    moved = 0 if value is None or was is None else (value > was) - (value < was)
    tone = {1: "good", -1: "bad"}.get(moved * better, "")
    told = _("nothing before to compare with") if was is None else _("%(value)s before", value=words(was))
    return Tile(
        name=name, value=words(value), note=note, difference=difference(value, was, words), tone=tone, before=told
    )


def difference(value: Number, was: Number, words: Callable[[Number], str]) -> str:
    """Rates in points, times in time, counts in per cent of what was; empty where there is nothing to compare."""
    if value is None or was is None:
        return ""
    sign = "▲" if value > was else "▼"
    if value == was:
        return _("the same")
    if words is percent:
        return _("%(sign)s %(n)s points", sign=sign, n=percent(abs(value - was)).removesuffix(" %"))
    if words is lasting:
        return f"{sign} {lasting(abs(value - was))}"
    return f"{sign} {count(abs(value - was))}" + (f" ({percent(abs(value - was) / was)})" if was else "")


def sentence(now: Figures, before: Figures, words: str) -> str:
    """What changed, in words."""
    parts = [_sent(now.submitted, before.submitted, "" if words == "today" else words)]
    if now.sla_rate is not None:
        parts.append(_in_time(now.sla_rate, before.sla_rate))
    if now.handling_median is not None:
        parts.append(_handled(now.handling_median, before.handling_median))
    return "; ".join(parts) + "."


def _sent(value: int, was: int, words: str) -> str:
    """`words` name the range; empty where its length has no name."""
    length = _("the %(range)s", range=_(words)) if words else _("as long a time")
    told = {"count": count(value), "more": count(abs(value - was)), "length": length}
    if value == was:
        return _("%(count)s applications were sent, as many as in %(length)s before", **told)
    if value > was:
        return _("%(count)s applications were sent, %(more)s more than in %(length)s before", **told)
    return _("%(count)s applications were sent, %(more)s fewer than in %(length)s before", **told)


def _in_time(value: float, was: float | None) -> str:
    rate = percent(value)
    if was is None:
        return _("%(rate)s of reviews were done in time", rate=rate)
    if value == was:
        return _("%(rate)s of reviews were done in time (the same before)", rate=rate)
    return _("%(rate)s of reviews were done in time (%(was)s before)", rate=rate, was=percent(was))


def _handled(value: float, was: float | None) -> str:
    if was is None:
        return _("half of them took at most %(time)s", time=lasting(value))
    return _("half of them took at most %(time)s, after %(was)s", time=lasting(value), was=lasting(was))


def _funnel(now: Figures) -> list[Stage]:
    steps = [(_("begun"), now.begun), *((_(words), now.reached[name]) for name, words in _STAGES)]
    return [
        Stage(name, number, percent(number / now.begun) if now.begun else NONE, _of(number, now.begun))
        for name, number in steps
    ]


def _of(number: int, whole: int) -> int:
    return round(100 * number / whole) if whole else 0
