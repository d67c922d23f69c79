"""A domain event as the bus carries it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Names its aggregate; holds no personal data. Reload the row."""

    id: UUID
    type: str
    topic: str
    at: datetime
    aggregate_id: UUID
    version: int = 0
    data: dict[str, Any] = {}
