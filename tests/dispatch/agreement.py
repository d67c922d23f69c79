"""What the rows say against what the model says."""

from __future__ import annotations

import math
from typing import Any

from tests.dispatch.model import Model

MARGIN = 2.0  # seconds that real work may be off by before it matters which side of a moment it is on


def agree(model: Model, found: dict[str, Any], numbers: dict[str, int]) -> None:
    """`found` as `Office.state` reads it; `numbers`: the model's number of each person."""
    pieces = {str(p.number): (p.state, p.stranded) for p in model.pieces.values()}
    assert {title: (state, stranded) for title, state, stranded in found["reviews"] or []} == pieces
    _posts(model, found["held"] or [], numbers)
    told = {numbers[who]: tuple(rest) for who, *rest in found["people"]}
    assert told == {n: _hand(model, n) for n in range(len(model.hands))}


def _posts(model: Model, found: list[Any], numbers: dict[str, int]) -> None:
    held = {int(title): (numbers[who], delivered, warned) for title, who, delivered, warned, _, _ in found}
    assert held == {n: (p.who, p.delivered is not None, p.warned) for n, p in model.posts.items()}
    for title, _, _, _, deadline, warn in found:
        post = model.posts[int(title)]
        assert math.isclose(deadline, post.deadline - model.now, abs_tol=MARGIN)
        assert math.isclose(warn, post.warn - model.now, abs_tol=MARGIN)


def _hand(model: Model, who: int) -> tuple[Any, ...]:
    hand = model.hands[who]
    struck = sum(1 for blow in model.blows if blow.who == who)
    return (hand.available, hand.locked, model.active(who), hand.overrides, hand.run, model.strikes(who), struck)
