"""Identifiers: UUIDv7, so that rows made together lie together in an index."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """A new UUIDv7 as the standard library's type (drivers and encoders know no other)."""
    return UUID(int=uuid_utils.uuid7().int)


def earliest(at: datetime) -> UUID:
    """Below every id that is made at this time or later; rows are found by it in the order of their ids."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)
