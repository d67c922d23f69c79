"""Days of a few events, second by second."""

from __future__ import annotations

from app.dispatch.simulation.types import Span
from tests.dispatch.simulation.build import DECLINED, DONE, LOST, NEVER, arrival, at, of, play, worker


def test_the_longest_free_takes_the_oldest_and_waits_are_measured() -> None:
    outcome, told = play([worker(1), worker(2)], [arrival(n, 10 + n) for n in range(4)])
    assert of(told, "assigned") == [
        (10, "assigned", 0, 1), (11, "assigned", 1, 2), (70, "assigned", 2, 1), (71, "assigned", 3, 2),
    ]  # fmt: skip
    assert list(outcome.waits) == [0, 0, 58, 58]
    report = outcome.report
    assert (report.arrived, report.completed, report.in_time, report.waiting) == (4, 4, 4, 0)
    assert [(one.assignments, one.available_hours, one.per_hour) for one in report.people] == [(2, 2, 1), (2, 2, 1)]
    assert report.utilisation == round(240 / 14400, 4)
    assert report.fairness.jain == 1


def test_what_is_never_finished_is_warned_missed_struck_and_goes_to_another() -> None:
    outcome, told = play([worker(1), worker(2)], [arrival(0, 0)], [NEVER, NEVER])
    assert of(told, "warned", "missed", "assigned", "escalated") == [
        (0, "assigned", 0, 1), (900, "warned", 0, 1), (1200, "missed", 0, 1), (1200, "assigned", 0, 2),
        (2100, "warned", 0, 2), (2400, "missed", 0, 2), (2400, "escalated", 0, None),
    ]  # fmt: skip
    assert (outcome.report.strikes, outcome.report.escalated, outcome.report.hit_percent) == (2, 1, 0)


def test_four_strikes_lock_and_a_supervisor_unlocks() -> None:
    arrivals = [arrival(n, 1300 * n) for n in range(5)]
    outcome, told = play([worker(1)], arrivals, [NEVER] * 4)
    assert of(told, "locked") == [(5100, "locked", None, 1)]
    assert outcome.report.locks == 1
    assert outcome.report.people[0].available_hours == round(5100 / 3600, 3)
    _, told = play([worker(1, end=18000)], arrivals, [NEVER] * 4, hours=5)
    assert of(told, "unlocked") == [(8700, "unlocked", None, 1)]
    assert of(told, "assigned")[-1] == (8700, "assigned", 4, 1)  # the unlock is a hint


def test_two_that_never_arrive_pause_the_person_until_they_are_back() -> None:
    _, told = play([worker(1)], [arrival(0, 0)], [LOST, LOST])
    assert of(told, "taken_back", "paused", "resumed", "assigned", "completed") == [
        (0, "assigned", 0, 1), (10, "taken_back", 0, 1), (71, "assigned", 0, 1), (81, "taken_back", 0, 1),
        (81, "paused", None, 1), (381, "resumed", None, 1), (381, "assigned", 0, 1), (441, "completed", 0, 1),
    ]  # fmt: skip


def test_decliners_are_asked_again_when_all_have_declined() -> None:
    outcome, told = play([worker(1), worker(2)], [arrival(0, 0)], [DECLINED, DECLINED])
    assert of(told, "assigned", "lapsed") == [
        (0, "assigned", 0, 1), (5, "assigned", 0, 2), (11, "lapsed", 0, None), (11, "assigned", 0, 1),
    ]  # fmt: skip
    assert (outcome.report.declined, outcome.report.completed, outcome.report.missed) == (2, 1, 0)


def test_a_short_disconnection_stretches_the_work_and_a_long_one_loses_it() -> None:
    short = worker(1, drops=(Span(at(30), at(90)),))
    outcome, told = play([short], [arrival(0, 0)])
    assert of(told, "completed") == [(120, "completed", 0, 1)]
    assert outcome.report.people[0].available_hours == round(7140 / 3600, 3)
    outcome, told = play([worker(1, drops=(Span(at(30), at(900)),)), worker(2)], [arrival(0, 0)])
    assert of(told, "given_back", "assigned")[1:] == [(210, "given_back", 0, 1), (210, "assigned", 0, 2)]
    assert outcome.report.disconnected == 1


def test_whoever_goes_finishes_first_and_what_nobody_takes_is_stranded() -> None:
    workers = [worker(1, end=100), worker(2, start=1000)]
    outcome, told = play(workers, [arrival(0, 90), arrival(1, 95)])
    assert of(told, "left", "completed")[:2] == [(150, "completed", 0, 1), (150, "left", None, 1)]
    assert (101, "stranded:all_away", 1, None) in told
    assert of(told, "assigned")[-1] == (1000, "assigned", 1, 2)
    assert (outcome.report.stranded, outcome.report.wait_seconds and outcome.report.wait_seconds.max) == (1, 905)


def test_what_still_waits_at_the_end_counts_with_its_age() -> None:
    outcome, _ = play([], [arrival(0, 600)], hours=1)
    assert (list(outcome.waits), outcome.report.waiting, outcome.within(60)) == ([3000], 1, 0)
    assert outcome.report.fairness.people == 0
    nothing, _ = play([], [], hours=1)
    assert (nothing.report.wait_seconds, nothing.within(60)) == (None, 1.0)


def test_the_queue_is_told_over_time() -> None:
    outcome, _ = play([worker(1, start=3600)], [arrival(n, 10) for n in range(5)], hours=1)
    assert {point.queued for point in outcome.report.queue} == {5}
    assert outcome.report.queue[0].most == 5
    assert outcome.report.queue[-1].at == at(3600)


def test_several_at_once_are_worked_on_one_after_the_other() -> None:
    _, told = play([worker(1, capacity=2)], [arrival(0, 0), arrival(1, 1)])
    assert of(told, "assigned") == [(0, "assigned", 0, 1), (1, "assigned", 1, 1)]
    assert of(told, "completed") == [(60, "completed", 0, 1), (120, "completed", 1, 1)]


def test_where_the_ends_of_shifts_are_known_reviews_go_to_whoever_has_the_time() -> None:
    for planned, first in ((True, 2), (False, 1)):
        workers = [worker(1, end=1000, planned=planned), worker(2, planned=planned)]
        _, told = play(workers, [arrival(0, 10)])
        assert of(told, "assigned") == [(10, "assigned", 0, first)]


def test_what_has_not_arrived_by_the_end_of_a_shift_goes_to_another_and_what_has_is_finished() -> None:
    workers = [worker(1, end=100, capacity=2, planned=True), worker(2, start=99, planned=True)]
    outcome, told = play(workers, [arrival(0, 70), arrival(1, 95)], [DONE, LOST])
    assert of(told, "given_back") == [(100, "given_back", 1, 1)]
    assert of(told, "assigned")[2:] == [(100, "assigned", 1, 2)]
    assert of(told, "completed") == [(130, "completed", 0, 1), (160, "completed", 1, 2)]
    assert of(told, "left", "resumed") == [(130, "left", None, 1)]
    assert outcome.report.strikes == 0
