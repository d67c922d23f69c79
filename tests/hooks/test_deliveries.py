"""Webhooks against a receiver of its own: signed, retried, at least once, and never to a private address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from sqlalchemy import func, select, update

from app.accounts import service as accounts
from app.config import Settings
from app.errors import Invalid
from app.hooks import background, service
from app.hooks.background import Courier
from app.hooks.models import webhook_delivery
from app.platform import bus, queue
from app.platform.db import Database
from app.platform.egress.guard import Guard
from app.platform.ids import new_id
from app.platform.outbox import LIVE, emit, outbox
from app.platform.queue import task
from app.platform.security import Vault
from tests.hooks.receiver import Receiver, receiving, verified


class Post:
    """A courier, and verbs around it."""

    def __init__(self, db: Database, settings: Settings, receiver: Receiver) -> None:
        self.db, self.receiver = db, receiver
        self.vault = Vault([Fernet.generate_key().decode()])
        self.guard = Guard(receiver.origin)
        allowed = msgspec.structs.replace(settings, practice_origin=receiver.origin)
        self.courier = Courier(db, allowed, self.vault)

    async def subscribe(self, *events: str, url: str | None = None) -> service.Added:
        async with self.db.transaction() as tx:
            boss = await accounts.create_user(
                tx, email=f"{new_id()}@x.test", name="Olga", role="operator", password="correct horse"
            )
            return await service.add(
                tx, self.vault, self.guard, actor=boss.id, url=url or f"{self.receiver.origin}/in", events=events
            )

    async def happens(self, type: str, **data: object) -> UUID:
        """A domain event, given to the consumer twice, as the bus may."""
        async with self.db.transaction() as tx:
            event_id = await emit(tx, type, topic="reviews", aggregate_id=new_id(), data=dict(data))
            row = (await tx.conn.execute(select(outbox).where(outbox.c.topic != LIVE, outbox.c.id == event_id))).one()
        event = bus.Event(
            id=row.id, type=row.type, topic=row.topic, at=row.at, aggregate_id=row.aggregate_id, data=row.data
        )
        for _ in range(2):
            await bus.handle(self.db, background.consumers()[0], event)
        return event_id

    async def work(self) -> list[str]:
        """Try what is queued, whenever it is due; the states of all deliveries' tasks."""
        async with self.db.transaction() as tx:
            now = func.clock_timestamp() - timedelta(seconds=1)
            ids = await tx.conn.execute(
                update(task).where(task.c.kind == background.DELIVER).values(run_at=now).returning(task.c.id)
            )
            found = [row[0] for row in ids]
        for one in found:
            await queue.run(self.db, background.tasks(self.courier), one)
        async with self.db.transaction() as tx:
            return [row[0] for row in await tx.conn.execute(select(task.c.state).order_by(task.c.created_at))]

    async def waits(self) -> float:
        """Seconds until the one queued try."""
        async with self.db.transaction() as tx:
            query = select(func.extract("epoch", task.c.run_at - func.clock_timestamp()))
            return float((await tx.conn.execute(query.where(task.c.state == "queued"))).scalar_one())


@pytest_asyncio.fixture
async def post(db: Database, settings: Settings) -> AsyncIterator[Post]:
    async with receiving() as receiver:
        office = Post(db, settings, receiver)
        yield office
        await office.courier.close()


async def test_one_signed_delivery_for_each_event_that_is_wanted(post: Post) -> None:
    late = await post.subscribe("review.late")
    await post.subscribe("review.stranded", "account.locked")
    event = await post.happens("ReviewLate", pool="p", reason=None)
    assert await post.work() == ["done"]
    ((headers, body),) = post.receiver.came
    told = verified(late.secret, headers, body)
    assert (told["id"], told["type"], told["data"]["pool"]) == (str(event), "review.late", "p")
    assert headers["webhook-id"] == str(event)
    assert headers["content-type"] == "application/json"
    for wrong in (b"{}", body + b" "):
        with pytest.raises(ValueError, match="not signed"):
            verified(late.secret, headers, wrong)
    with pytest.raises(ValueError, match="too old"):
        verified(late.secret, headers, body, now=int(headers["webhook-timestamp"]) + 301)
    with pytest.raises(ValueError, match="not signed"):  # nobody else's secret fits
        verified((await post.subscribe("review.late")).secret, headers, body)


