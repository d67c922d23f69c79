"""Vectors by text: from this process's memory, from the database, else from the embedder.

Sentences of postings are kept in the database, since every seeker meets them again; those of resumes are not: what
a resume says leaves its row only into memory.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable

import numpy as np

from app.bots.match import store
from app.bots.match.embedder_client import Embedder, Vectors
from app.platform.db import Tx

_MOST = 20_000  # 768 bytes each in half precision


class Memory:
    """The vectors last used, least recently used out first."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, np.ndarray[tuple[int, ...], np.dtype[np.float16]]] = OrderedDict()

    def get(self, key: str) -> Vectors | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found.astype(np.float32)

    def put(self, key: str, vector: Vectors) -> None:
        self._kept[key] = vector.astype(np.float16)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


memory = Memory()


def key_of(model: str, text: str) -> str:
    """The content hash under which a text's vector is kept."""
    return hashlib.sha256(f"{model}\0{text}".encode()).hexdigest()


class Lookup:
    """Collects the vectors of one scoring. Use: `remembered`, then `stored` in a transaction, then `asked`."""

    def __init__(self, model: str, public: Iterable[str], private: Iterable[str]) -> None:
        self.model = model
        self.public = set(public)
        self.found: dict[str, Vectors] = {}
        self.fresh: dict[str, Vectors] = {}
        self._keys = {text: key_of(model, text) for text in dict.fromkeys((*self.public, *private))}
        for text, key in self._keys.items():
            vector = memory.get(key)
            if vector is not None:
                self.found[text] = vector

    @property
    def missing(self) -> list[str]:
        return [text for text in self._keys if text not in self.found]

    async def stored(self, tx: Tx) -> None:
        """Look into the database for postings' sentences."""
        wanted = {self._keys[text]: text for text in self.missing if text in self.public}
        kept = await store.vectors(tx, list(wanted)) if wanted else {}
        for key, vector in kept.items():
            self._have(wanted[key], vector)

    async def asked(self, embedder: Embedder) -> None:
        """Ask the embedder for the rest. Raises EmbedderUnavailable."""
        texts = self.missing
        if not texts:
            return
        for text, vector in zip(texts, await embedder.embed(texts), strict=True):
            rounded = vector.astype(np.float16).astype(np.float32)  # as the database gives it back: one score, not two
            self._have(text, rounded)
            if text in self.public:
                self.fresh[self._keys[text]] = rounded

    async def keep(self, tx: Tx) -> None:
        """Keep what was new about postings."""
        await store.keep_vectors(tx, self.model, self.fresh)

    def _have(self, text: str, vector: Vectors) -> None:
        self.found[text] = vector
        memory.put(self._keys[text], vector)
