"""Why this person, and why not each of the others: recorded with the choice, told in a sentence later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from app.dispatch.policy.rotation import Rotation
from app.dispatch.policy.types import Other, Person, Waiting, Why

SHOWN: Final = 5

RULES: Final[Mapping[str, str]] = {
    "round_robin": "longest since the last assignment",
    "least_loaded": "the smallest share of capacity in use",
    "preferred": "worked on it before",
    "supervisor": "a supervisor's choice",
}

REASONS: Final[Mapping[str, str]] = {
    "next_in_line": "had an assignment more recently",
    "locked": "locked",
    "offline": "offline",
    "unknown": "not known to be online",
    "paused": "paused",
    "silent": "connection gone quiet",
    "at_capacity": "no capacity left",
    "no_skill": "without a skill that it asks for",
    "shift_ends": "the shift ends before its clock",
    "barred": "just missed, paused or locked",
    "excluded:missed": "missed it before",
    "excluded:undelivered": "it didn't arrive there just now",
    "excluded:declined": "declined it",
    "excluded:released": "gave it back",
    "excluded:disconnected": "was disconnected from it",
    "excluded:supervisor": "taken away by a supervisor",
    "excluded:locked": "was locked while holding it",
}


def bare(rule: str, version: int) -> Why:
    """The record of a choice that nobody will ask about."""
    return Why(snapshot=version, rule=rule)


def why(
    rotation: Rotation,
    waiting: Waiting,
    chosen: Person,
    runners_up: list[Person],
    rule: str,
    version: int,
    deadline: datetime | None = None,
) -> Why:
    """The record of a choice: counts by reason over the pool, and the first five of the others."""
    line = rotation.line(waiting)
    kept = [p for p in waiting.excluded if p != chosen.id and p in line.members and p not in line.hindered]
    late = {p.id for p in runners_up if deadline is not None and not rotation.lasts(p, deadline)}
    others = [_other(person, "shift_ends" if person.id in late else "next_in_line") for person in runners_up]
    others += [_other(rotation.people[p], f"excluded:{waiting.excluded[p]}") for p in kept]
    hindered = (p for p in line.hindered if p != chosen.id)
    others += [_other(rotation.people[p], line.hindered[p]) for p in islice(hindered, max(0, SHOWN - len(others)))]
    return Why(
        snapshot=version,
        rule=rule,
        active=chosen.active,
        capacity=chosen.capacity,
        last_assigned_at=chosen.last_assigned_at,
        counts=_counts(rotation, waiting, kept, chosen, len(late)),
        others=others[:SHOWN],
    )


def _other(person: Person, reason: str) -> Other:
    return Other(employee=person.id, number=person.number, reason=reason, last_assigned_at=person.last_assigned_at)


def _counts(rotation: Rotation, waiting: Waiting, kept: list[UUID], chosen: Person, late: int) -> dict[str, int]:
    line = rotation.line(waiting)
    counts = Counter(line.obstacles)
    counts.update(f"excluded:{waiting.excluded[person]}" for person in kept)
    inside = 1 if chosen.id in line.members else 0
    counts["next_in_line"] = len(line.members) - len(line.hindered) - len(kept) - inside - late
    counts["shift_ends"] = late
    counts["no_skill"] = rotation.unskilled(waiting)
    return {reason: count for reason, count in counts.items() if count > 0}


def sentence(record: Why, chosen: str, names: Mapping[UUID, str]) -> str:
    """The record in words. `names` maps people to what they are shown as; unknown ones go by their number."""
    if record.by is not None:
        who = names.get(record.by, "a supervisor")
        return f"{chosen}: given by {who}" + (f" ({record.reason})." if record.reason else ".")
    parts = [f"{chosen}: {RULES.get(record.rule, record.rule)}{_since(record.last_assigned_at)}."]
    parts += [_not(other, names) for other in record.others]
    rest = Counter(record.counts)
    rest.subtract(other.reason for other in record.others)
    more = [f"{count} {REASONS.get(reason, reason)}" for reason, count in sorted(rest.items()) if count > 0]
    if more:
        parts.append(f"And {', '.join(more)}.")
    return " ".join(parts)


def _since(moment: datetime | None) -> str:
    return f", at {moment:%H:%M:%S}" if moment else ", none so far"


def _not(other: Other, names: Mapping[UUID, str]) -> str:
    return f"Not {names.get(other.employee, f'#{other.number}')}: {REASONS.get(other.reason, other.reason)}."
