from __future__ import annotations

import itertools

import pytest

from app.dispatch.policy import lifecycle as life
from app.errors import Invalid

# The tables once more, by event: sources, and where the review goes. Written down apart, so that no row changes unseen.
REVIEW: dict[str, tuple[set[str], str]] = {
    "assign": ({"queued", "snoozed", "escalated"}, "assigned"),
    "miss": ({"assigned"}, "queued"),
    "give_back": ({"assigned"}, "queued"),
    "complete": ({"assigned"}, "completed"),
    "ask_seeker": ({"assigned"}, "waiting"),
    "answer": ({"waiting"}, "queued"),
    "snooze": ({"queued", "assigned"}, "snoozed"),
    "wake": ({"snoozed"}, "queued"),
    "escalate": ({"queued", "assigned", "snoozed", "waiting"}, "escalated"),
    "requeue": ({"escalated"}, "queued"),
    "cancel": ({"queued", "assigned", "snoozed", "waiting", "escalated"}, "cancelled"),
}
ASSIGNMENT = {
    "complete": "completed",
    "miss": "missed",
    "take_back": "undelivered",
    "release": "released",
    "decline": "declined",
    "revoke": "revoked",
}
VERDICTS = {
    "resume": {"approve": "complete", "reject": "complete", "ask_seeker": "ask_seeker"},
    "question": {"answered": "complete", "reject": "complete", "ask_seeker": "ask_seeker"},
    "handover": {"sent": "complete", "not_sent": "complete", "cannot": "complete"},
    "unknown_outcome": {"sent": "complete", "not_sent": "complete", "cannot_tell": "complete"},
    "mail_match": {"none": "complete", "0": "complete", "17": "complete"},
}
NEED_A_WORD = {"reject", "ask_seeker"}
REVIEW_STATES = {"queued", "assigned", "snoozed", "waiting", "escalated", "completed", "cancelled"}
ASSIGNMENT_STATES = {"open", *ASSIGNMENT.values()}
WORDS = sorted({verdict for known in VERDICTS.values() for verdict in known} | {"", "complete", "-1", "1.5", "17 "})


def test_the_tables_have_no_other_events() -> None:
    assert {event for _, event in life.REVIEW} == set(REVIEW)
    assert {event for _, event in life.ASSIGNMENT} == set(ASSIGNMENT)
    assert set(life.VERDICTS) == set(VERDICTS)


@pytest.mark.parametrize(("state", "event"), sorted(itertools.product(REVIEW_STATES, [*REVIEW, "nonsense"])))
def test_a_review_moves_by_its_table_and_not_otherwise(state: str, event: str) -> None:
    sources, after = REVIEW.get(event, (set(), ""))
    if state in sources:
        assert life.review_after(state, event) == after
        return
    with pytest.raises(life.NotAllowed) as caught:
        life.review_after(state, event)
    assert caught.value.extra == {"state": state, "event": event}


@pytest.mark.parametrize(
    ("state", "event"), sorted(itertools.product(ASSIGNMENT_STATES, [*ASSIGNMENT, "assign", "nonsense"]))
)
def test_an_assignment_ends_once_and_by_its_table(state: str, event: str) -> None:
    if state == "open" and event in ASSIGNMENT:
        assert life.assignment_after(state, event) == ASSIGNMENT[event]
        return
    with pytest.raises(life.NotAllowed) as caught:
        life.assignment_after(state, event)
    assert caught.value.extra == {"state": state, "event": event}


@pytest.mark.parametrize(
    ("kind", "verdict", "notes"), sorted(itertools.product(VERDICTS, WORDS, ["", "  \n", "no visa"]))
)
def test_a_verdict_means_what_its_kind_says_or_is_refused(kind: str, verdict: str, notes: str) -> None:
    event = VERDICTS[kind].get(verdict)
    if event is not None and (notes.strip() or verdict not in NEED_A_WORD):
        assert life.verdict_event(kind, verdict, notes) == event
        return
    with pytest.raises(Invalid):
        life.verdict_event(kind, verdict, notes)


@pytest.mark.parametrize("kind", sorted(VERDICTS))
def test_size_by_kind(kind: str) -> None:
    assert life.default_size(kind) == ("large" if kind == "resume" else "small")


def test_nothing_leaves_an_end() -> None:
    assert not [pair for pair in life.REVIEW if pair[0] in life.REVIEW_ENDED]
    assert {state for state, _ in life.ASSIGNMENT} == {"open"}


def test_every_state_is_reached_and_every_open_one_can_end() -> None:
    assert set(life.REVIEW.values()) == REVIEW_STATES
    for state in REVIEW_STATES - life.REVIEW_ENDED:
        reach, todo = set(), [state]
        while todo:
            here = todo.pop()
            for (source, _), target in life.REVIEW.items():
                if source == here and target not in reach:
                    reach.add(target)
                    todo.append(target)
        assert reach & life.REVIEW_ENDED
