"""What can go wrong with a fetch, each with a line for the operator: what happened, and what to do."""

from __future__ import annotations

from typing import ClassVar


class FetchError(Exception):
    """A fetch that brought nothing, or not all.

    `portal_fault`: the portal as a whole seems ill, so its breaker counts it. `wait` is the least time in seconds
    before the next try, where the portal or the nature of the error says one.
    """

    name: ClassVar[str] = "failed"
    portal_fault: ClassVar[bool] = True

    def __init__(self, message: str, *, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class NoBoard(FetchError):
    """404 or 410."""

    name = "no_board"
    portal_fault = False


class Denied(FetchError):
    """401, 403 or another refusal of this request."""

    name = "denied"
    portal_fault = False


class SlowDown(FetchError):
    """429: the portal lives, and wants to be left alone for a while."""

    name = "slow_down"
    portal_fault = False


class ServerFault(FetchError):
    """5xx."""

    name = "server_fault"


class TooSlow(FetchError):
    """No whole answer in time."""

    name = "too_slow"


class Unreachable(FetchError):
    """No connection, or one that broke."""

    name = "unreachable"


class NotAllowed(FetchError):
    """The guard refuses the address."""

    name = "not_allowed"
    portal_fault = False


class TooBig(FetchError):
    """The answer is larger than we read."""

    name = "too_big"
    portal_fault = False


class NotJson(FetchError):
    """A page for people instead of data."""

    name = "not_json"


class BrokenJson(FetchError):
    """Half an answer."""

    name = "broken_json"


class NotAList(FetchError):
    """JSON, but not a board's list."""

    name = "not_a_list"
    portal_fault = False


class OurLimit(FetchError):
    """Nothing was asked: our own rate for this portal is used up."""

    name = "our_limit"
    portal_fault = False
