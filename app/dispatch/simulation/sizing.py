"""How many people a shift needs: the smallest number with which every seed's day meets the target."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from app.dispatch.simulation.tally import Outcome
from app.errors import FieldError, Invalid

_UNITS: Final = {"": 1, "s": 1, "min": 60, "m": 60, "h": 3600}
_WAIT: Final = re.compile(r"(\d+(?:\.\d+)?) ?% ?within ?(\d+(?:\.\d+)?) ?(s|min|m|h|)")
_SLA: Final = re.compile(r"(\d+(?:\.\d+)?) ?% ?in time")


class Target(Struct, frozen=True):
    """`percent` of reviews wait at most `seconds`; without seconds: of assignments that end are completed in time."""

    percent: float
    seconds: float | None = None

    def reached(self, outcome: Outcome) -> float:
        """What the day came to, in percent. A day on which nothing ended has hit nothing."""
        if self.seconds is None:
            return outcome.report.hit_percent or 0.0
        return 100 * outcome.within(self.seconds)


class Trial(Struct, frozen=True):
    """So many people were tried; `reached` is the worst seed's percent."""

    people: int
    reached: float
    met: bool


class Sized(Struct, frozen=True):
    """`people` None: not even the most that were tried met the target."""

    people: int | None
    trials: list[Trial]


def target_of(text: str) -> Target:
    """From "90% within 60 s" or "95% in time". Raises Invalid."""
    said = " ".join(text.lower().split())
    waits, in_time = _WAIT.fullmatch(said), _SLA.fullmatch(said)
    if waits:
        target = Target(float(waits[1]), float(waits[2]) * _UNITS[waits[3]])
    elif in_time:
        target = Target(float(in_time[1]))
    else:
        raise Invalid(errors=[FieldError("target", 'Takes "90% within 60 s" (or min, h) or "95% in time".')])
    if not 0 < target.percent <= 100:
        raise Invalid(errors=[FieldError("target", "The share is above 0% and at most 100%.")])
    return target


def size(run: Callable[[int, int], Outcome], target: Target, seeds: Sequence[int], most: int) -> Sized:
    """Doubling until it is met, then halving the gap. `run(people, seed)` is one day; at most `most` people."""
    trials: dict[int, Trial] = {}

    def met(people: int) -> bool:
        trials[people] = _tried(run, target, seeds, people)
        return trials[people].met

    above = 1
    while not met(above) and above < most:
        above = min(2 * above, most)
    if not trials[above].met:
        return Sized(None, sorted(trials.values(), key=lambda trial: trial.people))
    below = max((people for people in trials if not trials[people].met), default=0)
    while above - below > 1:
        middle = (above + below) // 2
        above, below = (middle, below) if met(middle) else (above, middle)
    return Sized(above, sorted(trials.values(), key=lambda trial: trial.people))


def _tried(run: Callable[[int, int], Outcome], target: Target, seeds: Sequence[int], people: int) -> Trial:
    reached = 100.0
    for seed in seeds:
        reached = min(reached, target.reached(run(people, seed)))
        if reached < target.percent:
            break  # one seed that fails decides it
    return Trial(people, round(reached, 2), reached >= target.percent)
