"""The embedder process over its socket: right, shared, bounded, and back after a restart."""

from __future__ import annotations

import asyncio
import shutil
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.bots.match import wire
from app.bots.match.embedder_client import Embedder, EmbedderUnavailable
from tests.match.embedder_process import Running, running

KINDS = ("reference", "fast")


@pytest.fixture(scope="module", params=KINDS)
def model(request: pytest.FixtureRequest, models: dict[str, str]) -> str:
    """Each of the two kinds that an embedder runs, by its folder."""
    return models[request.param]


@pytest.fixture(scope="module")
def embedder_process(model: str) -> Iterator[Running]:
    """All that is said here holds for both."""
    home = Path(tempfile.mkdtemp(prefix="cabrank-embedder-"))
    with running(home, model) as embedder:
        yield embedder
    shutil.rmtree(home, ignore_errors=True)


async def test_vectors(embedder: Embedder) -> None:
    vectors = await embedder.embed(["a nurse on a ward", "nursing in a hospital", "a database index"])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert (await embedder.embed([])).shape == (0, 384)


async def test_many_at_once_get_their_own(embedder_home: Path) -> None:
    socket = embedder_home / "run" / "embedder.sock"
    clients = [Embedder(socket) for _ in range(6)]
    texts = [[f"sentence {n} about topic {k}" for k in range(n + 1)] for n in range(6)]
    found = await asyncio.gather(*(client.embed(mine) for client, mine in zip(clients, texts, strict=True)))
    for mine, vectors in zip(texts, found, strict=True):
        again = await clients[0].embed(mine)
        assert np.abs(again - vectors).max() < 1e-3
    for client in clients:
        await client.close()


async def test_more_than_one_frame_of_texts(embedder: Embedder) -> None:
    assert (await embedder.embed(["x"] * (wire.MAX_TEXTS + 3))).shape == (wire.MAX_TEXTS + 3, 384)


async def test_nonsense_on_the_socket_disturbs_nobody(embedder: Embedder, embedder_home: Path) -> None:
    for body in (b"\xff" * 9, struct.pack(">I", 2**31), struct.pack(">I", 3) + b"abc"):
        _, writer = await asyncio.open_unix_connection(embedder_home / "run" / "embedder.sock")
        writer.write(body)
        await writer.drain()
        writer.close()
    assert (await embedder.embed(["still here"])).shape == (1, 384)


async def test_absent_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable):
        await Embedder(tmp_path / "none.sock").embed(["x"])


async def test_it_is_waited_for_but_not_for_ever(embedder: Embedder, tmp_path: Path) -> None:
    began = time.monotonic()
    await embedder.comes()
    await Embedder(tmp_path / "none.sock").comes(0.3)
    assert 0.25 < time.monotonic() - began < 3


@pytest.mark.slow
async def test_killed_and_back(embedder_process: Running, embedder: Embedder) -> None:
    try:
        await embedder.embed(["x"])
        embedder_process.kill()
        with pytest.raises(EmbedderUnavailable):
            await embedder.embed(["x"])
        assert embedder_process.socket.exists()  # left behind, and in nobody's way
    finally:
        embedder_process.start()
    assert (await embedder.embed(["x"])).shape == (1, 384)


@pytest.mark.parametrize(("kind", "library"), [("reference", "torch"), ("fast", "onnxruntime")])
def test_a_stop_does_not_wait_for_the_model(tmp_path: Path, models: dict[str, str], kind: str, library: str) -> None:
    embedder = Running(tmp_path, models[kind])
    process = embedder.spawn()
    maps = Path(f"/proc/{process.pid}/maps")
    while library not in maps.read_text():
        time.sleep(0.02)
    process.terminate()
    assert process.wait(2) == 0
    assert not embedder.socket.exists()
