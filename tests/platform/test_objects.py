"""Files in a folder: kept whole, and every failure by its kind."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import S3Store

from app.config import Settings
from app.errors import NotFound, Unavailable
from app.platform.objects import Objects


async def test_kept_found_and_removed(tmp_path: Path) -> None:
    objects = Objects.of(Settings(home=tmp_path))
    await objects.put("a/b", b"bytes")
    assert await objects.get("a/b") == b"bytes"
    assert await objects.exists("a/b")
    await objects.delete("a/b")
    await objects.delete("a/b")
    assert not await objects.exists("a/b")
    with pytest.raises(NotFound):
        await objects.get("a/b")
    assert (tmp_path / "objects").stat().st_mode & 0o777 == 0o700


async def test_a_store_that_is_away_is_no_missing_file() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    away = S3Store(
        "bucket",
        config={"endpoint": address, "region": "x", "access_key_id": "x", "secret_access_key": "x"},
        client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
    )
    objects = Objects(away)
    for act in (objects.get, objects.exists, objects.delete, lambda key: objects.put(key, b"x")):
        with pytest.raises(Unavailable):
            await act("a/b")
