"""Times are drawn in the zone that the browser says, and in UTC for whoever says none, or nonsense."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from litestar import Litestar
from sqlalchemy import func, insert

from app.accounts import audit, sessions
from app.dispatch import service as dispatch
from app.dispatch.models import strike
from app.dispatch.policy.types import Rules
from app.platform.clock import utcnow
from app.platform.db import Database
from app.platform.ids import new_id
from app.web import zones
from app.web.pages.desk_views import facts_of
from app.web.pages.line import next_break
from tests.web.conftest import MakeUser, client_of

SUMMER, WINTER = datetime(2026, 7, 1, 22, 30, tzinfo=UTC), datetime(2026, 11, 26, 3, 14, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nowhere() -> Iterator[None]:
    yield
    zones.enter("")


@pytest.mark.parametrize(
    ("cookies", "said"),
    [
        ("", "2026-11-26 03:14:05 UTC"),
        ("zone=UTC", "2026-11-26 03:14:05 UTC"),
        ("cabrank=x; zone=Europe/Berlin; other=1", "2026-11-26 04:14:05 CET, UTC+01:00"),
        ("zone=Asia/Kolkata", "2026-11-26 08:44:05 IST, UTC+05:30"),
        ("zone=America/Sao_Paulo", "2026-11-26 00:14:05 UTC-03:00"),
        ("zone=America/Argentina/Buenos_Aires", "2026-11-26 00:14:05 UTC-03:00"),
        ("zone=Etc/GMT+12", "2026-11-25 15:14:05 UTC-12:00"),
        ("otherzone=Europe/Berlin", "2026-11-26 03:14:05 UTC"),
        ("zone=Europe", "2026-11-26 03:14:05 UTC"),
        ("zone=Nowhere/At_All", "2026-11-26 03:14:05 UTC"),
        ("zone=../../etc/passwd", "2026-11-26 03:14:05 UTC"),
        ("zone=/etc/passwd", "2026-11-26 03:14:05 UTC"),
        ('zone="Europe/Berlin"', "2026-11-26 03:14:05 UTC"),
        ("zone=" + "A" * 5000, "2026-11-26 03:14:05 UTC"),
    ],
)
def test_the_absolute_time_names_its_zone(cookies: str, said: str) -> None:
    zones.enter(cookies)
    assert zones.absolute(WINTER) == said
    assert zones.absolute(WINTER.isoformat()) == said


def test_each_moment_has_the_offset_of_its_own_day() -> None:
    zones.enter("zone=Europe/Berlin")
    assert zones.told(SUMMER) == "00:30:00 CEST"
    assert zones.told(WINTER) == "04:14:05 CET"
    assert zones.told("soon") == "soon"


def test_what_is_said_in_words_is_by_the_readers_clock_too() -> None:
    zones.enter("zone=Asia/Kolkata")
    told = {fact.words: fact.value for fact in facts_of({"delivered_at": WINTER.isoformat()})}
    assert told["Delivered"] == "08:44:05 IST"
    hours = {"zone": "Europe/London", "week": {"thu": "03:00-05:00"}}
    assert next_break(hours, WINTER) == "Shift ends 10:30"


async def test_the_days_of_the_log_are_by_the_readers_clock(
    running: Litestar, db: Database, make_user: MakeUser
) -> None:
    boss, now = await make_user("supervisor"), utcnow()
    zone = "Pacific/Kiritimati" if now.hour >= 12 else "Etc/GMT+12"  # where it is another day now
    async with db.transaction() as tx:
        token = await sessions.open_session(tx, boss.id, "bearer")
        await audit.record(tx, actor=boss.id, action="pool.paused", subject_type="pool", subject_id=boss.id, data={})
    async with client_of(running, token) as client:
        client.headers["cookie"] = f"zone={zone}"
        for day, found in ((f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d}", True), (f"{now:%Y-%m-%d}", False)):
            page = (await client.get("/operations/audit", params={"from": day, "to": day})).text
            assert ("<td>pool.paused</td>" in page) is found, day
            assert f"From, {zone}" in page


async def test_an_interval_is_by_the_readers_clock(running: Litestar, db: Database, make_user: MakeUser) -> None:
    boss = await make_user("supervisor")
    async with db.transaction() as tx:
        await dispatch.enroll(tx, (employee := await make_user("employee")).id)
        filed = await dispatch.file_review(tx, kind="question", title="Which visa?")
        given = await dispatch.assign(
            tx, filed.id, actor=boss.id, employee_id=employee.id, rules=Rules(), ignore_capacity=True
        )
        row = {"id": new_id(), "employee_id": employee.id, "assignment_id": given.id, "at": func.clock_timestamp()}
        await tx.conn.execute(insert(strike).values(row | {"level": "noted", "count": 1, "evidence": {}}))
        token = await sessions.open_session(tx, boss.id, "bearer")
    async with client_of(running, token) as client:
        client.headers["cookie"] = "zone=Asia/Kolkata"
        for zone, found in (("Asia/Kolkata", "would stop counting"), ("UTC", "there is nothing to void")):
            local = utcnow().astimezone(ZoneInfo(zone))
            ends = [f"{local + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (-1, 1)]
            form = {"start": ends[0], "end": ends[1], "reason": "Mail was down"}
            page = await client.post("/board/violations/preview", data=form)
            assert found in page.text, (zone, page.text)
