"""Asks the resume process: bytes in, text and parts out, whatever the file does to it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from app.bots.match import confined
from app.bots.match.unreadable import TEXTS
from app.platform.telemetry import get_logger

log = get_logger(__name__)
WALL_SECONDS = 30.0


class Reading(msgspec.Struct, frozen=True):
    """Either `text` and `parsed` (see parse.Parsed as plain values), or an error for the seeker.

    `hidden`: what the file holds out of sight; it is in `parsed` too, and never in `text`. `fault`: what of ours
    failed, for the log.
    """

    text: str = ""
    parsed: dict[str, Any] = {}
    hidden: str = ""
    error: dict[str, str] | None = None
    fault: str = ""


async def read_resume(data: bytes, media_type: str, today: date, *, wall_seconds: float = WALL_SECONDS) -> Reading:
    """Read one file in a process with limits; it is killed after `wall_seconds`."""
    asked = (media_type, today.isoformat())
    out, code = await confined.ask("app.bots.match.resume_process", *asked, data=data, seconds=wall_seconds)
    return _answer(out, code)


def _answer(out: bytes, code: int | None) -> Reading:
    try:
        found = msgspec.json.decode(out, type=Reading)
    except msgspec.DecodeError:
        log.warning("resume_process_ended", code=code)  # by its limits, as a rule
        return _failed("too_complex")
    if found.fault:
        log.error("resume_process_failed", why=found.fault)
    return found


def _failed(code: str) -> Reading:
    return Reading(error={"code": code, "text": TEXTS[code]})
