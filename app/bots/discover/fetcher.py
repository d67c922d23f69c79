"""One JSON document from a portal: in turn, in time, of bounded size, and every failure by its name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from app.bots.discover import problems
from app.platform.clock import utcnow
from app.platform.egress.guard import Refused
from app.platform.egress.http_client import BodyTooLarge, Page, fetch
from app.platform.ratelimit import RateLimit

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
MAX_BYTES = 20 * 1024 * 1024
# Requests a second and at once to one portal, from all our processes together.
RATE, BURST = 2.0, 5
PATIENCE_SECONDS = 20.0
LONGEST_RETRY_AFTER = 6 * 3600.0
DEFAULT_RETRY_AFTER = 60.0
HOUR = 3600.0


def retry_after(value: str | None) -> float:
    """Seconds that a Retry-After header asks for, as a number or as a date; a minute where it is missing or odd."""
    text = (value or "").strip()
    try:
        seconds = float(text) if text.isdigit() else (parsedate_to_datetime(text) - utcnow()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        seconds = DEFAULT_RETRY_AFTER
    return min(LONGEST_RETRY_AFTER, max(1.0, seconds))


def _check_status(url: str, status: int, headers: Mapping[str, str]) -> None:
    if status in (404, 410):
        raise problems.NoBoard(
            f"There is no such board at {url} ({status}). Check the token, or switch this source off.", wait=HOUR
        )
    if status == 429:
        wait = retry_after(headers.get("retry-after"))
        raise problems.SlowDown(
            f"The portal asks us to slow down (429). We wait {wait:.0f} s; nothing to do.", wait=wait
        )
    if status >= 500:
        raise problems.ServerFault(
            f"The portal has trouble of its own ({status}). We try again by ourselves; if it lasts, look at {url}."
        )
    if status != 200:
        raise problems.Denied(
            f"The portal refused the request ({status}). Check the token and the address: {url}.", wait=HOUR
        )


def decode(url: str, headers: Mapping[str, str], body: bytes) -> Any:
    """The JSON value of an answer. Raises NotJson or BrokenJson."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as why:
        if body.lstrip()[:1] == b"<" or "html" in headers.get("content-type", ""):
            raise problems.NotJson(
                f"A web page came instead of data: often maintenance, sometimes a wrong address. Look at {url}."
            ) from why
        raise problems.BrokenJson(
            f"The answer broke off or is no valid JSON ({len(body):,} bytes). We try again by ourselves."
        ) from why


class Fetcher:
    """Asks portals for documents. The client's connections go through the guard; the rate is shared by all workers."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        limit: RateLimit,
        *,
        total_seconds: float = TOTAL_SECONDS,
        max_bytes: int = MAX_BYTES,
        rate: float = RATE,
    ) -> None:
        self._client = client
        self._limit = limit
        self._total = total_seconds
        self._max_bytes = max_bytes
        self._rate = rate

    async def document(self, portal: str, url: str) -> Any:
        """The decoded JSON at `url`. Raises a FetchError that says what to do."""
        await self._turn(portal)
        page = await self._page(url)
        try:
            _check_status(url, page.status, page.headers)
        except problems.SlowDown as why:
            await self._limit.block(portal, why.wait)
            raise
        return await asyncio.to_thread(decode, url, page.headers, page.body)

    async def _turn(self, portal: str) -> None:
        turn = await self._limit.take(portal, rate=self._rate, burst=BURST, patience=PATIENCE_SECONDS)
        if not turn.granted:
            raise problems.OurLimit(
                f"It is not this portal's turn for another {turn.wait:.0f} s; we come back by ourselves.",
                wait=turn.wait,
            )
        await asyncio.sleep(turn.wait)

    async def _page(self, url: str) -> Page:
        try:
            async with asyncio.timeout(self._total):
                return await fetch(self._client, url, max_bytes=self._max_bytes, headers={"accept": "application/json"})
        except (TimeoutError, httpx.ReadTimeout) as why:
            raise problems.TooSlow(
                f"No whole answer within {self._total:.0f} s. We try again by ourselves; if it lasts, look at {url}."
            ) from why
        except Refused as why:
            raise problems.NotAllowed(f"{why.detail} Correct this source's address.", wait=HOUR) from why
        except BodyTooLarge as why:
            raise problems.TooBig(
                f"The answer is larger than {self._max_bytes // 1024 // 1024} MB. Check the address: {url}.", wait=HOUR
            ) from why
        except (httpx.HTTPError, httpx.InvalidURL) as why:
            what = type(why).__name__
            raise problems.Unreachable(f"No connection to {url} ({what}). Check the address, or wait.") from why
