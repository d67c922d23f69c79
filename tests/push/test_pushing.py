"""From a change to the device, by a push service on loopback: once, encrypted, with the news' words, or not at all."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from app.applications import service as applications
from app.applications.models import application_event
from app.config import Settings
from app.platform import queue
from app.platform.clock import utcnow
from app.platform.queue import task
from app.platform.security import Vault
from app.push import background, service
from app.push.background import Courier
from app.push.models import push_key, push_subscription
from app.seekers import way_in
from app.seekers.models import seeker_portal
from tests.push.browser import signer
from tests.push.office import SECRET, Office


async def test_what_is_sent_with_its_number_is_told_once_to_each_device(office: Office) -> None:
    first, second = await office.device("one"), await office.device("two")
    app = await office.applied(title="Platform Engineer", company="Contoso")
    await office.moves(app, "applied", confirmation="CB-20418")
    await office.hear()
    assert await office.work() == ["done", "done"]
    by_path = {one.path: one for one in office.outside.came}
    assert len(office.outside.came) == len(by_path) == 2
    async with office.db.transaction() as tx:
        key = await service.public_key(tx, office.vault)
    for name, browser in (("one", first), ("two", second)):
        came = by_path[f"/push/{name}"]
        assert signer(came.headers["authorization"], office.outside.origin) == key
        assert (came.headers["content-encoding"], came.headers["urgency"]) == ("aes128gcm", "normal")
        assert came.headers["ttl"] == "86400"
        assert 1 <= len(came.headers["topic"]) <= 32
        told = msgspec.json.decode(browser.read(came.body))
        assert told.pop("tag")
        assert told == {
            "title": "Your application is with the employer",
            "body": "Platform Engineer · Contoso\nNumber CB-20418",
            "url": f"/portal/applications/{app.number}",
        }
        assert b"Contoso" not in came.body
    assert await office.work() == ["done", "done"]
    assert len(office.outside.came) == 2


@pytest.mark.parametrize(
    ("to", "source", "title", "urgency"),
    [
        ("interview", "mail", "The employer invites you", "high"),
        ("offer", "ats", "The employer makes you an offer", "high"),
        ("rejected", "mail", "The employer said no", "normal"),
    ],
)
async def test_an_employers_answer(office: Office, to: str, source: str, title: str, urgency: str) -> None:
    app = await office.applied()
    await office.moves(app, "applied", confirmation="C-1")
    browser = await office.device()
    await office.moves(app, to, source=source, note="Thursday, 10:00")
    assert await office.work() == ["done"]
    (came,) = office.outside.came
    told = msgspec.json.decode(browser.read(came.body))
    assert (told["title"], came.headers["urgency"]) == (title, urgency)
    assert told["body"].endswith("\nThursday, 10:00")


async def test_a_reviewers_question_says_that_it_is_one(office: Office) -> None:
    browser, posting = await office.device(), await office.world.posting()
    async with office.db.transaction() as tx:
        app = await applications.request_review(
            tx, seeker_id=office.me, posting_id=posting.id, score=70, resume_version_id=office.world.resume_id
        )
        await applications.reviewed(tx, app.id, verdict="ask_seeker", by=office.me, notes="Have you mentored anyone?")
    await office.hear()
    assert await office.work() == ["done"]
    told = msgspec.json.decode(browser.read(office.outside.came[0].body))
    assert told["title"] == "A reviewer asks you"
    assert told["body"].endswith("Have you mentored anyone?")


async def test_nothing_is_told_that_the_bell_does_not_count(office: Office) -> None:
    await office.device()
    app = await office.applied()  # quiet: it has begun
    await office.hear()
    await office.moves(app, "applied", source="manual")  # the seeker's own word
    await office.moves(app, "interview", source="manual")
    assert await office.work() == []


async def test_what_was_rolled_back_is_never_told(office: Office) -> None:
    await office.device()
    app = await office.applied()
    with suppress(RuntimeError):
        async with office.db.transaction() as tx:
            await applications.transition(tx, app.id, "applied", source="bot")
            raise RuntimeError("the site's answer was read wrongly")
    await office.hear()
    assert (await office.world.get(app)).status == "applying"
    assert await office.work() == []


async def test_what_was_read_meanwhile_or_is_old_is_not_told(office: Office) -> None:
    await office.device()
    app = await office.applied()
    await office.moves(app, "applied")
    async with office.db.transaction() as tx:
        await way_in.news_read(tx, office.me, utcnow())
    assert await office.work() == ["done"]
    await office.moves(app, "interview", source="mail")
    async with office.db.transaction() as tx:
        await tx.conn.execute(update(application_event).values(at=func.clock_timestamp() - timedelta(hours=25)))
        await tx.conn.execute(update(seeker_portal).values(news_seen_at=None))
    assert await office.work() == ["done", "done"]
    assert office.outside.came == []


async def test_tried_again_with_backoff_until_it_arrives(office: Office) -> None:
    browser = await office.device()
    app = await office.applied()
    await office.moves(app, "applied")
    office.outside.answers = [500, 429, 503, 201]
    waits = []
    for extra in ("", "retry-after: 120\r\n", "retry-after: soon\r\n"):
        office.outside.extra = extra
        assert await office.work() == ["queued"]
        waits.append(await office.waits())
        assert await office.column("failing_since") is not None
    assert waits == [5, 120, 80]
    assert await office.work() == ["done"]
    assert await office.column("failing_since") is None
    assert await office.column("delivered_at") is not None
    tags = {msgspec.json.decode(browser.read(one.body))["tag"] for one in office.outside.came}
    topics = {one.headers["topic"] for one in office.outside.came}
    assert (len(office.outside.came), len(tags), len(topics)) == (4, 1, 1), "the same message each time"


async def test_a_service_that_nobody_reaches_is_tried_again(office: Office) -> None:
    await office.device()
    await office.moves(await office.applied(), "applied")
    await office.courier.close()
    office.courier.client = httpx.AsyncClient(transport=_Broken())
    assert await office.work() == ["queued"]
    assert await office.waits() == 5


class _Broken(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: Any) -> Any:
        raise httpx.ConnectError(f"no way to {request.url}")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_is_gone_is_forgotten(office: Office, status: int) -> None:
    await office.device("gone")
    app = await office.applied()
    office.outside.answers = [status]
    await office.moves(app, "applied")
    assert await office.work() == ["done"]
    assert await office.devices() == 0
    await office.moves(app, "interview", source="mail")
    assert await office.work() == ["done"]
    assert len(office.outside.came) == 1


async def test_after_the_last_try_it_is_given_up_and_no_dead_letter(office: Office) -> None:
    await office.device()
    await office.moves(await office.applied(), "applied")
    office.outside.answers = [503]
    for _ in range(background.MOST_ATTEMPTS - 1):
        assert await office.work() == ["queued"]
    with capture_logs() as logs:
        assert await office.work() == ["done"]
    assert [one["event"] for one in logs if one["log_level"] == "warning"] == ["push_given_up"]
    assert len(office.outside.came) == background.MOST_ATTEMPTS
    assert await office.devices() == 1


@pytest.mark.parametrize("status", [302, 400, 401, 403, 413])
async def test_other_answers_are_noted_without_what_is_secret(office: Office, status: int) -> None:
    browser = await office.device()
    given = browser.subscription("")["keys"]
    await office.moves(await office.applied(), "applied")
    office.outside.answers, office.outside.extra = [status], "location: http://127.0.0.1:1/\r\n"
    with capture_logs() as logs:
        assert await office.work() == ["done"]
    assert [one["event"] for one in logs if one["log_level"] == "warning"] == ["push_refused"]
    assert f"It answered {status}" in str(logs)
    async with office.db.transaction() as tx:
        kept = [str((await tx.conn.execute(select(table))).all()) for table in (task, push_subscription, push_key)]
    for secret in (SECRET, given["auth"], given["p256dh"]):
        assert secret not in str(logs)
        assert secret not in str(kept), "what is kept is encrypted"


async def test_a_private_address_is_refused_when_it_is_sent_too(office: Office, settings: Settings) -> None:
    await office.device()
    await office.moves(await office.applied(), "applied")
    office.courier = Courier(office.db, settings, office.vault)  # here the service is no practice board
    assert await office.work() == ["done"]
    assert office.outside.came == []
    await office.courier.close()


async def test_a_try_that_was_killed_is_made_again_under_its_tag(office: Office) -> None:
    browser = await office.device()
    await office.moves(await office.applied(), "applied")
    async with office.db.transaction() as tx:
        ids = select(task.c.id).where(task.c.kind == background.SEND)
        one = (await tx.conn.execute(ids)).scalar_one()
    claim = await queue.claim(office.db, one)
    assert claim is not None
    due = await office.courier._due(claim)
    assert due is not None
    assert (await office.courier._post(due)).status_code == 201  # and here the process ends
    async with office.db.transaction() as tx:
        await tx.conn.execute(update(task).values(lease_until=func.clock_timestamp() - timedelta(seconds=1)))
    assert await office.work() == ["done"]
    assert len({msgspec.json.decode(browser.read(one.body))["tag"] for one in office.outside.came}) == 1
    assert len(office.outside.came) == 2


async def test_a_slow_service_takes_few_places_and_loses_no_try(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "SLOW_SECONDS", 0.1)
    office.outside.pause = 0.3
    await office.device()
    for _ in range(5):
        await office.moves(await office.applied(), "applied")
    async with office.db.transaction() as tx:
        query = select(task.c.id).where(task.c.kind == background.SEND, task.c.state == "queued")
        waiting = list((await tx.conn.execute(query)).scalars())
    await asyncio.gather(*(queue.run(office.db, background.tasks(office.courier), one) for one in waiting))
    assert len(office.outside.came) == background.SLOW_AT_ONCE
    async with office.db.transaction() as tx:
        put_back = select(task.c.attempts).where(task.c.kind == background.SEND, task.c.state == "queued")
        assert list((await tx.conn.execute(put_back)).scalars()) == [0, 0, 0]
    office.outside.pause = 0.0
    assert set(await office.work()) == {"done"}
    assert len(office.outside.came) == 5


async def test_one_key_for_all_and_a_wrong_secret_key_is_said(office: Office) -> None:
    async def ask() -> str:
        async with office.db.transaction() as tx:
            return await service.public_key(tx, office.vault)

    assert len(set(await asyncio.gather(*(ask() for _ in range(4))))) == 1
    office.vault = Vault([Fernet.generate_key().decode()])
    with pytest.raises(service.Unavailable, match="CABRANK_SECRET_KEYS"):
        await ask()
