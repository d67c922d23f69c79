"""`cabrank simulate` as it is typed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app import cli


def _told(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert cli.main(["simulate", "--json", *options]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_a_day_is_told_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "--people", "20", "--reviews", "100", "--hours", "2"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("100 reviews, 20 people, 2 hours\n")
    for word in ("waited", "p99", "in time", "strikes", "utilisation", "Gini", "Jain", "queue", "#20"):
        assert word in said
    assert "… 8 more …" in said


def test_the_same_seed_tells_the_same_and_the_options_reach_the_day(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--reviews", "10,90/h", "--hours", "4", "--shift", "3@0-4", "--shift", "2@1-3", "--capacity", "2")
    options += ("--strategy", "least_loaded", "--minutes", "2,3", "--misses", "0", "--declines", "0")
    options += ("--undelivered", "0", "--disconnections", "0")
    told = _told(capsys, *options)
    assert told == _told(capsys, *options)
    assert told != _told(capsys, *options, "--seed", "2")
    assert [person["available_hours"] for person in told["people"]] == [4.0, 4.0, 4.0, 2.0, 2.0]
    assert (told["declined"], told["undelivered"], told["disconnected"], told["hit_percent"]) == (0, 0, 0, 100.0)
    assert 140 < told["arrived"] < 260


def test_a_shift_is_sized(capsys: pytest.CaptureFixture[str]) -> None:
    told = _told(capsys, "--reviews", "60/h", "--hours", "4", "--target", "90% within 60 s", "--seeds", "2")
    people = told["sized"]["people"]
    trials = {trial["people"]: trial["met"] for trial in told["sized"]["trials"]}
    assert (trials[people], trials[people - 1], len(told["people"])) == (True, False, people)
    assert cli.main(["simulate", "--hours", "2", "--target", "90% within 60 s", "--seeds", "1"]) == 0
    assert "people meet '90% within 60 s'." in capsys.readouterr().out


def test_a_target_that_no_number_of_people_meets_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--reviews", "20", "--misses", "1", "--declines", "0", "--undelivered", "0", "--target", "90% in time"]
    assert cli.main(["simulate", *options]) == 1
    assert "Not even 20 people meet '90% in time'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--people", "0"), "--people: 0 is not from 1 to 10000."),
        (("--people", "5", "--shift", "3@0-4"), "Say --people or --shift, not both."),
        (("--shift", "3"), "'3': takes PEOPLE@FROM-TO"),
        (("--shift", "3@9-8"), "begins within the day"),
        (("--shift", "0@0-8"), "--shift: 0 is not from 1 to 10000."),
        (("--reviews", "many"), "'many': takes a number, a rate (60/h)"),
        (("--reviews", "0"), "--reviews: 0 is not from 1"),
        (("--reviews", "0/h"), "--reviews: 0 is not from 0.01"),
        (("--reviews=-5/h",), "No rate is below 0"),
        (("--reviews", "nan/h"), "No rate is below 0"),
        (("--hours", "nan"), "--hours: nan is not from 0.01"),
        (("--hours", "1e9"), "--hours: 1e+09 is not from"),
        (("--capacity", "0"), "--capacity: 0 is not from 1 to 100."),
        (("--minutes", "4"), "'4': takes SMALL,LARGE"),
        (("--minutes", "0,4"), "--minutes: 0 is not from 0.01"),
        (("--misses", "1.5"), "--misses: 1.5 is not from 0 to 1."),
        (("--misses", "0.6", "--declines", "0.6"), "1.202 is not from 0 to 1."),
        (("--target", "soon"), "90% within 60 s"),
        (("--target", "90% in time", "--seeds", "0"), "--seeds: 0 is not from 1 to 100."),
    ],
)
def test_nonsense_is_refused_in_one_line(
    options: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["simulate", *options]) == 1
    said = capsys.readouterr()
    assert says in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
