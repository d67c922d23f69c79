"""`cabrank simulate` as it is typed."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import cli
from app.accounts import service as accounts
from app.config import Settings
from app.dispatch import service as dispatch
from app.dispatch.models import assignment, pool, review
from app.platform.db import Database
from app.platform.ids import new_id


@pytest.fixture
def environ(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line on this test's own database."""
    for name in [name for name in os.environ if name.startswith("CABRANK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("REDIS_URL", str(settings.redis_url))
    monkeypatch.setenv("CABRANK_HOME", str(settings.home))


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


DAY = ("--from", "2026-11-20T09:00:00Z", "--to", "2026-11-20T10:00:00Z")


@pytest.mark.usefixtures("environ")
def test_a_recorded_day_is_lived_through_again(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", *DAY]) == 1
    assert "no review was filed from 2026-11-20T09:00:00+00:00" in capsys.readouterr().err
    asyncio.run(_record(database_url))
    told = _told(capsys, *DAY)
    assert (told["arrived"], told["completed"], [one["name"] for one in told["people"]]) == (6, 3, ["Ana"])
    assert told["recorded_wait_seconds"]["max"] == 30.0
    assert told == _told(capsys, *DAY)
    more = _told(capsys, *DAY, "--people", "6")
    assert (more["completed"], len(more["people"]), more["wait_seconds"]["max"]) == (6, 6, 0.0)
    sized = _told(capsys, *DAY, "--target", "100% within 1 s", "--seeds", "1")["sized"]
    assert sized["people"] == 6
    assert cli.main(["simulate", *DAY]) == 0
    said = capsys.readouterr().out
    assert ("6 reviews, 1 people, 1 hours" in said, "really" in said) == (True, True)


async def _record(url: str) -> None:
    """Six reviews a minute apart of which each took Ana a quarter of an hour, and waited half a minute."""
    db = Database(url, process="test")
    async with db.transaction() as tx:
        user = await accounts.create_user(tx, email="ana@x.test", name="Ana", role="employee", password="long enough")
        await dispatch.ensure_defaults(tx)
        pool_id = (await tx.conn.execute(select(pool.c.id))).scalar_one()
        for n in range(6):
            filed = datetime(2026, 11, 20, 9, n, tzinfo=UTC)
            start, end = filed + timedelta(seconds=30), filed + timedelta(seconds=930)
            of_review = {"id": new_id(), "pool_id": pool_id, "kind": "question", "size": "large", "title": "x"}
            ended = {"state": "completed", "queued_at": filed, "ended_at": end}
            await tx.conn.execute(review.insert().values(of_review | ended))
            given = {"id": new_id(), "review_id": of_review["id"], "employee_id": user.id, "state": "completed"}
            given |= {"assigned_at": start, "grace_at": end, "warn_at": end, "deadline_at": end, "closed_at": end}
            await tx.conn.execute(assignment.insert().values(given))
    await db.dispose()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--from", "yesterday", "--to", "2026-11-20T10:00:00Z"), "--from: yesterday: takes a time with its zone"),
        (("--from", "2026-11-20T09:00:00Z"), "--to: nothing: takes a time with its zone"),
        (("--from", "2026-11-20T09:00:00", "--to", "2026-11-20T10:00:00Z"), "--from: 2026-11-20T09:00:00: takes"),
        ((*DAY[:3], "2026-11-20T09:00:00Z"), "--to: lies after --from"),
        ((*DAY[:3], "2027-11-20T09:00:00Z"), "--to: lies after --from, by at most 31 days."),
        ((*DAY, "--reviews", "60/h"), "--reviews: a recorded day says that itself"),
        ((*DAY, "--shift", "3@0-8"), "--shift: a recorded day says that itself"),
        ((*DAY, "--people", "0"), "--people: 0 is not from 1"),
    ],
)
@pytest.mark.usefixtures("environ")
def test_nonsense_about_a_recorded_day_is_refused(
    options: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["simulate", *options]) == 1
    assert says in capsys.readouterr().err


def test_a_recorded_day_needs_a_database_and_an_imagined_one_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CABRANK_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    assert cli.main(["simulate", *DAY]) == 1
    assert "No database answers." in capsys.readouterr().err
    assert cli.main(["simulate", "--reviews", "5"]) == 0
