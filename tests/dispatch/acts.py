"""The acts of a day at random, drawn by weight: each a method of the machine, told with `act`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Act = tuple[str, dict[str, Any]]
ACTS: list[tuple[int, str, dict[str, st.SearchStrategy[Any]]]] = []
WHEN: dict[str, Callable[[Any], bool]] = {}


def act(weight: int, *, when: Callable[[Any], bool] = lambda self: True, **drawn: st.SearchStrategy[Any]) -> Any:
    """An act among those of `step`: as rules of their own, most days would leave out what the others live on."""

    def note(method: Any) -> Any:
        ACTS.append((weight, method.__name__, drawn))
        WHEN[method.__name__] = when
        return method

    return note


def any_act() -> st.SearchStrategy[Act]:
    each = {name: st.tuples(st.just(name), st.fixed_dictionaries(drawn)) for _, name, drawn in ACTS}
    return st.sampled_from([name for weight, name, _ in ACTS for _ in range(weight)]).flatmap(each.__getitem__)


def web_is_up(days: Any) -> bool:
    return bool(days.here.web)


def web_is_down(days: Any) -> bool:
    return not days.here.web


def awake(days: Any) -> bool:
    return not days.model.silent and days.model.last_wake is not None
