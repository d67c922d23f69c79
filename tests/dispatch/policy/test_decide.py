from __future__ import annotations

from typing import Any

import pytest

from app.dispatch.policy.decide import decide, let_go
from app.dispatch.policy.explain import sentence
from app.dispatch.policy.types import Assign, GiveBack, Lock, Miss, Outage, Pause, Pool, Strand, TakeBack, Warn
from tests.dispatch.policy.build import POOL, RULES, at, held, of, outage, person, review, snapshot, uid


def test_the_longest_waiting_person_takes_the_oldest_review() -> None:
    people = [person(1, last_assigned_at=at(-10)), person(2, last_assigned_at=at(-90)), person(3)]
    found = of(decide(snapshot(people, waiting=[review(5), review(4), review(6)]), at(100), RULES), Assign)
    assert [(a.review, a.employee) for a in found] == [
        (uid(1004), uid(3)),
        (uid(1005), uid(2)),
        (uid(1006), uid(1)),
    ]
    assert found[0].deadline_at == at(100 + 1200)
    assert found[0].warn_at == at(100 + 900)


def test_priority_goes_before_age() -> None:
    waiting = [review(1), review(2, priority=5)]
    found = of(decide(snapshot([person(1)], waiting=waiting), at(100), RULES), Assign)
    assert [a.review for a in found] == [uid(1002)]


def test_capacity_is_never_exceeded() -> None:
    people = [person(1, capacity=3, active=1), person(2, capacity=1)]
    found = of(decide(snapshot(people, waiting=[review(n) for n in range(9)]), at(100), RULES), Assign)
    assert sorted(a.employee.int for a in found) == [1, 1, 2]


def test_least_loaded_takes_the_smallest_share() -> None:
    people = [person(1, capacity=4, active=1), person(2, capacity=2, active=1, last_assigned_at=at(-999))]
    pools = {POOL: Pool(id=POOL, strategy="least_loaded")}
    found = of(decide(snapshot(people, waiting=[review(1), review(2)], pools=pools), at(100), RULES), Assign)
    assert [a.employee.int for a in found] == [1, 2]  # 1/4, then 2/4 against 1/2: the longest since the last


def test_a_person_of_two_pools_has_one_turn() -> None:
    other = uid(2)
    pools = {POOL: Pool(id=POOL), other: Pool(id=other)}
    both = person(1, pools=frozenset({POOL, other}))
    waiting = [review(1), review(2, pool=other)]
    assert len(of(decide(snapshot([both], waiting=waiting, pools=pools), at(9), RULES), Assign)) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"presence": "offline"},
        {"presence": "online"},
        {"presence": "unknown"},
        {"availability": "paused"},
        {"locked": True},
    ],
)
def test_the_unassignable_get_nothing(facts: dict[str, Any]) -> None:
    assert not of(decide(snapshot([person(1, **facts)], waiting=[review(1)]), at(9), RULES), Assign)


def test_never_straight_back_to_the_same_person() -> None:
    one = review(1, excluded={uid(1): "missed"})
    found = decide(snapshot([person(1), person(2, last_assigned_at=at(0))], waiting=[one]), at(9), RULES)
    assert [a.employee.int for a in of(found, Assign)] == [2]


def test_the_preferred_person_goes_first_when_free() -> None:
    one = review(1, preferred=uid(1))
    people = [person(1, last_assigned_at=at(0)), person(2)]
    assert of(decide(snapshot(people, waiting=[one]), at(9), RULES), Assign)[0].employee == uid(1)
    people = [person(1, active=1), person(2)]
    assert of(decide(snapshot(people, waiting=[one]), at(9), RULES), Assign)[0].employee == uid(2)


def test_a_paused_pool_gives_nothing_out() -> None:
    pools = {POOL: Pool(id=POOL, paused=True)}
    found = decide(snapshot([person(1)], waiting=[review(1, preferred=uid(1))], pools=pools), at(9), RULES)
    assert found == [Strand(review=uid(1001), reason="pool_paused")]


