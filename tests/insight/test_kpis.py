"""Every figure against rows that were counted by hand: what is in the range, before it, and in neither."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, insert, select

from app.accounts.models import app_user
from app.applications.models import application, application_event
from app.dispatch.models import assignment, pool, review, strike
from app.dispatch.policy.types import Rules
from app.errors import Invalid
from app.insight.buckets import Bucket, cut
from app.insight.kpis import COLUMNS, Kpis, as_csv, kpis
from app.insight.spreadsheet import as_csv as sheet
from app.platform.db import Database
from app.platform.ids import new_id
from app.postings.models import posting
from app.seekers.models import seeker
from tests.dispatch.floor import Floor

# Three days from Monday midnight; before them Friday to Sunday.
START = datetime(2026, 3, 9, tzinfo=UTC)
END = START + timedelta(days=3)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


class Books:
    """Rows written by hand."""

    def __init__(self, db: Database, who: UUID, employee: UUID, general: UUID) -> None:
        self.db, self.who, self.employee, self.general = db, who, employee, general
        self.count = 0

    async def put(self, table: Any, **values: Any) -> UUID:
        row = {"id": new_id()} | values
        async with self.db.transaction() as tx:
            await tx.conn.execute(insert(table).values(row))
        return row["id"]

    async def posting(self, opened: datetime) -> UUID:
        self.count += 1
        keys = dict.fromkeys(("identity_key", "block_key", "text_hash", "content_hash"), f"k{self.count}")
        return await self.put(posting, company="A", title="B", portal="internal", opened_at=opened, **keys)

    async def application(self, made: datetime, sent: datetime | None = None, status: str = "applied") -> UUID:
        return await self.put(
            application,
            seeker_id=self.who,
            posting_id=await self.posting(at(-100)),
            vacancy_key=f"v{self.count}",
            status=status,
            mode="auto",
            created_at=made,
            applied_at=sent,
        )

    async def event(self, app: UUID, when: datetime, to: str, before: str | None = "applied") -> None:
        await self.put(application_event, application_id=app, at=when, from_status=before, to_status=to, source="mail")

    async def review(self, made: datetime, app: UUID | None = None, kind: str = "resume") -> UUID:
        values = {"pool_id": self.general, "kind": kind, "size": "large", "title": "x", "application_id": app}
        ended = {"state": "completed", "ended_at": made}
        return await self.put(review, **values, **ended, created_at=made)

    async def assignment(
        self, closed: datetime, took: float = 60, state: str = "completed", allowed: float = 600
    ) -> UUID:
        begun = closed - timedelta(seconds=took)
        due = dict.fromkeys(("grace_at", "warn_at", "deadline_at"), begun + timedelta(seconds=allowed))
        of = {"review_id": await self.review(begun), "employee_id": self.employee, "state": state}
        return await self.put(assignment, **of, **due, assigned_at=begun, closed_at=closed)

    async def strike(self, when: datetime, *, voided: bool = False) -> None:
        missed = await self.assignment(at(-100), state="missed")
        void = {"voided_at": when} if voided else {}
        await self.put(strike, assignment_id=missed, employee_id=self.employee, at=when, level="noted", count=1, **void)

    async def read(
        self, start: datetime = START, end: datetime = END, bucket: Bucket | None = "day", zone: str = "UTC"
    ) -> Kpis:
        async with self.db.transaction() as tx:
            return await kpis(tx, cut(start, end, bucket, zone))


@pytest.fixture
async def books(db: Database, redis: Redis) -> Books:
    floor = await Floor(db, redis, Rules()).open()
    employee, who = await floor.employee("Ana", here=False), await floor.user("Sam", "seeker")
    async with db.transaction() as tx:
        await tx.conn.execute(insert(seeker).values(user_id=who))
        general = (await tx.conn.execute(select(pool.c.id))).scalar_one()
        assert (await tx.conn.execute(select(func.count()).select_from(app_user))).scalar_one() == 2
    return Books(db, who, employee, general)


def by_bucket(found: Kpis, name: str) -> list[Any]:
    return [getattr(one.figures, name) for one in found.series]


async def test_nothing_is_none_and_never_nought_per_cent(books: Books) -> None:
    found = await books.read()
    rates = [name for name in COLUMNS if name.endswith(("_rate", "_median", "_p90"))]
    assert len(rates) == 8
    for one in (found.figures, found.before, *(point.figures for point in found.series)):
        assert [getattr(one, name) for name in rates] == [None] * 8
        assert [getattr(one, name) for name in COLUMNS if name not in rates] == [0] * 13
        assert (one.by_status, one.reached) == ({}, {"applied": 0, "interview": 0, "offer": 0})
    assert len(found.series) == 3


async def test_sent_by_itself_against_after_a_person(books: Books) -> None:
    for sent in (-3, 0, 1.5, 2.9999):  # alone: the first in the range before, one at the very start
        await books.application(at(-10), at(sent))
    for sent in (-3.01, 3):  # out of both
        await books.application(at(-10), at(sent))
    await books.application(at(-10), None, "applying")
    for kind, filed in (("resume", -1), ("handover", 0.1), ("mail_match", 0.1), ("resume", 2)):
        # of these the last two weren't looked at before they were sent
        await books.review(at(filed), await books.application(at(-10), at(0.5)), kind)
    found = await books.read()
    assert (found.figures.submitted, found.figures.auto, found.figures.manual) == (7, 5, 2)
    assert (found.figures.auto_rate, found.figures.manual_rate) == (0.7143, 0.2857)
    assert (found.before.submitted, found.before.auto_rate, found.before.manual_rate) == (1, 1.0, 0.0)
    assert by_bucket(found, "submitted") == [5, 1, 1]
    assert by_bucket(found, "auto") == [3, 1, 1]


async def test_the_sla_and_the_time_it_takes(books: Books) -> None:
    for closed, took in ((0, 60), (0.5, 120), (1, 180), (2.9999, 1000)):
        await books.assignment(at(closed), took)  # the last after its deadline
    await books.assignment(at(1), state="missed", took=600)
    for state in ("released", "declined", "revoked", "undelivered"):
        await books.assignment(at(1), state=state)
    await books.assignment(at(-0.0001), 30)
    for out in (-3.0001, 3):
        await books.assignment(at(out), 5)
    found = await books.read()
    assert (found.figures.completed, found.figures.missed, found.figures.sla_rate) == (4, 1, 0.6)
    assert (found.figures.handling_median, found.figures.handling_p90) == (150.0, 754.0)
    assert (found.before.completed, found.before.sla_rate, found.before.handling_median) == (1, 1.0, 30.0)
    assert by_bucket(found, "sla_rate") == [1.0, 0.5, 0.0]
    assert by_bucket(found, "handling_median") == [90.0, 180.0, 1000.0]


async def test_the_funnel_and_what_became_of_what_was_sent(books: Books) -> None:
    await books.application(at(0), None, "in_review")
    await books.application(at(1), at(1), "applied")
    await books.application(at(1), at(1.5), "interview")
    await books.application(at(2), at(2), "offer")
    lost = await books.application(at(2), at(2), "rejected")
    await books.event(lost, at(4), "interview")
    corrected = await books.application(at(2), at(2.5), "applied")
    await books.event(corrected, at(2.6), "interview")
    never = await books.application(at(-1), at(-1), "rejected")
    await books.event(never, at(1), "rejected")
    await books.application(at(3), at(3), "offer")
    found = await books.read()
    assert found.figures.begun == 6
    assert found.figures.by_status == {"in_review": 1, "applied": 2, "interview": 1, "offer": 1, "rejected": 1}
    assert found.figures.reached == {"applied": 5, "interview": 3, "offer": 1}
    assert (found.figures.submitted, found.figures.interviews, found.figures.offers) == (5, 3, 1)
    assert (found.figures.success_rate, found.figures.offer_rate) == (0.6, 0.2)
    assert (found.before.begun, found.before.success_rate, found.before.offer_rate) == (1, 0.0, 0.0)
    assert by_bucket(found, "begun") == [1, 2, 3]
    assert by_bucket(found, "success_rate") == [None, 0.5, 0.6667]


async def test_an_employers_first_answer_counts_where_it_came(books: Books) -> None:
    first = await books.application(at(-10), at(-2), "offer")
    await books.event(first, at(0), "interview")
    await books.event(first, at(1), "offer", "interview")
    second = await books.application(at(-10), at(0), "rejected")
    await books.event(second, at(1), "rejected")
    early = await books.application(at(-10), at(-5), "rejected")
    await books.event(early, at(-1), "rejected")
    late = await books.application(at(-10), at(0), "rejected")
    await books.event(late, at(3), "rejected")
    told_again = await books.application(at(-10), at(0), "interview")
    await books.event(told_again, at(1), "interview", "interview")
    found = await books.read()
    assert (found.figures.answered, found.figures.response_median) == (2, 1.5 * 86400)
    assert (found.before.answered, found.before.response_median) == (1, 4.0 * 86400)
    assert by_bucket(found, "answered") == [1, 1, 0]


async def test_postings_and_strikes_of_each_day(books: Books) -> None:
    for opened in (-3.5, -3, -0.001, 0, 0.9, 2, 3):
        await books.posting(at(opened))
    for given in (-3.5, -2, 0, 1, 1.5, 3):
        await books.strike(at(given))
    await books.strike(at(1), voided=True)
    found = await books.read()
    assert (found.figures.postings, found.before.postings, by_bucket(found, "postings")) == (3, 2, [2, 0, 1])
    assert (found.figures.strikes, found.before.strikes, by_bucket(found, "strikes")) == (3, 1, [1, 2, 0])
    assert (found.figures.voided, by_bucket(found, "voided")) == (1, [0, 1, 0])


async def test_days_are_those_of_the_callers_clock(books: Books) -> None:
    # In Berlin the clock went forward on 29 March 2026: that day began at 23:00 UTC, the next one at 22:00.
    for hour in (22, 23):
        await books.posting(datetime(2026, 3, 28, hour, tzinfo=UTC))
    for hour in (21, 22):
        await books.posting(datetime(2026, 3, 29, hour, tzinfo=UTC))
    start, end = datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)
    assert by_bucket(await books.read(start, end, "day", "Europe/Berlin"), "postings") == [1, 2, 1]
    assert by_bucket(await books.read(start, end, "day", "UTC"), "postings") == [0, 2, 2, 0]


def test_a_day_of_the_change_has_23_or_25_hours() -> None:
    for day, hours in ((datetime(2026, 3, 28, 23, tzinfo=UTC), 23), (datetime(2026, 10, 24, 22, tzinfo=UTC), 25)):
        whole = cut(day, day + timedelta(hours=hours), "hour", "Europe/Berlin")
        assert len(whole.edges) == hours
        assert cut(day, day + timedelta(hours=hours), "day", "Europe/Berlin").edges == [day]
    wednesday = datetime(2026, 3, 11, 5, tzinfo=UTC)
    weeks = cut(wednesday, wednesday + timedelta(days=12), "week", "Asia/Kolkata")
    monday = datetime(2026, 3, 15, 18, 30, tzinfo=UTC)
    assert weeks.edges == [wednesday, monday, monday + timedelta(days=7)]


@pytest.mark.parametrize(
    ("days", "bucket", "zone", "path"),
    [(0, "day", "UTC", "from"), (-1, "day", "UTC", "from"), (4000, "week", "UTC", "from"),
     (300, "hour", "UTC", "bucket"), (1, "day", "Mars/Olympus", "zone"), (1, "day", "../../etc/passwd", "zone")],
)  # fmt: skip
def test_a_range_that_cannot_be_shown_is_refused_by_its_field(days: int, bucket: Bucket, zone: str, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        cut(START, at(days), bucket, zone)
    assert [one.path for one in refused.value.errors] == [path]


async def test_the_file_holds_the_same_series(books: Books) -> None:
    await books.posting(at(1.2))
    await books.assignment(at(1.2), 90)
    lines = list(csv.DictReader(io.StringIO(as_csv(await books.read()))))
    assert [line["from"][:10] for line in lines] == ["2026-03-09", "2026-03-10", "2026-03-11"]
    assert [(line["postings"], line["sla_rate"], line["handling_median"]) for line in lines] == [
        ("0", "", ""), ("1", "1.0", "90.0"), ("0", "", ""),
    ]  # fmt: skip


def test_a_spreadsheet_reckons_nothing_and_keeps_every_cell() -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", 'a"b', "a,b", "a\r\nb", "plain"]
    told = sheet(["h"], [[cell] for cell in cells])
    assert told.startswith("h\r\n")
    assert [row[0] for row in csv.reader(io.StringIO(told, newline=""))][1:] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", 'a"b', "a,b", "a\r\nb", "plain",
    ]  # fmt: skip
    assert sheet(["n"], [[-1]]) == "n\r\n-1\r\n"
