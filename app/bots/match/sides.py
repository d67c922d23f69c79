"""Both sides of a score, analysed and with their vectors, packed to be kept: what scoring needs without the texts."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from app.bots.match import ranking, skills
from app.bots.match.likeness import Asked, Told, Vectors
from app.bots.match.person import Person
from app.bots.match.requirements import Needs

_SIZE = 384
_SHAPE = "2"  # of what is packed: another one makes sides stale, and no score


class PostingSide(msgspec.Struct, frozen=True):
    """A posting ready to be scored."""

    needs: Needs
    asked: Asked


class PersonSide(msgspec.Struct, frozen=True):
    """A resume ready to be scored."""

    who: Person
    told: Told


def basis(model: str) -> str:
    """What a packed side stands on besides its text: another model, list of skills or reading makes it stale."""
    return f"{model}/{ranking.VERSION}/{skills.default().version}/{_SHAPE}"


def pack_posting(side: PostingSide) -> bytes:
    """The analysis, then the vectors in half precision."""
    return _pack(side.needs, np.vstack([side.asked.title, side.asked.gist, side.asked.wishes]))


def unpack_posting(packed: bytes) -> PostingSide:
    needs, rows = _postings.decode(packed)
    vectors = _rows(rows)
    return PostingSide(needs, Asked(vectors[0], vectors[1], vectors[2:]))


def pack_person(side: PersonSide) -> bytes:
    told = side.told
    return _pack(side.who, np.vstack([told.gist, told.titles, told.held, told.chunks]))


def unpack_person(packed: bytes) -> PersonSide:
    who, rows = _people.decode(packed)
    vectors = _rows(rows)
    titles, held = 1 + len(who.titles), 1 + len(who.titles) + len(who.held)
    return PersonSide(who, Told(vectors[0], vectors[1:titles], vectors[titles:held], vectors[held:]))


_postings = msgspec.msgpack.Decoder(tuple[Needs, bytes])
_people = msgspec.msgpack.Decoder(tuple[Person, bytes])
_encoder = msgspec.msgpack.Encoder(order=None)


def _pack(analysed: Any, rows: Vectors) -> bytes:
    return _encoder.encode((analysed, rows.astype(np.float16).tobytes()))


def _rows(packed: bytes) -> Vectors:
    return np.frombuffer(packed, dtype=np.float16).reshape(-1, _SIZE).astype(np.float32)
