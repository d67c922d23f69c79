"""Asks the embedder process. Bounded in time; a connection that broke is made again once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.bots.match import wire

Vectors = np.ndarray[Any, np.dtype[np.float32]]
_CONNECT_SECONDS = 2.0


class EmbedderUnavailable(Exception):
    """The embedder doesn't answer just now (it starts, or was restarted); try again in some seconds."""


class Embedder:
    """One connection, used by one request at a time; keep one per process."""

    def __init__(self, socket_path: Path, *, timeout_seconds: float = 60.0) -> None:
        self._path = socket_path
        self._timeout = timeout_seconds
        self._lock = asyncio.Lock()
        self._model = ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def embed(self, texts: list[str]) -> Vectors:
        """Unit vectors, (n, 384) float32. Raises EmbedderUnavailable."""
        found = [np.zeros((0, wire.DIMENSIONS), dtype=np.float32)]
        for start in range(0, len(texts), wire.MAX_TEXTS):
            told = await self._ask(texts[start : start + wire.MAX_TEXTS])
            found.append(np.frombuffer(told.vectors, dtype=np.float32).reshape(-1, wire.DIMENSIONS))
        return np.concatenate(found)

    async def ready(self) -> str:
        """The model's name. Raises EmbedderUnavailable."""
        return (await self._ask([])).model

    async def comes(self, seconds: float = 30.0) -> None:
        """Return once it answers, or when so much time is over: it may be broken, and others' work waits behind."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not await self._answers():  # noqa: ASYNC110 - another process's life has no event
                    await asyncio.sleep(0.1)

    async def _answers(self) -> bool:
        try:
            await self.ready()
        except EmbedderUnavailable:
            return False
        return True

    async def model(self) -> str:
        """The model's name, asked once per connection. Raises EmbedderUnavailable."""
        return self._model or await self.ready()

    async def _ask(self, texts: list[str]) -> wire.Told:
        async with self._lock:
            try:
                async with asyncio.timeout(self._timeout):
                    told = await self._twice(wire.Ask(texts))
            except (OSError, EOFError, TimeoutError, wire.BadFrame, msgspec.DecodeError) as why:
                await self._drop()
                raise EmbedderUnavailable(f"the embedder doesn't answer: {type(why).__name__}") from why
            except asyncio.CancelledError:
                await self._drop()  # an answer may still be under way; the next request must not read it
                raise
        if told.error:
            raise ValueError(told.error)
        self._model = told.model
        return told

    async def _twice(self, ask: wire.Ask) -> wire.Told:
        """A kept connection may have ended with an earlier embedder: then once more on a new one."""
        kept = self._streams is not None
        try:
            return await self._once(ask)
        except (OSError, EOFError):
            if not kept:
                raise
        await self._drop()
        return await self._once(ask)

    async def _once(self, ask: wire.Ask) -> wire.Told:
        if self._streams is None:
            async with asyncio.timeout(_CONNECT_SECONDS):
                self._streams = await asyncio.open_unix_connection(self._path)
        reader, writer = self._streams
        await wire.send(writer, ask)
        return msgspec.msgpack.decode(await wire.receive(reader), type=wire.Told)

    async def _drop(self) -> None:
        streams, self._streams = self._streams, None
        self._model = ""  # the next embedder may have another
        if streams is not None:
            streams[1].close()

    async def close(self) -> None:
        """End the connection."""
        await self._drop()
