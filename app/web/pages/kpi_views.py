"""The page of figures from what insight tells: tiles, charts, the funnel and the table. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from app.insight.kpis import Figures, Kpis, Point

NONE: Final = "–"
_STAGES: Final = (("applied", "sent"), ("interview", "interview"), ("offer", "offer"))
STATUS_WORDS: Final = {
    "not_applied": "not applied",
    "in_review": "with a reviewer",
    "needs_attention": "needs attention",
}
Number = int | float | None


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
    for length, words in ((86400, "days"), (3600, "h"), (60, "min")):
        if value >= length:
            return f"{f'{value / length:.1f}'.removesuffix('.0')} {words}"
    return f"{value:.0f} s"


COLUMNS: Final = (
    Column("Sent by bots", "auto", count),
    Column("Sent after a person", "manual", count),
    Column("Auto-apply rate", "auto_rate", percent, 100),
    Column("In time", "sla_rate", percent, 100),
    Column("Handling, median", "handling_median", lasting, 1 / 60),
    Column("Handling, p90", "handling_p90", lasting, 1 / 60),
    Column("Success rate", "success_rate", percent, 100),
    Column("Offer rate", "offer_rate", percent, 100),
    Column("Employer's answer, median", "response_median", lasting, 1 / 86400),
    Column("Postings found", "postings", count),
    Column("Missed", "missed", count),
    Column("Strikes", "strikes", count),
)
_CHARTS: Final = (
    Chart(title="Applications sent", keys=["by bots", "after a person"], columns=[1, 2], tones=["ink", "info"]),
    Chart(title="Reviews in time", unit="%", keys=["in time"], columns=[4], tones=["ok"], top=100),
    Chart(title="Handling time", unit="minutes", keys=["median", "p90"], columns=[5, 6], tones=["ink", "info"]),
    Chart(title="Success", unit="%", keys=["interview", "offer"], columns=[7, 8], tones=["ok", "info"], top=100),
    Chart(title="Postings found", keys=["postings"], columns=[10], tones=["ink"], kind="bars"),
    Chart(title="Missed and strikes", keys=["missed", "strikes"], columns=[11, 12], tones=["warn", "risk"]),
)


def shown(found: Kpis, words: str) -> Shown:
    """`words` name the range: today, 7 days, …"""
    zone = ZoneInfo(found.zone)
    rows = [_row(point, found.bucket, zone) for point in found.series]
    now, before = found.figures, found.before
    return Shown(
        span=_span(found, zone),
        compared=f"{_moment(found.before_start, zone)} to {_moment(found.start, zone)}",
        told=sentence(now, before, words),
        tiles=_tiles(now, before),
        charts=[_drawn(chart, rows) for chart in _CHARTS],
        funnel=_funnel(now),
        statuses=[(STATUS_WORDS.get(name, name), number) for name, number in now.by_status.items()],
        columns=list(COLUMNS),
        rows=rows,
        nothing=not any((now.begun, now.submitted, now.completed, now.missed, now.postings, now.answered, now.strikes)),
    )


def _drawn(chart: Chart, rows: list[Row]) -> Chart:
    empty = not any(row.cells[at - 1].drawn not in ("", "0") for row in rows for at in chart.columns)
    return Chart(**{name: getattr(chart, name) for name in Chart.__struct_fields__} | {"empty": empty})


def _row(point: Point, bucket: str, zone: ZoneInfo) -> Row:
    start = point.start.astimezone(zone)
    hour, day = f"{start:%H:%M}", f"{start:%a %d %b}"
    label = {"hour": f"{day}, {hour}", "week": f"week of {day}"}.get(bucket, day)
    return Row(
        point.start,
        label,
        hour if bucket == "hour" else f"{start.day} {start:%b}",
        [_cell(column, point) for column in COLUMNS],
    )


def _cell(column: Column, point: Point) -> Cell:
    value: Number = getattr(point.figures, column.of)
    return Cell("" if value is None else f"{value * column.scale:.6g}", column.words(value))


def _span(found: Kpis, zone: ZoneInfo) -> str:
    first, last = found.start.astimezone(zone), found.end.astimezone(zone)
    until = f"up to {last:%H:%M}" if first.date() == last.date() else f"to {_moment(found.end, zone)}"
    return f"{first:%a %d %b %Y} {until}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return f"the end of {local - timedelta(days=1):%a %d %b}"
    return f"{local:%a %d %b, %H:%M}"


def _tiles(now: Figures, before: Figures) -> list[Tile]:
    sent = f"by people {percent(now.manual_rate)}, {count(now.submitted)} sent"
    ended = now.completed + now.missed
    done = f"{count(now.in_time)} of {count(ended)}" if ended else "no review ended"
    of = f"offers {percent(now.offer_rate)}" if now.submitted else "nothing was sent"
    answers = f"{count(now.answered)} answer{'' if now.answered == 1 else 's'} came"
    return [
        _tile("Applied by bots", "auto_rate", now, before, percent, sent),
        _tile("Reviews in time", "sla_rate", now, before, percent, done, 1),
        _tile("Handling time, median", "handling_median", now, before, lasting, f"p90 {lasting(now.handling_p90)}", -1),
        _tile("Interviews of sent", "success_rate", now, before, percent, of, 1),
        _tile("Employer's answer", "response_median", now, before, lasting, f"median; {answers}", -1),
        _tile("Postings found", "postings", now, before, count, f"{count(now.begun)} applications begun"),
        _tile("Strikes", "strikes", now, before, count, f"{count(now.missed)} missed, {count(now.voided)} voided", -1),
    ]


def _tile(
    name: str, of: str, now: Figures, before: Figures, words: Callable[[Number], str], note: str, better: int = 0
) -> Tile:
    """`better`: 1 where more is better, -1 where less is, 0 where neither is."""
    value, was = getattr(now, of), getattr(before, of)
    moved = 0 if value is None or was is None else (value > was) - (value < was)
    tone = {1: "good", -1: "bad"}.get(moved * better, "")
    told = "nothing before to compare with" if was is None else f"{words(was)} before"
    return Tile(
        name=name, value=words(value), note=note, difference=difference(value, was, words), tone=tone, before=told
    )


def difference(value: Number, was: Number, words: Callable[[Number], str]) -> str:
    """Rates in points, times in time, counts in per cent of what was; empty where there is nothing to compare."""
    if value is None or was is None:
        return ""
    sign = "▲" if value > was else "▼"
    if value == was:
        return "the same"
    if words is percent:
        return f"{sign} {percent(abs(value - was)).removesuffix(' %')} points"
    if words is lasting:
        return f"{sign} {lasting(abs(value - was))}"
    return f"{sign} {count(abs(value - was))}" + (f" ({percent(abs(value - was) / was)})" if was else "")


def sentence(now: Figures, before: Figures, words: str) -> str:
    """What changed, in words."""
    length = "as long a time" if words in ("", "today") else f"the {words}"
    parts = [f"{count(now.submitted)} applications were sent, {_more(now.submitted, before.submitted)} {length} before"]
    if now.sla_rate is not None:
        parts.append(f"{percent(now.sla_rate)} of reviews were done in time{_against(now.sla_rate, before.sla_rate)}")
    if now.handling_median is not None:
        was = "" if before.handling_median is None else f", after {lasting(before.handling_median)}"
        parts.append(f"half of them took at most {lasting(now.handling_median)}{was}")
    return "; ".join(parts) + "."


def _more(value: int, was: int) -> str:
    if value == was:
        return "as many as in"
    return f"{count(abs(value - was))} {'more' if value > was else 'fewer'} than in"


def _against(value: float, was: float | None) -> str:
    return "" if was is None else f" ({percent(was)} before)" if value != was else " (the same before)"


def _funnel(now: Figures) -> list[Stage]:
    steps = [("begun", now.begun), *((words, now.reached[name]) for name, words in _STAGES)]
    return [
        Stage(name, number, percent(number / now.begun) if now.begun else NONE, _of(number, now.begun))
        for name, number in steps
    ]


def _of(number: int, whole: int) -> int:
    return round(100 * number / whole) if whole else 0
