"""What the pieces of the board are drawn from: each asks for its own and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.dispatch import service as dispatch
from app.dispatch.sla_board import Asked, Attendance, Look, Standing
from app.insight import fairness, figures
from app.platform.db import Tx
from app.web.pages import board_rows, board_views, fairness_views, strike_views
from app.web.resources import Resources
from app.words import later

REVIEWS, PEOPLE, RISKIEST = 60, 40, 12
FIRST_REVIEWS, FIRST_PEOPLE = 24, 16  # more than a screen has room for; the rest comes when somebody scrolls
MOST_ROWS = 200
ROW = 52  # px of a row, as board.css has it
STATES = (
    ("risk", later("At risk")),
    ("stranded", later("Stranded or late")),
    ("escalated", later("Escalated")),
    ("assigned", later("With a person")),
    ("queued", later("Waiting")),
    ("snoozed", later("Snoozed")),
    ("waiting", later("Waits for the seeker")),
)
DIGEST, LEDGER = 6, 100


async def look(tx: Tx, resources: Resources) -> Look:
    """What all parts of an answer go by."""
    ttl = resources.settings.presence_ttl_seconds
    return await dispatch.look(tx, await resources.seen.if_known(), rules=resources.rules, ttl_seconds=ttl)


def asked(pool: str = "", state: str = "", person: str = "", words: str = "") -> Asked:
    """The filters as the address has them; what is no filter of ours asks for everything."""
    known = state if state in dict(STATES) else ""
    return Asked(pool=_uuid(pool), state=known, person=person.strip()[:200], words=words.strip()[:200])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def query(wanted: Asked) -> str:
    """The filters as an address has them, without those that are empty."""
    given = {"pool": wanted.pool or "", "state": wanted.state, "person": wanted.person, "q": wanted.words}
    return urlencode({name: value for name, value in given.items() if value})


async def rows(
    tx: Tx,
    look: Look,
    wanted: Asked,
    start: int = 0,
    count: int = REVIEWS,
    *,
    only: Sequence[UUID] = (),
    counted: Standing | None = None,
) -> dict[str, Any]:
    """A window of the open reviews, or of some of them alone. `counted`: the figures, where they are known."""
    filtered = bool(query(wanted))
    if only:
        found = await dispatch.some(tx, look, only)
    else:
        total = sum(pool.open for pool in counted.pools) if counted else None
        found = await dispatch.window(tx, look, wanted, start=start, count=count, total=total)
    closed = {pool: board_rows.until(opens) for pool, opens in (await dispatch.closed_pools(tx, look)).items()}
    drawn = board_rows.rows(found, closed)
    window = {"start": start, "total": found.total, "at": found.now.isoformat()}
    return window | {"rows": drawn, "row": ROW, "filtered": filtered}


async def people(tx: Tx, look: Look, words: str = "", start: int = 0, count: int = PEOPLE) -> dict[str, Any]:
    """A window of the wall."""
    found = await dispatch.roll(tx, look, words=words.strip()[:200], start=start, count=count)
    wall = [board_rows.marked(one) for one in board_views.wall(found)]
    drawn = {"wall": wall, "wall_start": start, "wall_total": found.total, "row": ROW, "by_state": found.states}
    return drawn | {"next_up": board_views.next_up(found), "wall_words": words}


async def standing(tx: Tx, look: Look, by_state: dict[str, int] | None = None) -> dict[str, Any]:
    """The figures on top. `by_state`: as the wall has them, where it is drawn too."""
    found = await dispatch.standing(tx, look, by_state)
    return {
        "kpis": board_views.kpis(found),
        "counted": found,
        "live": await figures.stream(tx),
        "risk_minutes": f"{look.rules.sla_warning_seconds / 60:g}",
    }


async def notices(tx: Tx, look: Look, counted: Standing | None = None) -> dict[str, Any]:
    """What is late or stranded, and what of ours was down. `counted`: the figures, where they are known."""
    pools = await dispatch.depths(tx, look) if counted is None else counted.pools
    down = await dispatch.outages(tx)
    return {"alerts": board_views.alerts(pools), "outages": board_views.outages(down, look.now)}


async def filters(tx: Tx, wanted: Asked) -> dict[str, Any]:
    """What there is to choose from, and what is chosen."""
    return {"asked": wanted, "states": STATES, "pools": await dispatch.list_pools(tx), "query": query(wanted)}


async def digest(tx: Tx, look: Look) -> dict[str, Any]:
    """The few violations that the live board has room for."""
    strikes = strike_views.counting(await dispatch.recent_strikes(tx, look))
    locked = _watched(look, await dispatch.locked(tx, look))
    counts = {"locked_count": len(locked), "strike_count": len(strikes)}
    return {"locked": locked[:DIGEST], "strikes": strikes[:DIGEST]} | counts


async def watch(tx: Tx, look: Look) -> dict[str, Any]:
    """Who is locked or warned."""
    return {"watched": _watched(look, await dispatch.watched(tx, look))}


def _watched(look: Look, found: Sequence[Attendance]) -> list[strike_views.Watched]:
    return strike_views.watched(found, look.rules.strike_warning, look.rules.strike_lock)


async def inbox(tx: Tx, look: Look, after: UUID | None = None, show: UUID | None = None) -> dict[str, Any]:
    """The appeal to decide."""
    found = await dispatch.recent_strikes(tx, look, limit=LEDGER)
    return {"inbox": strike_views.inbox(found, after, show)}


async def ledger(tx: Tx, look: Look) -> dict[str, Any]:
    """The latest strikes of everybody."""
    found = await dispatch.recent_strikes(tx, look, limit=LEDGER)
    return {"ledger": [strike_views.struck(one) for one in found], "most": LEDGER}


async def fair(tx: Tx, looks_back: Any) -> dict[str, Any]:
    """How evenly the work was given out."""
    now = await dispatch.database_time(tx)
    return {"fairness": fairness_views.panel(await fairness.fairness(tx, now - looks_back, now))}


async def review(tx: Tx, look: Look, principal: Any, review_id: UUID) -> dict[str, Any]:
    """One review with its history, its why and who has it. Raises NoSuchReview."""
    view = await dispatch.review_view(tx, principal, review_id)
    drawn = await rows(tx, look, Asked(), only=[review_id])
    people_ids = {str(one.data["employee"]) for one in view.history if one.data.get("employee")}
    names = await dispatch.names_of(tx, people_ids)
    told = board_rows.history(view.history, names)
    line = drawn["rows"][0] if drawn["rows"] else None
    return {"view": view, "line": line, "history": told, "why": _why(view.why, view.assignee), "said": ""}


def _why(sentence: str | None, name: str | None) -> str:
    return (sentence or "").removeprefix(f"{name}: ")


async def person(tx: Tx, look: Look, employee_id: UUID) -> dict[str, Any]:
    """One person: what they hold, and their strikes. Raises NoSuchEmployee."""
    one = await dispatch.attending(tx, look, employee_id)
    held = await dispatch.reviews_of(tx, employee_id)
    strikes = await dispatch.strikes_of(tx, employee_id, rules=look.rules, limit=20)
    return {
        "who": board_views.place(one, look.now),
        "seat": one.seat,
        "held": [board_rows.held(work) for work in held],
        "strikes": [strike_views.struck(strike) for strike in strikes],
        "said": "",
    }
