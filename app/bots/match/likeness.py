"""How near the texts of a posting and a resume are by their vectors. Pure; one product for a whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from app.bots.match.asks import bare_title
from app.bots.match.person import Person
from app.bots.match.requirements import Needs

Vectors = np.ndarray[Any, np.dtype[np.float32]]
_SIZE = 384


class Asked(msgspec.Struct, frozen=True):
    """A posting's unit vectors: `title` and `gist` (384), `wishes` (n, 384)."""

    title: Vectors
    gist: Vectors
    wishes: Vectors


class Told(msgspec.Struct, frozen=True):
    """A resume's unit vectors: `gist` (384), `titles`, `held` and `chunks` (n, 384)."""

    gist: Vectors
    titles: Vectors
    held: Vectors
    chunks: Vectors


class Likeness(msgspec.Struct, frozen=True):
    """Cosines: for each wish its best chunk and that chunk's place (-1: none); of each title and held position with
    the posting's title; of the two gists."""

    wishes: list[float]
    chunks: list[int]
    titles: list[float]
    held: list[float]
    gist: float


def texts_of(needs: Needs, who: Person) -> list[str]:
    """All that has to be embedded to compare the two."""
    return [*posting_texts(needs), *resume_texts(who)]


def posting_texts(needs: Needs) -> list[str]:
    """A posting's side, in the order of `Asked`."""
    return [bare_title(needs.title), needs.gist, *(wish.text for wish in needs.wishes)]


def resume_texts(who: Person) -> list[str]:
    """A resume's side."""
    return [who.gist, *map(bare_title, (*who.titles, *(held.title for held in who.held))), *who.chunks]


def asked(needs: Needs, vectors: Mapping[str, Vectors]) -> Asked:
    """Raises KeyError where a text of `posting_texts` has no vector."""
    return Asked(
        vectors[bare_title(needs.title)], vectors[needs.gist], _stack([wish.text for wish in needs.wishes], vectors)
    )


def told(who: Person, vectors: Mapping[str, Vectors]) -> Told:
    """Raises KeyError where a text of `resume_texts` has no vector."""
    titles = _stack([bare_title(title) for title in who.titles], vectors)
    held = _stack([bare_title(held.title) for held in who.held], vectors)
    return Told(vectors[who.gist], titles, held, _stack(who.chunks, vectors))


def _stack(texts: Sequence[str], vectors: Mapping[str, Vectors]) -> Vectors:
    return np.stack([vectors[text] for text in texts]) if texts else np.zeros((0, _SIZE), dtype=np.float32)


def of_postings(postings: Sequence[Asked], resume: Told) -> list[Likeness]:
    """One resume against many postings."""
    rows = np.concatenate([one.wishes for one in postings]) if postings else np.zeros((0, _SIZE), dtype=np.float32)
    best, at = _best(rows, resume.chunks)
    titles = np.stack([one.title for one in postings]) if postings else rows
    near = (titles @ np.concatenate([resume.titles, resume.held]).T).tolist()
    gists = (np.stack([one.gist for one in postings]) @ resume.gist).tolist() if postings else []
    cut, found, place = len(resume.titles), [], 0
    for number, one in enumerate(postings):
        stop = place + len(one.wishes)
        mine = near[number]
        found.append(Likeness(best[place:stop], at[place:stop], mine[:cut], mine[cut:], gists[number]))
        place = stop
    return found


def _best(rows: Vectors, chunks: Vectors) -> tuple[list[float], list[int]]:
    if not len(rows) or not len(chunks):
        return [0.0] * len(rows), [-1] * len(rows)
    table = rows @ chunks.T
    at = table.argmax(axis=1)
    return table[np.arange(len(rows)), at].tolist(), at.tolist()
