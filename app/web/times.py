"""Times that somebody sends us."""

from __future__ import annotations

from datetime import datetime

from app.errors import FieldError, Invalid
from app.words import gettext as _
from app.words import later

ZONE = later("Give a time with its zone, such as 2026-11-23T17:00:00Z.")


def check_zones(**given: datetime | None) -> None:
    """Raises Invalid for those without a zone."""
    _refuse([name for name, at in given.items() if at is not None and at.tzinfo is None])


def check_calendar(**given: datetime | None) -> None:
    """Raises Invalid for those without a zone, and for those of no calendar of ours."""
    check_zones(**given)
    _refuse([name for name, at in given.items() if at is not None and not 1900 < at.year < 9000])


def _refuse(names: list[str]) -> None:
    if names:
        raise Invalid(errors=[FieldError(name, _(ZONE)) for name in names])
