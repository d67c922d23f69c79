"""Turns that live on: what a rotation knows after changes is what one made anew would know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dispatch.policy.decide import decide
from app.dispatch.policy.rotation import Rotation
from app.dispatch.policy.types import AGEING_SECONDS, Assign, Lapse, Person, Pool, Strand
from tests.dispatch.policy.build import POOL, RULES, T0, at, of, person, review, snapshot, uid

POOLS = {POOL: Pool(id=POOL, by_skills=True)}
SKILLS = frozenset({"python"})


def _given(found: list[Any]) -> list[tuple[UUID, UUID]]:
    return [(one.review, one.employee) for one in of(found, Assign)]


facts = st.builds(
    lambda number, **more: person(number, **more),
    st.integers(1, 5),
    capacity=st.integers(1, 3),
    active=st.integers(0, 2),
    availability=st.sampled_from(["available", "paused"]),
    presence=st.sampled_from(["assignable", "online", "offline", "unknown"]),
    locked=st.booleans(),
    skills=st.sampled_from([frozenset(), SKILLS]),
    last_assigned_at=st.one_of(st.none(), st.integers(0, 100).map(at)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(facts, max_size=30), st.integers(1, 6), st.sampled_from(["round_robin", "least_loaded"]))
def test_kept_from_change_to_change_it_decides_as_one_made_anew(
    changes: list[Person], waiting: int, strategy: str
) -> None:
    pools = {POOL: Pool(id=POOL, strategy=strategy, by_skills=True)}  # type: ignore[arg-type]  # a drawn literal
    kept, now = Rotation(pools), T0 + timedelta(hours=1)
    queue = [review(n, skills=SKILLS if n % 2 else frozenset()) for n in range(waiting)]
    for change in changes:
        kept.put(change)
        kept.places()
    latest = {change.id: change for change in changes}
    seen = snapshot(list(latest.values()), waiting=queue, pools=pools)
    assert kept.places() == Rotation(pools, latest.values()).places()
    assert _given(decide(seen, now, RULES, kept)) == _given(decide(seen, now, RULES))
    whole = Rotation(pools, [kept.people[one] for one in latest])
    assert kept.places() == whole.places()
    for wanted in queue:
        assert kept.stranded(wanted) == whole.stranded(wanted)
        assert +kept.line(wanted).obstacles == +whole.line(wanted).obstacles


def test_turns_within_one_decision_go_round() -> None:
    people = [person(n, capacity=3) for n in (1, 2)]
    found = decide(snapshot(people, waiting=[review(n) for n in range(6)]), at(100), RULES)
    assert [employee for _, employee in _given(found)] == [uid(1), uid(2)] * 3
    assert sorted(one.turn_at for one in of(found, Assign)) == [one.turn_at for one in of(found, Assign)]


def test_only_those_with_all_its_skills_get_it_where_the_pool_asks() -> None:
    people = [person(1), person(2, skills=SKILLS | {"go"})]
    wanted = review(1, skills=SKILLS)
    found = decide(snapshot(people, waiting=[wanted], pools=POOLS), T0, RULES)
    assert _given(found) == [(wanted.review, uid(2))]
    assert of(found, Assign)[0].why.counts == {"no_skill": 1}
    (stranded,) = decide(snapshot(people[:1], waiting=[wanted], pools=POOLS), T0, RULES)
    assert stranded == Strand(review=wanted.review, reason="no_skill")
    plain = {POOL: Pool(id=POOL)}
    assert _given(decide(snapshot(people[:1], waiting=[wanted], pools=plain), T0, RULES)) == [(wanted.review, uid(1))]


def test_age_overtakes_priority_and_never_the_newest_the_oldest() -> None:
    old, urgent = review(0), review(AGEING_SECONDS - 1, priority=1)
    assert [w.review for w in sorted([old, urgent], key=lambda w: w.rank)] == [urgent.review, old.review]
    urgent = msgspec.structs.replace(urgent, queued_at=at(AGEING_SECONDS + 1))
    found = decide(snapshot([person(1)], waiting=[urgent, old]), at(2000), RULES)
    assert _given(found) == [(old.review, uid(1))]
    found = decide(snapshot([person(1)], waiting=[review(5), review(4)]), at(2000), RULES)
    assert _given(found) == [(review(4).review, uid(1))]


def test_when_all_have_declined_they_may_be_asked_again() -> None:
    people = [person(1), person(2)]
    wanted = review(1, excluded={uid(1): "declined", uid(2): "missed"})
    assert decide(snapshot(people, waiting=[wanted]), T0, RULES) == [Lapse(review=wanted.review)]
    missed = review(1, excluded={uid(1): "missed", uid(2): "missed"})
    assert decide(snapshot(people, waiting=[missed]), T0, RULES) == [
        Strand(review=missed.review, reason="all_excluded")
    ]
    away = [person(1), person(2, presence="offline")]
    half = review(1, excluded={uid(1): "declined"})
    assert decide(snapshot(away, waiting=[half]), T0, RULES) == [Strand(review=half.review, reason="all_away")]


def test_a_heap_does_not_grow_with_the_turns() -> None:
    rotation = Rotation({POOL: Pool(id=POOL)}, [person(n, capacity=100) for n in range(1, 6)])
    for n in range(5000):
        rotation.put(person(1 + n % 5, capacity=100, last_assigned_at=at(n)))
    assert len(rotation.line(review(1))._heap) < 100
    assert rotation.ranked(review(1), 1)[0].number == 1
