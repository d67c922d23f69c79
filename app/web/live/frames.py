"""Frames of `/ws/realtime/`: what a client may send, and how ours look on the wire (contracts.md §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from app.platform.clock import utcnow

MAX_BYTES = 16 * 1024
STATE_TYPES = frozenset({"queue_changed", "presence_changed", "analytics_update"})
ALWAYS = frozenset({"connection_status", "heartbeat_ack", "snapshot_required", "system_notification"})
_SEEKERS = frozenset(
    {
        "job_match_update",
        "matching_started",
        "matching_stopped",
        "application_status_change",
        "application_progress",
        "application_completed",
        "application_failed",
        "interview_scheduled",
        "preview_progress",
        "batch_progress",
        "analytics_update",
    }
)
_EMPLOYEES = frozenset(
    {
        "review_assigned",
        "review_warning",
        "review_deadline_changed",
        "review_revoked",
        "review_completed",
        "message",
        "strike_recorded",
        "account_locked",
        "account_unlocked",
        "availability_changed",
    }
)
_BOARDS = STATE_TYPES | {"violation_recorded", "appeal_opened", "breaker_changed", "dead_letter_added"}
_OF_ROLES = {"seeker": _SEEKERS, "employee": _EMPLOYEES, "supervisor": _EMPLOYEES | _BOARDS, "operator": _BOARDS}
_NAME = re.compile(r"[a-z][a-z_]{0,59}|\*")
# What a locked employee may still hear.
RESTRICTED = ALWAYS | {"account_locked", "account_unlocked", "strike_recorded"}


class Heartbeat(msgspec.Struct, tag="heartbeat"):
    """Every 10 s."""


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Choose events; `since` is the cursor of the last frame seen, or one for each stream."""

    events: list[str] = msgspec.field(default_factory=lambda: ["*"])
    since: str | list[str] | None = None

    @property
    def cursors(self) -> list[str]:
        given = [self.since] if isinstance(self.since, str) else self.since or []
        return [cursor for cursor in given if cursor]


class Availability(msgspec.Struct, tag="availability"):
    """Of the person, not of the tab. `reason`: break, training, end of shift, or their own words."""

    state: Literal["available", "paused"]
    reason: Annotated[str, msgspec.Meta(max_length=60, pattern=r"\A[^\x00]*\Z")] = ""  # PostgreSQL stores no NUL


def foreign(events: Iterable[str], role: str) -> list[str]:
    """What of the events is another role's, or no event's name at all: nobody chooses whose stream they hear."""
    others = frozenset().union(*_OF_ROLES.values()) - _OF_ROLES[role]
    return sorted({event for event in events if event in others or not _NAME.fullmatch(event)})


class Ack(msgspec.Struct, tag="ack"):
    """The assignment reached the page."""

    assignment: UUID


class Seen(msgspec.Struct, tag="seen"):
    """The person opened it."""

    assignment: UUID


Incoming = Heartbeat | Subscribe | Availability | Ack | Seen
_decoder: msgspec.json.Decoder[Incoming] = msgspec.json.Decoder(Incoming)


def read(text: str) -> Incoming:
    """A client's frame. Raises ValueError with a sentence for its author."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as why:
        raise ValueError(str(why)) from None


def write(type: str, data: dict[str, Any], *, cursor: str | None = None, at: datetime | None = None) -> str:
    """A frame of ours, now where `at` doesn't say."""
    frame: dict[str, Any] = {"type": type, "at": at or utcnow(), "data": data}
    if cursor is not None:
        frame["cursor"] = cursor
    return encode(frame)


def encode(frame: dict[str, Any]) -> str:
    return msgspec.json.encode(frame).decode()
