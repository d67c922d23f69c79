"""Sizing a shift: what a target says, and the search."""

from __future__ import annotations

from array import array
from random import Random
from typing import Any

import msgspec
import pytest

from app.dispatch.policy.types import Rules
from app.dispatch.simulate import simulate
from app.dispatch.simulation.imagine import Crew, Plan, imagine, scaled
from app.dispatch.simulation.sizing import Target, Trial, size, target_of
from app.dispatch.simulation.tally import Outcome
from app.errors import Invalid
from tests.dispatch.simulation.build import NINE, play


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("90% within 60 s", Target(90, 60)),
        ("90 % WITHIN  60", Target(90, 60)),
        ("99.5% within 1.5 min", Target(99.5, 90)),
        ("80%within2h", Target(80, 7200)),
        ("95% in time", Target(95)),
    ],
)
def test_targets_are_read(text: str, target: Target) -> None:
    assert target_of(text) == target


@pytest.mark.parametrize(
    "text", ["", "90", "90% within", "0% in time", "101% in time", "-5% in time", "90% within 1 d"]
)
def test_nonsense_is_no_target(text: str) -> None:
    with pytest.raises(Invalid):
        target_of(text)


def _run(wanted: dict[int, int], tried: list[int]) -> Any:
    """A day on which everybody is served at once if there are as many people as its seed wants."""
    report = play([], [])[0].report

    def run(people: int, seed: int) -> Outcome:
        tried.append(people)
        return Outcome(report, array("d", [0.0 if people >= wanted[seed] else 100.0]))

    return run


@pytest.mark.parametrize("wanted", [*range(1, 20), 64, 65, 100])
def test_the_smallest_number_is_found_by_doubling_and_halving(wanted: int) -> None:
    tried = list[int]()
    sized = size(_run({1: wanted, 2: wanted - 1}, tried), Target(90, 60), [1, 2], 100)
    assert sized.people == wanted
    assert len(set(tried)) <= 15


def test_every_seed_has_to_meet_it_and_the_search_ends() -> None:
    assert size(_run({1: 3, 2: 7}, []), Target(90, 60), [1, 2], 100).people == 7
    hopeless = size(_run({1: 101}, []), Target(90, 60), [1], 100)
    assert (hopeless.people, hopeless.trials[-1]) == (None, Trial(100, 0.0, False))


def test_a_sized_shift_meets_its_target_and_one_person_less_does_not() -> None:
    plan = Plan(start=NINE, hours=8, crews=(Crew(1, 0, 8),), rates=(60.0,))

    def run(people: int, seed: int) -> Outcome:
        return simulate(imagine(scaled(plan, people), Random(seed)), Rules())

    target = Target(90, 60)
    people = size(run, target, [1, 2], 100).people
    assert people is not None
    assert min(target.reached(run(people, seed)) for seed in (1, 2)) >= 90
    assert min(target.reached(run(people - 1, seed)) for seed in (1, 2)) < 90
    assert msgspec.json.encode(run(people, 1).report)