@pytest.mark.parametrize(
    ("people", "excluded", "reason"),
    [
        ([], {}, "nobody"),
        ([person(1, presence="offline")], {}, "all_away"),
        ([person(1, availability="paused")], {}, "all_away"),
        ([person(1)], {uid(1): "missed"}, "all_excluded"),
        ([person(1), person(2, presence="offline")], {uid(1): "missed"}, "all_away"),
    ],
)
def test_the_board_says_when_nobody_will_come(people: list[Any], excluded: dict[Any, str], reason: str) -> None:
    one = review(1, excluded=excluded)
    assert decide(snapshot(people, waiting=[one]), at(9), RULES) == [Strand(review=one.review, reason=reason)]
    told = review(1, excluded=excluded, stranded=reason)
    assert decide(snapshot(people, waiting=[told]), at(9), RULES) == []


def test_busy_people_are_no_reason_for_alarm() -> None:
    assert decide(snapshot([person(1, active=1)], waiting=[review(1)]), at(9), RULES) == []
    told = review(1, stranded="all_away")
    assert decide(snapshot([person(1, active=1)], waiting=[told]), at(9), RULES) == [
        Strand(review=told.review, reason=None)
    ]


def test_unknown_presence_is_not_called_away() -> None:
    assert decide(snapshot([person(1, presence="unknown")], waiting=[review(1)]), at(9), RULES) == []


def test_warning_once() -> None:
    assert of(decide(snapshot([person(1, active=1)], held=[held(1, 1)]), at(899), RULES), Warn) == []
    assert len(of(decide(snapshot([person(1, active=1)], held=[held(1, 1)]), at(900), RULES), Warn)) == 1
    warned = held(1, 1, warned_at=at(900))
    assert decide(snapshot([person(1, active=1)], held=[warned]), at(1000), RULES) == []


def test_a_miss_requeues_and_strikes() -> None:
    found = decide(snapshot([person(1, active=1)], held=[held(1, 1)]), at(1200), RULES)
    (miss,) = of(found, Miss)
    assert (miss.then, miss.strike.count, miss.strike.level) == ("queued", 1, "noted")
    assert miss.strike.evidence["delivered_at"] == at(1)


def test_the_third_strike_warns_and_the_fourth_locks() -> None:
    base = {"held": [held(1, 1)]}
    third = decide(snapshot([person(1, active=1)], strikes={uid(1): 2}, **base), at(1200), RULES)
    assert of(third, Miss)[0].strike.level == "warning"
    assert not of(third, Lock)
    fourth = decide(snapshot([person(1, active=1)], strikes={uid(1): 3}, **base), at(1200), RULES)
    assert of(fourth, Lock) == [Lock(employee=uid(1), strikes=4)]


def test_several_misses_of_one_person_at_once_count_on() -> None:
    people = [person(1, capacity=5, active=4)]
    found = decide(snapshot(people, held=[held(n, 1) for n in range(4)]), at(1300), RULES)
    assert [miss.strike.count for miss in of(found, Miss)] == [1, 2, 3, 4]
    assert len(of(found, Lock)) == 1


def test_the_locked_get_nothing_in_the_same_breath() -> None:
    people = [person(1, capacity=2, active=1)]
    found = decide(snapshot(people, held=[held(1, 1)], waiting=[review(9)], strikes={uid(1): 3}), at(1200), RULES)
    assert not of(found, Assign)


def test_two_misses_by_different_people_escalate_and_then_cost_nothing() -> None:
    second = held(1, 1, missed_by=frozenset({uid(2)}))
    (miss,) = of(decide(snapshot([person(1, active=1)], held=[second]), at(1200), RULES), Miss)
    assert (miss.then, miss.strike.count) == ("escalated", 1)
    third = held(1, 1, missed_by=frozenset({uid(2), uid(3)}))
    (miss,) = of(decide(snapshot([person(1, active=1)], held=[third]), at(1200), RULES), Miss)
    assert (miss.then, miss.strike) == ("escalated", None)


