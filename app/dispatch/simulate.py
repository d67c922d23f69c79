"""The dispatcher's own decide() on imagined or recorded days: how long reviews wait, who gets how much, how many people
a shift needs. Nothing here waits for anything: a day passes as fast as it can be reckoned."""

from __future__ import annotations

from app.dispatch.policy.types import Rules
from app.dispatch.simulation.office import Office, Watch
from app.dispatch.simulation.tally import Outcome
from app.dispatch.simulation.types import Day


def simulate(day: Day, rules: Rules, *, explained: bool = False, watch: Watch | None = None) -> Outcome:
    """Let the day pass and tell what it came to. `watch` hears of everything in its order.

    `explained`: each choice records why, as it does for the board. Nobody reads that of an imagined day, and the
    record costs about as much as the choice.
    """
    return Office(day, rules, explained=explained, watch=watch).run()
