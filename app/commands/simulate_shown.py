"""A simulated day as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.dispatch.simulation.sizing import Sized
from app.dispatch.simulation.tally import Depth, Person, Report, Waits

ROWS: Final = 12
BARS: Final = " ▁▂▃▄▅▆▇█"


def sized(found: Sized, target: str) -> Iterator[str]:
    """What was tried, and the answer."""
    for trial in found.trials:
        yield f"  {trial.people:>6} people: {trial.reached:g}% at worst{'' if trial.met else ', not enough'}"
    if found.people is None:
        yield f"Not even {found.trials[-1].people} people meet {target!r}: it isn't people that are missing."
    else:
        yield f"{found.people} people meet {target!r}."
        yield ""


def report(day: Report, recorded: Waits | None = None) -> Iterator[str]:
    """The whole day; `recorded`: the waits of the real one that it lives through again."""
    hours = (day.end - day.start).total_seconds() / 3600
    yield f"{day.arrived} reviews, {len(day.people)} people, {hours:g} hours"
    if day.wait_seconds:
        yield _row("waited", _waits(day.wait_seconds))
    if recorded:
        yield _row("really", _waits(recorded))
    yield _row("in time", f"{_percent(day.hit_percent)} of {day.completed + day.missed} completed or missed")
    yield _row("ended", f"{day.completed} completed, {day.escalated} escalated")
    yield _row("left", f"{day.waiting} in the queue, {day.open_at_end} with a person")
    yield _row("trouble", f"{day.missed} missed, {day.declined} declined, {day.undelivered} undelivered")
    yield _row("", f"{day.disconnected} disconnected, {day.stranded} stranded for a while")
    yield _row("strikes", f"{day.strikes}, {day.locks} locked")
    yield _row("utilisation", _percent(None if day.utilisation is None else 100 * day.utilisation))
    yield from _fairness(day)
    yield _row("queue", f"{_chart(day.queue)}  most {max((point.most for point in day.queue), default=0)}")
    yield from _people(day.people)


def _waits(waits: Waits) -> str:
    return f"p50 {span(waits.p50)}  p90 {span(waits.p90)}  p99 {span(waits.p99)}  max {span(waits.max)}"


def _fairness(day: Report) -> Iterator[str]:
    even = day.fairness
    if even.median is None:
        yield _row("fairness", "nobody was available for half an hour")
        return
    ratio = "–" if even.ratio is None else f"{even.ratio:.2f}"
    yield _row("fairness", f"{even.least:.2f} to {even.most:.2f} an available hour, median {even.median:.2f}")
    if even.gini is not None and even.jain is not None and even.cv is not None:
        yield _row("", f"most/least {ratio}  CV {even.cv:.3f}  Gini {even.gini:.3f}  Jain {even.jain:.3f}")


def _people(people: list[Person]) -> Iterator[str]:
    yield ""
    yield f"{'person':<20}{'given':>7}{'done':>7}{'missed':>8}{'hours':>8}{'an hour':>9}{'busy':>7}"
    ordered = sorted(people, key=lambda one: (-(one.per_hour or 0), one.number))
    few = len(ordered) <= ROWS
    for one in ordered if few else ordered[: ROWS // 2]:
        yield _person(one)
    if not few:
        yield f"… {len(ordered) - ROWS} more …"
        yield from (_person(one) for one in ordered[-ROWS // 2 :])


def _person(one: Person) -> str:
    rate = "–" if one.per_hour is None else f"{one.per_hour:.2f}"
    busy = "–" if one.utilisation is None else f"{100 * one.utilisation:.0f}%"
    name = one.name[:19]
    return (
        f"{name:<20}{one.assignments:>7}{one.completed:>7}{one.missed:>8}{one.available_hours:>8.1f}{rate:>9}{busy:>7}"
    )


def _row(name: str, text: str) -> str:
    return f"  {name:<13}{text}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}%"


def span(seconds: float) -> str:
    """0.4 s, 95 s, 12.5 min, 3.2 h."""
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _chart(points: list[Depth], width: int = 48) -> str:
    if not points:
        return ""
    step = max(1, -(-len(points) // width))
    heights = [max(point.most for point in points[n : n + step]) for n in range(0, len(points), step)]
    top = max(heights) or 1
    return "".join(BARS[-(-height * (len(BARS) - 1) // top)] for height in heights)
