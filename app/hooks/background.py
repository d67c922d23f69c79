"""Delivering: what happened becomes a row for each webhook that wants it, and a background function that tries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import httpx
import msgspec

from app.config import Settings
from app.hooks import signing, store
from app.hooks.service import EVENTS
from app.hooks.store import Due
from app.platform import queue
from app.platform.bus import Consumer, Event
from app.platform.clock import monotonic, utcnow
from app.platform.db import Database, Tx
from app.platform.egress.guard import Refused
from app.platform.egress.http_client import http_client
from app.platform.queue import Claim, Dead, Retry, TaskHandler
from app.platform.security import Vault

DELIVER: Final = "hooks.deliver"
MOST_ATTEMPTS: Final = 8
FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 3600.0
SLOW_SECONDS: Final = 2.0
SLOW_AT_ONCE: Final = 2
SLOW_WAIT: Final = 20.0
KEEP_DAYS: Final = 30
GONE: Final = 410
AGENT: Final = "Cabrank/1.0 (webhooks)"
_NAMES: Final = {event: name for name, event in EVENTS.items()}


async def _fan_out(tx: Tx, events: Sequence[Event]) -> None:
    wanting = await store.wanting(tx, {_NAMES[event.type] for event in events}) if events else {}
    for event in events:
        for webhook in wanting[_NAMES[event.type]]:
            delivery = await store.deliver(tx, webhook, event.id, _body(event))
            if delivery is not None:
                await queue.add(tx, DELIVER, str(delivery), max_attempts=MOST_ATTEMPTS)


def _body(event: Event) -> str:
    told = {"id": event.id, "type": _NAMES[event.type], "at": event.at}
    return msgspec.json.encode(told | {"data": {"id": event.aggregate_id} | event.data}).decode()


async def _one(tx: Tx, event: Event) -> None:
    await _fan_out(tx, [event])


def consumers() -> list[Consumer]:
    """Everything that somebody may want to be told."""
    return [Consumer("hooks", dict.fromkeys(EVENTS.values(), _one), together=_fan_out)]


def wait_of(attempt: int) -> float:
    """Seconds before the next try: 5, 20, 80 … an hour at most."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 4 ** (attempt - 1)))


class Courier:
    """One process's deliveries; its client lives as long as that."""

    def __init__(self, db: Database, settings: Settings, vault: Vault, client: httpx.AsyncClient | None = None) -> None:
        self.db = db
        self.vault = vault
        self.client = client or http_client(settings)
        self._open: Counter[UUID] = Counter()
        self._slow: set[UUID] = set()

    async def deliver(self, held: Claim) -> None:
        """One try. Raises Retry or Dead; at least once is what the receiver can count on."""
        delivery = UUID(held.key)
        async with self.db.transaction() as tx:
            due = await store.due(tx, delivery)
        if due is None or due.delivered_at is not None:
            return
        try:
            with self._turn(due.webhook_id):
                status = await self._post(due)
        except Refused as why:
            await self._failed(delivery, due, None, why.detail)
            raise Dead(why.detail) from why
        except (httpx.HTTPError, OSError) as why:
            await self._failed(delivery, due, None, type(why).__name__)
            raise Retry(f"It could not be reached: {type(why).__name__}", in_seconds=wait_of(held.attempt)) from why
        await self._answered(held, delivery, due, status)

    @contextmanager
    def _turn(self, webhook: UUID) -> Iterator[None]:
        """A receiver that was slow gets few at once, so that the others don't wait for it. Raises Retry."""
        if webhook in self._slow and self._open[webhook] >= SLOW_AT_ONCE:
            raise Retry("Its receiver is slow: others go first", in_seconds=SLOW_WAIT, counts=False)
        self._open[webhook] += 1
        begun = monotonic()
        try:
            yield
        finally:
            self._open[webhook] -= 1
            (self._slow.add if monotonic() - begun > SLOW_SECONDS else self._slow.discard)(webhook)

    async def _post(self, due: Due) -> int:
        secret = self.vault.decrypt(due.secret)
        if secret is None:
            raise Dead("Its secret can't be read with any of the keys: remove the webhook and add it again.")
        body = due.body.encode()
        signed = signing.headers(bytes.fromhex(secret), str(due.event_id), int(utcnow().timestamp()), body)
        sent = self.client.stream(
            "POST", due.url, content=body, headers=signed | {"user-agent": AGENT}, follow_redirects=False
        )
        async with sent as answer:
            return answer.status_code  # what it says beyond that is nobody's business

    async def _answered(self, held: Claim, delivery: UUID, due: Due, status: int) -> None:
        if 200 <= status < 300:
            async with self.db.transaction() as tx:
                await store.delivered(tx, delivery, due.webhook_id, status)
                await queue.finish(tx, held)
            return
        await self._failed(delivery, due, status, f"It answered {status}")
        if status == GONE:
            raise Dead("The receiver says that it is gone.")
        raise Retry(f"It answered {status}", in_seconds=wait_of(held.attempt))

    async def _failed(self, delivery: UUID, due: Due, status: int | None, why: str) -> None:
        async with self.db.transaction() as tx:
            await store.failed(tx, delivery, due.webhook_id, status, why)

    async def close(self) -> None:
        await self.client.aclose()


def tasks(courier: Courier) -> Mapping[str, TaskHandler]:
    """`hooks.deliver`, by the delivery's id."""
    return {DELIVER: courier.deliver}


async def prune(db: Database) -> int:
    """For the scheduler: forget old deliveries."""
    async with db.transaction() as tx:
        return await store.prune(tx, KEEP_DAYS)
