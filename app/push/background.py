"""Telling devices: each loud change becomes a background function for each browser of its seeker, which sends it.

The change is read again when it is sent, with the words that the page has for it; what has been read meanwhile, or has
grown old, is told nobody any more. Served by the worker that delivers webhooks: both go out to addresses of others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec
from prometheus_client import Counter

from app.config import Settings
from app.insight import news, news_words
from app.insight.news import News
from app.platform import queue
from app.platform.bus import Consumer, Event
from app.platform.clock import monotonic, utcnow
from app.platform.db import Database, Tx
from app.platform.egress.guard import Refused
from app.platform.egress.http_client import http_client
from app.platform.queue import Claim, Dead, Retry, TaskHandler
from app.platform.security import Vault
from app.platform.telemetry import get_logger
from app.push import message, service, store, vapid
from app.push.service import Sealed
from app.push.store import Kept
from app.seekers import way_in

log = get_logger(__name__)
SEND: Final = "hooks.push"
LASTS: Final = timedelta(days=1)  # for so long a push service keeps what it can't deliver, and we try
URGENT: Final = ("needs_attention", "interview", "offer")
MOST_ATTEMPTS: Final = 8
FIRST_WAIT, LONGEST_WAIT = 5.0, 3600.0
PATIENCE: Final = 10.0
SLOW_SECONDS, SLOW_AT_ONCE, SLOW_WAIT = 2.0, 2, 5.0
FAILING_DAYS: Final = 14
GONE: Final = (404, 410)
BUSY: Final = 429
TITLE_CHARS, BODY_CHARS = 120, 400
AGENT: Final = "Cabrank/1.0 (web push)"
_ENDED = Counter("cabrank_pushes_total", "Messages to browsers' push services", ["how"])


def _worth(event: Event) -> bool:
    """What the bell counts. An event without its timeline's row is from before there were pushes."""
    loud = event.data.get("to") in news.LOUD and event.data.get("source") not in news.THEIRS
    return loud and "entry" in event.data and event.at > utcnow() - LASTS


async def _fan_out(tx: Tx, events: Sequence[Event]) -> None:
    told = [event for event in events if _worth(event)]
    devices = await store.of_applications(tx, {event.aggregate_id for event in told}) if told else {}
    for event in told:
        for device in devices.get(event.aggregate_id, []):
            await queue.add(tx, SEND, f"{device}:{event.data['entry']}", max_attempts=MOST_ATTEMPTS)


async def _one(tx: Tx, event: Event) -> None:
    await _fan_out(tx, [event])


def consumers() -> list[Consumer]:
    """The durable listener."""
    return [Consumer("push", {"ApplicationStatusChanged": _one}, topics=("applications",), together=_fan_out)]


def wait_of(attempt: int, asked: str = "") -> float:
    """Seconds before the next try: 5, 20, 80 … an hour at most, or what the service asked for."""
    wanted = float(asked) if asked.isdigit() else 0.0
    return float(min(LONGEST_WAIT, max(wanted, FIRST_WAIT * 4 ** (attempt - 1))))


def told(one: News) -> bytes:
    """What the browser's worker gets: `title`, `body`, `url` (a path of ours) and `tag`, one for each change."""
    note = news_words.note(one)
    said = {
        "title": news_words.says(one)[:TITLE_CHARS],
        "body": (news_words.about(one) + (f"\n{note}" if note else ""))[:BODY_CHARS],
        "url": f"/portal/applications/{one.number}",
        "tag": one.id.hex,
    }
    return msgspec.json.encode(said)


class Due(msgspec.Struct, frozen=True):
    """A message to be sent, and what it takes to send it."""

    kept: Kept
    news: News
    sealed: Sealed
    authorization: str

    def headers(self) -> dict[str, str]:
        # of two tries that both arrived a service keeps one by the topic, and a browser shows one by the tag
        return {
            "authorization": self.authorization,
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(int(LASTS.total_seconds())),
            "topic": message.shown(self.news.id.bytes),
            "urgency": "high" if self.news.to_status in URGENT else "normal",
            "user-agent": AGENT,
        }

    def body(self) -> bytes:
        keys = (message.read(self.sealed.p256dh), message.read(self.sealed.auth))
        return message.encrypted(told(self.news), *keys)


