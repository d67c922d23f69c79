"""What can go wrong in the business, without a word of HTTP: `web` maps each kind to a status, once."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One bad input: `path` in dots and indexes from the body's root, `message` for a person."""

    path: str
    message: str


class AppError(Exception):
    """A refusal with a reason that may be shown to the person it concerns.

    `kind` names the class of error to machines, `extra` holds ids that help (never personal data).
    """

    kind: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str = "", *, errors: list[FieldError] | None = None, **extra: Any) -> None:
        self.detail = detail or self.title
        self.errors = errors or []
        self.extra = extra
        super().__init__(self.detail)


class Invalid(AppError):
    kind = "invalid"
    title = "Some of the input can't be used"


class Unauthenticated(AppError):
    kind = "unauthenticated"
    title = "Sign in first"


class Forbidden(AppError):
    kind = "forbidden"
    title = "This isn't yours to do"


class NotFound(AppError):
    kind = "not-found"
    title = "There is nothing here"


class Conflict(AppError):
    kind = "conflict"
    title = "Somebody else was first"


class TooLarge(AppError):
    kind = "too-large"
    title = "That is too large"


class Unsupported(AppError):
    kind = "unsupported"
    title = "This kind of file can't be read"


class RateLimited(AppError):
    kind = "rate-limited"
    title = "Too many requests"

    def __init__(self, detail: str = "", *, retry_after: float, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after


class Unavailable(AppError):
    kind = "unavailable"
    title = "This doesn't answer just now; try again in a moment"
