from __future__ import annotations

import itertools

import pytest

from app.dispatch.policy import lifecycle as life
from app.errors import Invalid

REVIEW_STATES = {"queued", "assigned", "snoozed", "waiting", "escalated", "completed", "cancelled"}
EVENTS = {event for _, event in life.REVIEW}


@pytest.mark.parametrize(("state", "event"), sorted(itertools.product(REVIEW_STATES, EVENTS)))
def test_every_pair_is_in_the_table_or_an_error(state: str, event: str) -> None:
    if (state, event) in life.REVIEW:
        assert life.review_after(state, event) in REVIEW_STATES
    else:
        with pytest.raises(life.NotAllowed) as caught:
            life.review_after(state, event)
        assert caught.value.extra == {"state": state, "event": event}


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


def test_an_assignment_ends_once() -> None:
    assert life.assignment_after("open", "miss") == "missed"
    with pytest.raises(life.NotAllowed):
        life.assignment_after("missed", "complete")


@pytest.mark.parametrize(
    ("kind", "verdict", "notes", "event"),
    [
        ("resume", "approve", "", "complete"),
        ("resume", "reject", "no visa", "complete"),
        ("resume", "ask_seeker", "which city?", "ask_seeker"),
        ("question", "answered", "", "complete"),
        ("handover", "sent", "", "complete"),
        ("handover", "cannot", "", "complete"),
        ("unknown_outcome", "not_sent", "", "complete"),
        ("unknown_outcome", "cannot_tell", "", "complete"),
        ("mail_match", "17", "", "complete"),
        ("mail_match", "none", "", "complete"),
    ],
)
def test_verdicts(kind: str, verdict: str, notes: str, event: str) -> None:
    assert life.verdict_event(kind, verdict, notes) == event


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("resume", "sent"),
        ("resume", "reject"),
        ("question", "ask_seeker"),
        ("handover", "approve"),
        ("mail_match", "x"),
    ],
)
def test_a_verdict_of_another_kind_or_without_a_word_is_refused(kind: str, verdict: str) -> None:
    with pytest.raises(Invalid):
        life.verdict_event(kind, verdict)
