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
from app.words import gettext as _
from app.words import later

SHOWN: Final = 5

RULES: Final[Mapping[str, str]] = {
    "round_robin": later("longest since the last assignment"),
    "least_loaded": later("the smallest share of capacity in use"),
    "preferred": later("worked on it before"),
    "supervisor": later("a supervisor's choice"),
}

REASONS: Final[Mapping[str, str]] = {
    "next_in_line": later("had an assignment more recently"),
    "locked": later("locked"),
    "offline": later("offline"),
    "unknown": later("not known to be online"),
    "paused": later("paused"),
    "silent": later("connection gone quiet"),
    "at_capacity": later("no capacity left"),
    "no_skill": later("without a skill that it asks for"),
    "shift_ends": later("the shift ends before its clock"),
    "barred": later("just missed, paused or locked"),
    "excluded:missed": later("missed it before"),
    "excluded:undelivered": later("it didn't arrive there just now"),
    "excluded:declined": later("declined it"),
    "excluded:released": later("gave it back"),
    "excluded:disconnected": later("was disconnected from it"),
    "excluded:supervisor": later("taken away by a supervisor"),
    "excluded:locked": later("was locked while holding it"),
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
        who = names.get(record.by, _("a supervisor"))
        if record.reason:
            return f"{chosen}: " + _("given by %(who)s (%(reason)s).", who=who, reason=record.reason)
        return f"{chosen}: " + _("given by %(who)s.", who=who)
    parts = [f"{chosen}: {_chosen(_(RULES.get(record.rule, record.rule)), record.last_assigned_at)}"]
    parts += [_not(other, names) for other in record.others]
    rest = Counter(record.counts)
    rest.subtract(other.reason for other in record.others)
    more = [f"{count} {_(REASONS.get(reason, reason))}" for reason, count in sorted(rest.items()) if count > 0]
    if more:
        parts.append(_("And %(more)s.", more=", ".join(more)))
    return " ".join(parts)


def _chosen(rule: str, last: datetime | None) -> str:
    if last is None:
        return _("%(rule)s, none so far.", rule=rule)
    return _("%(rule)s, at %(time)s.", rule=rule, time=f"{last:%H:%M:%S}")


def _not(other: Other, names: Mapping[UUID, str]) -> str:
    name = names.get(other.employee, f"#{other.number}")
    return _("Not %(name)s: %(reason)s.", name=name, reason=_(REASONS.get(other.reason, other.reason)))
