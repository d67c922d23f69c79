"""What the board was told to do wrong. One instance per running board, changed only by the control routes."""

import asyncio
from typing import Literal

import msgspec

from app.practice.model import FormVariant

ListStatus = Literal[404, 429, 500, "html", "half_json", "hang"]
MAX_DELAY_SECONDS = 600


class ListFault(msgspec.Struct, forbid_unknown_fields=True):
    """What the list and detail API of one board token answer instead of postings."""

    status: ListStatus
    retry_after: int = 30


class Edit(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """New values for fields of a posting; what is left out stays."""

    title: str | None = None
    location: str | None = None
    about: str | None = None
    requirements: tuple[str, ...] | None = None
    department: str | None = None
    workplace: Literal["on-site", "hybrid", "remote"] | None = None


class Behaviour(msgspec.Struct, forbid_unknown_fields=True):
    """Faults in force. Counters (`fail_next`, `drop_…`) run down with each submission they hit; all else stays.

    Postings are named by the board's id, or by slug. `drop_only_reused` spares first requests of a connection;
    `drop_keeps` says whether a dropped submission was still filed, as on a server that dies while answering.
    """

    delay_seconds: float = 0
    confirm_delay_seconds: float = 0
    fail_status: int = 500
    fail_next: int = 0
    drop_after_receiving: int = 0
    drop_only_reused: bool = False
    drop_keeps: bool = True
    drop_reused_before_reading: int = 0
    lists: dict[str, ListFault] = {}
    edit: dict[str, Edit] = {}
    remove: list[str] = []
    script_tags: list[str] = []
    big_description: list[str] = []
    no_title: list[str] = []
    forms: dict[str, FormVariant] = {}

    def takes(self, counter: Literal["fail_next", "drop_after_receiving", "drop_reused_before_reading"]) -> bool:
        """Use up one of a counter; False when none is left."""
        left: int = getattr(self, counter)
        if left > 0:
            setattr(self, counter, left - 1)
        return left > 0


class Switchboard:
    """Holds the behaviour in force and wakes what hangs when it changes."""

    def __init__(self) -> None:
        self.now = Behaviour()
        self._changed = asyncio.Event()

    def change(self, wish: dict[str, object]) -> Behaviour:
        """Each key given replaces that key's value. Raises msgspec.ValidationError naming the key that is wrong."""
        for key in ("script_tags", "big_description", "no_title", "remove"):
            if key in wish:
                value = wish[key]
                wish[key] = [str(item) for item in value] if isinstance(value, list) else [str(value)]
        self._set(_checked(msgspec.convert(msgspec.to_builtins(self.now) | wish, Behaviour)))
        return self.now

    def reset(self) -> None:
        self._set(Behaviour())

    async def changed(self) -> None:
        await self._changed.wait()

    def _set(self, behaviour: Behaviour) -> None:
        self.now = behaviour
        self._changed.set()
        self._changed = asyncio.Event()


def _checked(behaviour: Behaviour) -> Behaviour:
    for key in ("delay_seconds", "confirm_delay_seconds"):
        if not 0 <= getattr(behaviour, key) <= MAX_DELAY_SECONDS:
            raise msgspec.ValidationError(f"{key} takes 0 to {MAX_DELAY_SECONDS}")
    if not 400 <= behaviour.fail_status <= 599:
        raise msgspec.ValidationError("fail_status takes 400 to 599")
    return behaviour