class Courier:
    """One process's messages; its client lives as long as that. Endpoints stay out of logs: their path is a secret."""

    def __init__(self, db: Database, settings: Settings, vault: Vault, client: httpx.AsyncClient | None = None) -> None:
        self.db = db
        self.vault = vault
        self.subject = vapid.contact(settings.public_url)
        self.client = client or http_client(settings)
        self._quick: set[str] = set()
        self._slow_now = 0

    async def send(self, held: Claim) -> None:
        """One try. Raises Retry, or Dead where no key of ours opens what is kept."""
        due = await self._due(held)
        if due is not None:
            await self._try(held, due)

    async def _try(self, held: Claim, due: Due) -> None:
        try:
            with self._lane(due.kept.service):
                answer = await self._post(due)
        except (Refused, httpx.InvalidURL) as why:
            await self._refused(due, why.detail if isinstance(why, Refused) else "This is not an address.")
        except (httpx.HTTPError, OSError) as why:
            await self._again(held, due, type(why).__name__)
        else:
            await self._answered(held, due, answer)

    async def _due(self, held: Claim) -> Due | None:
        """None where nobody is to be told any more."""
        device, entry = (UUID(part) for part in held.key.split(":"))
        async with self.db.transaction() as tx:
            kept = await store.load(tx, device)
            if kept is None:
                return None
            seen = await way_in.load(tx, kept.seeker_id)
            one = await news.of_entry(tx, kept.seeker_id, entry, seen.news_seen_at if seen else None)
            if one is None or not one.unread or one.at < utcnow() - LASTS:
                return None
            key = await service.key(tx, self.vault)
        opened = self.vault.decrypt(kept.sealed)
        if opened is None:
            raise Dead("The device's address can't be read with any of the keys.")
        sealed = msgspec.json.decode(opened, type=Sealed)
        return Due(kept, one, sealed, vapid.authorization(key, sealed.endpoint, self.subject, utcnow()))

    @contextmanager
    def _lane(self, host: str) -> Iterator[None]:
        """Services that were not quick yet share few places, so that no address of anybody's holds the others up.

        Raises Retry.
        """
        slow = host not in self._quick
        if slow and self._slow_now >= SLOW_AT_ONCE:
            raise Retry("Its service is slow, or new here: others go first", in_seconds=SLOW_WAIT, counts=False)
        self._slow_now += slow
        begun = monotonic()
        try:
            yield
        finally:
            self._slow_now -= slow
            (self._quick.discard if monotonic() - begun > SLOW_SECONDS else self._quick.add)(host)

    async def _post(self, due: Due) -> httpx.Response:
        sent = self.client.stream(
            "POST", due.sealed.endpoint, content=due.body(), headers=due.headers(), follow_redirects=False
        )
        async with asyncio.timeout(PATIENCE), sent as answer:
            return answer  # its head; what it says beyond that is nobody's business

    async def _answered(self, held: Claim, due: Due, answer: httpx.Response) -> None:
        status = answer.status_code
        if 200 <= status < 300:
            await self._ended(held, due, "delivered", store.delivered)
        elif status in GONE:
            await self._ended(held, due, "gone", store.remove)
        elif status == BUSY or status >= 500:
            await self._again(held, due, f"It answered {status}", answer.headers.get("retry-after", ""))
        else:
            await self._refused(due, f"It answered {status}")

    async def _ended(self, held: Claim, due: Due, how: str, write: Any) -> None:
        async with self.db.transaction() as tx:
            await write(tx, due.kept.id)
            await queue.finish(tx, held)
        _ENDED.labels(how).inc()

    async def _again(self, held: Claim, due: Due, why: str, asked: str = "") -> None:
        """Raises Retry until the last try: then the news stands in the portal, and nobody can do more about it."""
        await self._failed(due)
        if held.attempt < MOST_ATTEMPTS:
            raise Retry(why, in_seconds=wait_of(held.attempt, asked))
        self._note("push_given_up", due, why)
        _ENDED.labels("given up").inc()

    async def _refused(self, due: Due, why: str) -> None:
        await self._failed(due)
        self._note("push_refused", due, why)
        _ENDED.labels("refused").inc()

    async def _failed(self, due: Due) -> None:
        async with self.db.transaction() as tx:
            await store.failed(tx, due.kept.id)

    def _note(self, what: str, due: Due, why: str) -> None:
        log.warning(what, subscription=str(due.kept.id), service=due.kept.service, why=why)

    async def close(self) -> None:
        await self.client.aclose()


def tasks(courier: Courier) -> Mapping[str, TaskHandler]:
    """`hooks.push`, by the subscription's and the timeline row's ids."""
    return {SEND: courier.send}


async def prune(db: Database) -> int:
    """For the scheduler: forget browsers that can't be told any more."""
    async with db.transaction() as tx:
        return await store.prune(tx, FAILING_DAYS)
