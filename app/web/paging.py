"""Lists in pages: `?cursor=&limit=` in, `{"items", "next_cursor"}` out. A cursor is opaque to the caller."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from app.errors import FieldError, Invalid

T = TypeVar("T")
Cursor = Annotated[str | None, QueryParameter(description="next_cursor of the page before")]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="items a page")]
DEFAULT_LIMIT = 50


class Page(msgspec.Struct, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


def encode(position: Any) -> str:
    """Any JSON value as a cursor."""
    return urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode(cursor: str | None, kind: type[T]) -> T | None:
    """Raises Invalid on a cursor that isn't ours."""
    if not cursor:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (Base64Error, ValueError, msgspec.MsgspecError):
        raise Invalid(errors=[FieldError("cursor", "Use the next_cursor of the page before.")]) from None


def page(items: Sequence[T], limit: int, position: Callable[[T], Any]) -> Page[T]:
    """A page out of `limit + 1` rows: the one too many says that there are more."""
    shown = list(items[:limit])
    more = len(items) > limit
    return Page(shown, encode(position(shown[-1])) if more else None)


def sliced(items: Sequence[T], cursor: str | None, limit: int, name: Callable[[T], object]) -> Page[T]:
    """A page of a short list that is loaded whole, after the item that the cursor names. Raises Invalid."""
    after = decode(cursor, str)
    names = [str(name(item)) for item in items]
    if after is not None and after not in names:
        raise Invalid(errors=[FieldError("cursor", "Use the next_cursor of the page before.")])
    start = names.index(after) + 1 if after is not None else 0
    return page(items[start : start + limit + 1], limit, lambda item: str(name(item)))


def before_id(cursor: str | None) -> UUID | None:
    """A cursor that is an id."""
    return decode(cursor, UUID)
