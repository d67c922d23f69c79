"""`cabrank simulate`: imagined and recorded days on the dispatcher's own decision code."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec
from msgspec import Struct

from app.commands import simulate_shown as shown
from app.commands.options import IMAGINED
from app.commands.session import once
from app.commands.simulate_plan import MOST_PEOPLE, check, plan_of, wrong
from app.config import Settings
from app.dispatch.rules import rules_of
from app.dispatch.simulate import simulate as simulated
from app.dispatch.simulation.imagine import hourly, imagine, scaled
from app.dispatch.simulation.recorded import Recorded
from app.dispatch.simulation.replay import day_of, waits_of
from app.dispatch.simulation.sizing import Sized, size, target_of
from app.dispatch.simulation.tally import Outcome, Waits, spread_of
from app.dispatch.store import recorded as store
from app.platform.db import Database
from app.process import settings_of

LONGEST: Final = timedelta(days=31)


class Task(Struct, frozen=True, kw_only=True):
    """What to run: `day(people, seed)`, people None being those of the plan or of the record; at most so many people.

    `waited`: what a recorded day's reviews really waited.
    """

    day: Callable[[int | None, int], Outcome]
    most: int
    people: int | None = None
    waited: Waits | None = None


def simulate(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Run one day, or size a shift; 0, or 1 where no number of people meets the target."""
    settings = settings_of(environ)
    target = target_of(given.target) if given.target else None
    check("seeds", given.seeds, 1, 100)
    check("capacity", given.capacity, 1, 100)
    task = _recorded(given, settings, environ) if given.start or given.end else _imagined(given, settings)
    sized = size(task.day, target, range(given.seed, given.seed + given.seeds), task.most) if target else None
    people = sized.people if sized else task.people
    outcome = None if sized and sized.people is None else task.day(people, given.seed)
    _show(given, task, outcome, sized)
    return 0 if outcome else 1


def _imagined(given: argparse.Namespace, settings: Settings) -> Task:
    for name, value in IMAGINED.items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    plan, rules = plan_of(given), rules_of(settings)

    def day(people: int | None, seed: int) -> Outcome:
        staffed = plan if people is None else scaled(plan, people)
        return simulated(imagine(staffed, Random(seed)), rules)  # noqa: S311 - imagined, not secret

    reviews = plan.reviews or math.ceil(2 * sum(hourly(plan)))
    return Task(day=day, most=min(MOST_PEOPLE, reviews))  # more people than reviews change nothing


def _recorded(given: argparse.Namespace, settings: Settings, environ: Mapping[str, str]) -> Task:
    start, end = _interval(given)
    record = once(environ, lambda db: _read(db, start, end))
    if not record.reviews:
        raise wrong("from", f"no review was filed from {start.isoformat()} to {end.isoformat()}.")
    rules = rules_of(settings)

    def day(people: int | None, seed: int) -> Outcome:
        chance = Random(seed)  # noqa: S311 - imagined, not secret
        return simulated(day_of(record, chance, people=people, capacity=given.capacity), rules)

    most = min(MOST_PEOPLE, len(record.reviews))
    return Task(day=day, most=most, people=given.people, waited=spread_of(waits_of(record)))


async def _read(db: Database, start: datetime, end: datetime) -> Recorded:
    async with db.transaction() as tx:
        return await store.read(tx, start, end)


def _interval(given: argparse.Namespace) -> tuple[datetime, datetime]:
    said = [name for name in ("shift", *IMAGINED) if getattr(given, name) is not None]
    if said:
        raise wrong(said[0], "a recorded day says that itself; leave it out, or leave --from and --to out.")
    if given.people is not None:
        check("people", given.people, 1, MOST_PEOPLE)
    start, end = _moment("from", given.start), _moment("to", given.end)
    if not timedelta(0) < end - start <= LONGEST:
        raise wrong("to", f"lies after --from, by at most {LONGEST.days} days.")
    return start, end


def _moment(name: str, text: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise wrong(name, f"{text or 'nothing'}: takes a time with its zone, such as 2026-11-23T09:00:00Z.")
    return moment


def _show(given: argparse.Namespace, task: Task, outcome: Outcome | None, sized: Sized | None) -> None:
    if given.json:
        told: dict[str, Any] = {"sized": msgspec.to_builtins(sized)} if sized else {}
        told |= {"recorded_wait_seconds": msgspec.to_builtins(task.waited)} if task.waited else {}
        told |= {"seed": given.seed} | (msgspec.to_builtins(outcome.report) if outcome else {})
        json.dump(told, sys.stdout)
        print()
        return
    for line in shown.sized(sized, given.target) if sized else ():
        print(line)
    for line in shown.report(outcome.report, task.waited) if outcome else ():
        print(line)
