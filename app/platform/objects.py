"""Files: resumes, screenshots, proofs. A local folder or any object store, by one port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from app.config import Settings
from app.errors import NotFound, Unavailable


class Objects:
    """Bytes by key. Keys are ours (ids), never a person's file name. Each act raises Unavailable where it fails."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def of(cls, settings: Settings) -> Objects:
        """The configured store, or a 0700 folder under the home."""
        if settings.object_store_url:
            return cls(from_url(settings.object_store_url))
        folder: Path = settings.home / "objects"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        return cls(LocalStore(folder))

    @classmethod
    def in_memory(cls) -> Objects:
        return cls(MemoryStore())

    async def put(self, key: str, data: bytes, media_type: str = "application/octet-stream") -> None:
        """Store, whole or not at all. The media type is kept in the row that names the key."""
        with _answering("The file could not be stored; try again in a moment", key):
            await obstore.put_async(self._store, key, data)

    async def get(self, key: str) -> bytes:
        """The bytes. Raises NotFound."""
        try:
            with _answering("The file can't be had just now; try again in a moment", key):
                return bytes(await (await obstore.get_async(self._store, key)).bytes_async())
        except FileNotFoundError as why:
            raise NotFound("That file is no longer kept", key=key) from why

    async def exists(self, key: str) -> bool:
        try:
            with _answering("The files don't answer just now; try again in a moment", key):
                await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove; what isn't there is no error."""
        try:
            with _answering("The file could not be removed; try again in a moment", key):
                await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return


@contextmanager
def _answering(otherwise: str, key: str) -> Iterator[None]:
    """Raises Unavailable with these words where the store fails; a missing file stays a missing file."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as why:
        raise Unavailable(otherwise, key=key) from why
