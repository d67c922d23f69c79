"""Strikes: who gets one, which count, and what the next one means."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from app.dispatch.policy import sla
from app.dispatch.policy.types import Held, Outage, Person, Rules, Strike


class Fact(Struct, frozen=True):
    """A strike on record."""

    at: datetime
    voided: bool = False


def counts_since(baseline: datetime | None, now: datetime, rules: Rules) -> datetime:
    """Only strikes later than this count: those of the last days, and since the last unlock."""
    oldest = now - timedelta(days=rules.strike_days)
    return max(oldest, baseline) if baseline else oldest


def counting(facts: Iterable[Fact], baseline: datetime | None, now: datetime, rules: Rules) -> int:
    """How many of the strikes count."""
    since = counts_since(baseline, now, rules)
    return sum(1 for fact in facts if not fact.voided and fact.at > since)


def level(count: int, rules: Rules) -> Literal["noted", "warning", "violation"]:
    """What the count-th strike is."""
    if count >= rules.strike_lock:
        return "violation"
    return "warning" if count >= rules.strike_warning else "noted"


def spared(held: Held, end: datetime, outages: Iterable[Outage], rules: Rules) -> str | None:
    """Why no strike is deserved: undelivered, outage, escalated; None: it is deserved."""
    if held.delivered_at is None:
        return "undelivered"
    if sla.covers(outages, end):
        return "outage"
    return "escalated" if len(held.missed_by) >= rules.escalate_after else None


def strike(
    held: Held, person: Person | None, reason: str, before: int, rules: Rules, outages: Iterable[Outage] = ()
) -> Strike:
    """The strike after `before` others, with the evidence that an appeal is decided on.

    `outages` that lay within the assignment are part of it: its clock was set back by them.
    """
    evidence: dict[str, Any] = {
        "reason": reason,
        "assigned_at": held.assigned_at,
        "delivered_at": held.delivered_at,
        "seen_at": held.seen_at,
        "warned_at": held.warned_at,
        "deadline_at": held.deadline_at,
        "presence": person.presence if person else "unknown",
        "last_beat_at": person.last_beat_at if person else None,
        "outages": [one for one in outages if one.end is None or one.end > held.assigned_at],
    }
    return Strike(count=before + 1, level=level(before + 1, rules), evidence=evidence)
