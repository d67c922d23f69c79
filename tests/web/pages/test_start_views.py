"""The steps of the way in, and what follows which. No database."""

from __future__ import annotations

from app.seekers.way_in import STEPS, WayIn
from app.web.pages.start_views import after, steps


def _next(told: dict[str, str], *, parsed: bool = True) -> str:
    return steps(WayIn(told, None), parsed=parsed).next


def test_the_first_open_step_is_next() -> None:
    assert _next({}, parsed=False) == "resume"
    assert _next({}) == "check"
    assert _next({"check": "done", "forms": "done"}) == "wants"
    assert _next({"check": "later", "wants": "done"}) == "forms", "what was put off doesn't hold up the rest"


def test_what_was_put_off_comes_again_after_the_rest() -> None:
    put_off = dict.fromkeys(("check", "wants", "forms"), "done") | {"consent": "later"}
    assert _next(put_off) == "consent"
    assert _next({"resume": "later"} | dict.fromkeys(STEPS[1:], "done"), parsed=False) == "resume"


def test_a_resume_that_was_read_is_a_step_done_whatever_was_said() -> None:
    way = steps(WayIn({"resume": "later"}, None), parsed=True)
    assert (way.marks[0].state, way.done) == ("done", 1)
    assert steps(WayIn({"resume": "done"}, None), parsed=False).marks[0].state == "open"


def test_steps_follow_one_another() -> None:
    assert [after(step) for step in STEPS] == [*STEPS[1:], None]
    assert not WayIn({"consent": "later"}, None).over
    assert WayIn({"consent": "done"}, None).over