def test_undelivered_goes_to_the_next_without_a_strike() -> None:
    late = held(1, 1, delivered_at=None)
    assert decide(snapshot([person(1, active=1)], held=[late]), at(9), RULES) == []
    found = decide(snapshot([person(1, active=1)], held=[late]), at(10), RULES)
    assert found == [TakeBack(assignment=late.assignment, review=late.review, employee=uid(1), rest_until=at(70))]


def test_the_second_undelivered_in_a_row_pauses() -> None:
    late = held(1, 1, delivered_at=None)
    found = decide(snapshot([person(1, active=1, undelivered_run=1)], held=[late]), at(10), RULES)
    assert of(found, Pause) == [Pause(employee=uid(1), reason="undelivered")]


@pytest.mark.parametrize("seconds", [10, 900, 1200, 9999])
def test_nothing_runs_out_while_we_are_down_or_have_not_looked(seconds: int) -> None:
    both = [held(1, 1), held(2, 1, delivered_at=None)]
    people = [person(1, capacity=2, active=2)]
    assert decide(snapshot(people, held=both, outages=[outage(5)]), at(seconds), RULES) == []
    assert decide(snapshot(people, held=both, settled=False), at(seconds), RULES) == []


def test_an_outage_over_the_end_costs_no_strike() -> None:
    (miss,) = of(decide(snapshot([person(1)], held=[held(1, 1)], outages=[outage(1190, 1220)]), at(1300), RULES), Miss)
    assert miss.strike is None


def test_presence_unknown_takes_nothing_back() -> None:
    late = held(1, 1, delivered_at=None)
    assert decide(snapshot([person(1, presence="unknown")], held=[late]), at(60), RULES) == []


@pytest.mark.parametrize(
    ("beat", "warned", "outages", "expected"),
    [
        (0, False, [], GiveBack),
        (0, True, [], Miss),
        (400, False, [], None),  # not gone for long enough
        (0, False, [outage(300, 450)], None),  # our own fault until 450
    ],
)
def test_disconnection(beat: int, warned: bool, outages: list[Outage], expected: type | None) -> None:
    gone = person(1, active=1, presence="offline", last_beat_at=at(beat))
    mine = held(1, 1, warned_at=at(300) if warned else None)
    found = decide(snapshot([gone], held=[mine], outages=outages), at(500), RULES)
    assert [type(effect) for effect in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("when", "verb", "outages", "kind"),
    [
        (100, "released", [], GiveBack),
        (950, "released", [], Miss),
        (950, "declined", [], Miss),
        (950, "declined", [outage(940)], GiveBack),
    ],
)
def test_letting_go_after_the_warning_is_a_miss(when: int, verb: Any, outages: list[Outage], kind: type) -> None:
    found = let_go(held(1, 1), person(1), verb, now=at(when), outages=outages, before=0, rules=RULES)
    assert [type(effect) for effect in found] == [kind]


def test_a_locked_persons_assignment_is_revoked() -> None:
    (back,) = decide(snapshot([person(1, locked=True, active=1)], held=[held(1, 1)]), at(5), RULES)
    assert isinstance(back, GiveBack)
    assert (back.state, back.reason) == ("revoked", "locked")


def test_the_choice_explains_itself() -> None:
    people = [
        person(1),
        person(2, last_assigned_at=at(-5)),
        person(3, availability="paused"),
        person(4, active=1),
        person(5),
        *[person(n, presence="offline") for n in range(10, 20)],
    ]
    one = review(1, excluded={uid(5): "missed"})
    (found,) = of(decide(snapshot(people, waiting=[one]), at(9), RULES), Assign)
    assert found.employee == uid(1)
    counts = found.why.counts
    assert counts == {"next_in_line": 1, "excluded:missed": 1, "paused": 1, "at_capacity": 1, "offline": 10}
    assert len(found.why.others) == 5
    told = sentence(found.why, "Ana", {uid(2): "Ben"})
    assert told.startswith(
        "Ana: longest since the last assignment, none so far. Not Ben: had an assignment more recently."
    )
    assert "Not #5: missed it before." in told
    assert "9 offline" in told
