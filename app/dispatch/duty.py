"""The record of available hours: what fairness is measured by."""

from __future__ import annotations

from datetime import datetime

from app.dispatch.policy.presence import on_duty
from app.dispatch.policy.types import Person
from app.dispatch.roster import Roster
from app.dispatch.store import duty as store
from app.platform.db import Transaction


async def keep(tx: Transaction, roster: Roster, at: datetime) -> None:
    """Bring the record up to what the roster knows; work only for those of whom something changed."""
    recorded = roster.on_duty
    if recorded is None:
        recorded = await store.open_of(tx, roster.group)
        roster.noted |= recorded
    people = {one: roster.rotation.people.get(one) for one in roster.noted}
    begin = [one for one, person in people.items() if person and on_duty(person) and one not in recorded]
    end = {one: _since(person, at) for one, person in people.items() if one in recorded and _over(person)}
    await store.begin(tx, roster.group, begin, at)
    await store.end(tx, roster.group, end)
    roster.on_duty = (recorded | set(begin)) - end.keys()
    roster.noted = set()


def _over(person: Person | None) -> bool:
    return person is None or on_duty(person) is False


def _since(person: Person | None, at: datetime) -> datetime:
    """Whoever is gone was last there at their last beat."""
    if person is None or person.presence != "offline" or person.last_beat_at is None:
        return at
    return min(at, person.last_beat_at)