async def test_tried_again_with_backoff_until_it_arrives(post: Post) -> None:
    added = await post.subscribe("review.stranded")
    await post.happens("ReviewStranded", reason="nobody")
    post.receiver.answers = [500, 302, 429, 204]
    waits = []
    for _ in range(3):
        assert await post.work() == ["queued"]
        waits.append(await post.waits())
    assert [round(wait) for wait in waits] == [5, 20, 80]
    async with post.db.transaction() as tx:
        assert (await service.every(tx))[0].last_error == "It answered 429"
    assert await post.work() == ["done"]
    told = [verified(added.secret, *one) for one in post.receiver.came]
    assert len(told) == 4
    assert len({one["id"] for one in told}) == 1, "the same id each time"
    async with post.db.transaction() as tx:
        (shown,) = await service.every(tx)
        row = (await tx.conn.execute(select(webhook_delivery))).one()
    assert (shown.last_error, row.status) == (None, 204)
    assert shown.delivered_at is not None
    assert await post.work() == ["done"]
    assert len(post.receiver.came) == 4


async def test_a_dead_letter_after_the_last_try_or_where_it_is_gone(post: Post) -> None:
    await post.subscribe("review.late")
    await post.happens("ReviewLate")
    post.receiver.answers = [503]
    for _ in range(background.MOST_ATTEMPTS - 1):
        assert await post.work() == ["queued"]
    assert await post.work() == ["dead"]
    post.receiver.answers = [410]
    await post.happens("ReviewLate")
    assert await post.work() == ["dead", "dead"]
    async with post.db.transaction() as tx:  # a person may replay it
        (letter, *_) = (await tx.conn.execute(select(task.c.id).where(task.c.state == "dead"))).scalars().all()
        assert await queue.replay(tx, letter)
    post.receiver.answers = [200]
    assert sorted(await post.work()) == ["dead", "done"]


async def test_a_try_that_was_killed_is_made_again(post: Post) -> None:
    """The receiver had it and the row doesn't say so: it comes again, with its id."""
    added = await post.subscribe("review.late")
    await post.happens("ReviewLate")
    async with post.db.transaction() as tx:
        held = (await tx.conn.execute(select(task.c.id, task.c.key))).one()
    claim = await queue.claim(post.db, held.id)
    assert claim is not None
    async with post.db.transaction() as tx:
        due = await background.store.due(tx, UUID(held.key))
    assert due is not None
    assert await post.courier._post(due) == 204  # and here the process ends
    async with post.db.transaction() as tx:
        past = func.clock_timestamp() - timedelta(seconds=1)
        await tx.conn.execute(update(task).values(lease_until=past))
    assert await post.work() == ["done"]
    assert len({verified(added.secret, *one)["id"] for one in post.receiver.came}) == 1
    assert len(post.receiver.came) == 2


async def test_what_is_removed_is_told_nothing_more(post: Post) -> None:
    added = await post.subscribe("review.late")
    await post.happens("ReviewLate")
    async with post.db.transaction() as tx:
        await service.remove(tx, added.webhook.id, actor=new_id())
    assert await post.work() == ["done"]
    assert post.receiver.came == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/in",
        "https://10.0.0.1/in",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/in",
        "https://93.184.216.34:8443/in",
        "http://93.184.216.34/in",
        "https://me:secret@93.184.216.34/in",
        "ftp://93.184.216.34/in",
        "https://93.184.216.34:x/in",
        "nowhere",
    ],
)
async def test_addresses_that_are_refused(post: Post, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        await post.subscribe("review.late", url=url)
    assert [error.path for error in refused.value.errors] == ["url"]


async def test_an_address_that_became_private_is_refused_at_delivery(post: Post, settings: Settings) -> None:
    await post.subscribe("review.late")
    await post.happens("ReviewLate")
    post.courier = Courier(post.db, settings, post.vault)  # here the receiver is no practice board
    assert await post.work() == ["dead"]
    assert post.receiver.came == []
    await post.courier.close()


@pytest.mark.parametrize("events", [(), ("review.rumoured",), ("review.late", "*")])
async def test_only_events_that_there_are(post: Post, events: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        await post.subscribe(*events)
    assert [error.path for error in refused.value.errors] == ["events"]


async def test_a_slow_receiver_takes_few_places_and_loses_no_try(
    post: Post, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "SLOW_SECONDS", 0.1)
    await post.subscribe("review.late")
    post.receiver.pause = 0.3
    await post.happens("ReviewLate")
    assert await post.work() == ["done"]
    for _ in range(5):
        await post.happens("ReviewLate")
    query = select(task.c.id).where(task.c.state == "queued")
    async with db.transaction() as tx:
        waiting = [row[0] for row in await tx.conn.execute(query)]
    await asyncio.gather(*(queue.run(db, background.tasks(post.courier), one) for one in waiting))
    assert len(post.receiver.came) == 3
    async with db.transaction() as tx:
        put_back = (await tx.conn.execute(select(task.c.attempts).where(task.c.state == "queued"))).scalars().all()
    assert list(put_back) == [0, 0, 0]
    post.receiver.pause = 0.0
    await post.work()
    assert len(post.receiver.came) == 6
