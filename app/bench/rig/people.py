"""People for loads and for tests that kill: they sign in, hold a socket, reconnect, and do their reviews by the API."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from app.bench.rig.stack import Stack
from app.platform.clock import monotonic

log = structlog.get_logger(__name__)
HEARTBEAT_SECONDS = 5.0
PLAIN_ANSWER = "I like what you build and would like to build it with you."
Frame = dict[str, Any]


def _answer(field: Frame) -> str:
    """Something that the form takes: the first option, a number, or a sentence."""
    if field["options"]:
        return str(field["options"][0])
    return "5" if field["kind"] == "number" else PLAIN_ANSWER


class Listener:
    """One person's socket, kept open across restarts; every frame with the moment (monotonic) at which it came."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient, events: list[str] | None = None) -> None:
        self.stack = stack
        self.client = client
        self.events = events or ["*"]
        self.frames: list[tuple[float, Frame]] = []
        self.socket: ClientConnection | None = None
        self.on_frame: Callable[[Frame], Coroutine[Any, Any, None]] | None = None
        self.cursor: str | None = None
        self._work: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._loop = asyncio.create_task(self._keep_open())

    async def stop(self) -> None:
        for task in [self._loop, *self._work]:
            if task is not None:
                task.cancel()
        await asyncio.gather(*[task for task in [self._loop, *self._work] if task], return_exceptions=True)

    async def _keep_open(self) -> None:
        while True:
            try:
                await self._one_life()
            except (OSError, WebSocketException, TimeoutError) as why:
                log.info("socket_lost", why=type(why).__name__)
            await asyncio.sleep(random.uniform(0.1, 1))  # noqa: S311 - jitter, not a secret

    async def _one_life(self) -> None:
        url = f"{self.stack.address.replace('http', 'ws', 1)}/ws/realtime/"
        headers = {"authorization": self.client.headers["authorization"]}
        async with connect(url, additional_headers=headers, compression=None, open_timeout=10) as self.socket:
            since = {"since": self.cursor} if self.cursor else {}
            await self.send({"type": "subscribe", "events": self.events, **since})
            await self.greet()
            beating = asyncio.create_task(self._beat())
            try:
                async for raw in self.socket:
                    await self._take(json.loads(raw))
            finally:
                beating.cancel()

    async def greet(self) -> None:
        """What to say at each opening; nothing for one who only listens."""

    async def _beat(self) -> None:
        while True:
            await self.send({"type": "heartbeat"})
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def send(self, frame: Frame) -> None:
        if self.socket is not None:
            await self.socket.send(json.dumps(frame))

    async def _take(self, frame: Frame) -> None:
        self.cursor = frame.get("cursor", self.cursor)
        self.frames.append((monotonic(), frame))
        if frame["type"] == "snapshot_required":
            self.cursor = None
        if self.on_frame is not None:
            task = asyncio.create_task(self.on_frame(frame))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    def moment(self, type_: str, **data: Any) -> float | None:
        """When the first frame of this type with these data came."""
        for at, frame in self.frames:
            if frame["type"] == type_ and all(frame["data"].get(name) == value for name, value in data.items()):
                return at
        return None


class Reviewer(Listener):
    """An employee who is always available and finishes each review after `pause` seconds, in the way of `verdict`."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient, *, pause: float = 0.0) -> None:
        super().__init__(stack, client)
        self.pause = pause
        self.completed: dict[str, float] = {}
        self.done: list[str] = []
        self.on_frame = self._on_frame

    async def greet(self) -> None:
        await self.send({"type": "availability", "state": "available"})
        task = asyncio.create_task(self._catch_up())
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _catch_up(self) -> None:
        """After a reconnect: whatever is assigned to me and still open."""
        answer = await self._ask("GET", "/api/reviews/", params={"state": "assigned"})
        for item in answer.json()["items"] if answer is not None and answer.status_code == 200 else []:
            if item["assignment"]:
                await self._work_on(item["review"]["id"], item["assignment"]["id"])

    async def _on_frame(self, frame: Frame) -> None:
        if frame["type"] == "review_assigned":
            await self._work_on(frame["data"]["review"], frame["data"]["assignment"])
        elif frame["type"] == "snapshot_required":
            await self._catch_up()

    async def _work_on(self, review: str, assignment: str) -> None:
        if assignment in self.done:
            return
        self.done.append(assignment)
        try:
            await self.send({"type": "ack", "assignment": assignment})
            await self.send({"type": "seen", "assignment": assignment})
        except WebSocketException:
            log.info("ack_lost", assignment=assignment)
        await asyncio.sleep(self.pause)
        await self._complete(review, assignment)

    async def _complete(self, review: str, assignment: str) -> None:
        seen = await self._ask("GET", f"/api/reviews/{review}")
        if seen is None or seen.status_code != 200:
            self.done.remove(assignment)
            return
        verdict = self.verdict(seen.json()["review"]["review"]["kind"], seen.json()["asked"])
        if verdict is None:
            return
        answer = await self._ask("POST", f"/api/reviews/{review}/complete", json={"assignment": assignment, **verdict})
        if answer is not None and answer.status_code < 300:
            self.completed[review] = monotonic()
        else:
            log.info("not_completed", review=review, said=answer.text[:300] if answer is not None else "no answer")

    def verdict(self, kind: str, asked: Frame) -> Frame | None:
        """Approve a resume, answer a question in plain words; leave open what only evidence can decide."""
        if kind == "resume":
            return {"verdict": "approve"}
        if kind == "question":
            fields = asked["fields"]
            answers = [{"key": f["key"], "question": f["question"], "answer": _answer(f)} for f in fields]
            return {"verdict": "answered", "answers": answers}
        return None

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """Ask until the web process answers: it may be restarting."""
        for _ in range(60):
            try:
                answer = await self.client.request(method, path, **more)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            await asyncio.sleep(0.5)
        return None
