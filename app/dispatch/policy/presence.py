"""From a person's facts to the state that boards show, and to what keeps a review from them."""

from __future__ import annotations

from typing import Final

from app.dispatch.policy.types import Person, PersonState, Waiting

WORTH_WAITING: Final = frozenset({None, "at_capacity", "silent"})
"""With these obstacles a person is at work, if perhaps busy: it makes sense to wait for them."""


def state(person: Person) -> PersonState:
    """Locked before Offline before Paused before Busy; Unknown while the store of presence has just come back."""
    if person.locked:
        return "Locked"
    if person.presence in ("offline", "unknown"):
        return "Offline" if person.presence == "offline" else "Unknown"
    if person.availability == "paused":
        return "Paused"
    return "Busy" if person.active >= person.capacity else "Available"


def obstacle(person: Person) -> str | None:
    """What keeps any review from this person: locked, offline, unknown, paused, silent, at_capacity; None: nothing."""
    if person.locked:
        return "locked"
    if person.presence in ("offline", "unknown"):
        return person.presence
    if person.availability == "paused":
        return "paused"
    if person.presence == "online":
        return "silent"  # connected, but the beats have stopped coming
    return "at_capacity" if person.active >= person.capacity else None


def on_duty(person: Person) -> bool | None:
    """Whether this time counts as available: online, neither paused nor locked, busy or not; None: not known."""
    if person.locked or person.availability == "paused" or person.presence == "offline":
        return False
    return None if person.presence == "unknown" else True


def excluded(person: Person, waiting: Waiting) -> str | None:
    """Why this very review is kept from the person: `excluded:missed` and the like."""
    reason = waiting.excluded.get(person.id)
    return f"excluded:{reason}" if reason else None
