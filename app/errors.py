"""What can go wrong in the business, without a word of HTTP: `web` maps each kind to a status, once."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from app.words import gettext as _
from app.words import later


class FieldError(msgspec.Struct, frozen=True):
    """One bad input: `path` in dots and indexes from the body's root, `message` for a person."""

    path: str
    message: str


class AppError(Exception):
    """A refusal with a reason that may be shown to the person it concerns.

    `kind` names the class of error to machines, `title` is marked for the catalogue and translated where it is shown,
    the detail is in the language of whoever is asking; `extra` holds ids that help (never personal data).
    """

    kind: ClassVar[str] = "error"
    title: ClassVar[str] = later("Something went wrong")

    def __init__(self, detail: str = "", *, errors: list[FieldError] | None = None, **extra: Any) -> None:
        self.detail = detail or _(self.title)
        self.errors = errors or []
        self.extra = extra
        super().__init__(self.detail)


class Invalid(AppError):
    kind = "invalid"
    title = later("Some of the input can't be used")


class Unauthenticated(AppError):
    kind = "unauthenticated"
    title = later("Sign in first")


class Forbidden(AppError):
    kind = "forbidden"
    title = later("This isn't yours to do")


class NotFound(AppError):
    kind = "not-found"
    title = later("There is nothing here")


class Conflict(AppError):
    kind = "conflict"
    title = later("Somebody else was first")


class TooLarge(AppError):
    kind = "too-large"
    title = later("That is too large")


class Unsupported(AppError):
    kind = "unsupported"
    title = later("This kind of file can't be read")


class RateLimited(AppError):
    kind = "rate-limited"
    title = later("Too many requests")

    def __init__(self, detail: str = "", *, retry_after: float, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after


class Unavailable(AppError):
    kind = "unavailable"
    title = later("This doesn't answer just now; try again in a moment")
