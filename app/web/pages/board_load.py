"""What the pieces of the board are drawn from: each asks for its own and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.dispatch import service as dispatch
from app.dispatch.sla_board import Asked, Standing
from app.insight import fairness, figures
from app.platform.db import Tx
from app.web.pages import board_rows, board_views, fairness_views, strike_views
from app.web.resources import Resources
from app.words import later

REVIEWS, PEOPLE, RISKIEST = 60, 40, 12
FIRST_REVIEWS, FIRST_PEOPLE = 30, 16  # more than a screen has room for; the rest comes when somebody scrolls
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


async def _seen(resources: Resources) -> dict[str, Any]:
    """Presence as far as it is known, and the rules by which the rest is told."""
    presence = await resources.seen.if_known()
    return {"presence": presence, "rules": resources.rules, "ttl_seconds": resources.settings.presence_ttl_seconds}


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
    tx: Tx, resources: Resources, wanted: Asked, start: int = 0, count: int = REVIEWS, only: Sequence[UUID] = ()
) -> dict[str, Any]:
    """A window of the open reviews, or of some of them alone."""
    seen = await _seen(resources)
    if only:
        found = await dispatch.some(tx, ids=only, **seen)
    else:
        found = await dispatch.window(tx, asked=wanted, start=start, count=count, **seen)
    closed = {pool: board_rows.until(opens) for pool, opens in (await dispatch.closed_pools(tx, found.now)).items()}
    drawn = board_rows.rows(found, closed)
    filtered = bool(query(wanted))
    return {"rows": drawn, "start": start, "total": found.total, "row": ROW, "filtered": filtered}


async def people(tx: Tx, resources: Resources, words: str = "", start: int = 0, count: int = PEOPLE) -> dict[str, Any]:
    """A window of the wall."""
    found = await dispatch.roll(tx, words=words.strip()[:200], start=start, count=count, **await _seen(resources))
    wall = [board_rows.marked(one) for one in board_views.wall(found)]
    drawn = {"wall": wall, "wall_start": start, "wall_total": found.total, "row": ROW}
    return drawn | {"next_up": board_views.next_up(found), "wall_words": words}


async def standing(tx: Tx, resources: Resources) -> dict[str, Any]:
    """The figures on top."""
    found = await dispatch.standing(tx, **await _seen(resources))
    return {
        "kpis": board_views.kpis(found),
        "counted": found,
        "live": await figures.live(tx),
        "risk_minutes": f"{resources.settings.sla_warning_seconds / 60:g}",
    }


async def notices(tx: Tx, counted: Standing | None = None) -> dict[str, Any]:
    """What is late or stranded, and what of ours was down. `counted`: the figures, where they have been asked for."""
    if counted is None:
        pools, down, now = await dispatch.alarms(tx)
    else:
        pools, down, now = counted.pools, await dispatch.outages(tx), counted.now
    return {"alerts": board_views.alerts(pools), "outages": board_views.outages(down, now)}


async def filters(tx: Tx, wanted: Asked) -> dict[str, Any]:
    """What there is to choose from, and what is chosen."""
    return {"asked": wanted, "states": STATES, "pools": await dispatch.list_pools(tx), "query": query(wanted)}


async def digest(tx: Tx, resources: Resources) -> dict[str, Any]:
    """The few violations that the live board has room for."""
    strikes = strike_views.counting(await dispatch.recent_strikes(tx, rules=resources.rules))
    settings = resources.settings
    found = await dispatch.locked(tx, **await _seen(resources))
    locked = strike_views.watched(found, settings.strike_warning, settings.strike_lock)
    counts = {"locked_count": len(locked), "strike_count": len(strikes)}
    return {"locked": locked[:DIGEST], "strikes": strikes[:DIGEST]} | counts


async def watch(tx: Tx, resources: Resources) -> dict[str, Any]:
    """Who is locked or warned."""
    found = await dispatch.watched(tx, **await _seen(resources))
    settings = resources.settings
    return {"watched": strike_views.watched(found, settings.strike_warning, settings.strike_lock)}


async def inbox(tx: Tx, resources: Resources, after: UUID | None = None, show: UUID | None = None) -> dict[str, Any]:
    """The appeal to decide."""
    found = await dispatch.recent_strikes(tx, rules=resources.rules, limit=LEDGER)
    return {"inbox": strike_views.inbox(found, after, show)}


async def ledger(tx: Tx, resources: Resources) -> dict[str, Any]:
    """The latest strikes of everybody."""
    found = await dispatch.recent_strikes(tx, rules=resources.rules, limit=LEDGER)
    return {"ledger": [strike_views.struck(one) for one in found], "most": LEDGER}


async def fair(tx: Tx, looks_back: Any) -> dict[str, Any]:
    """How evenly the work was given out."""
    now = await dispatch.database_time(tx)
    return {"fairness": fairness_views.panel(await fairness.fairness(tx, now - looks_back, now))}


async def review(tx: Tx, resources: Resources, principal: Any, review_id: UUID) -> dict[str, Any]:
    """One review with its history, its why and who has it. Raises NoSuchReview."""
    view = await dispatch.review_view(tx, principal, review_id)
    drawn = await rows(tx, resources, Asked(), only=[review_id])
    people_ids = {str(one.data["employee"]) for one in view.history if one.data.get("employee")}
    names = await dispatch.names_of(tx, people_ids)
    told = board_rows.history(view.history, names)
    line = drawn["rows"][0] if drawn["rows"] else None
    return {"view": view, "line": line, "history": told, "why": _why(view.why, view.assignee), "said": ""}


def _why(sentence: str | None, name: str | None) -> str:
    return (sentence or "").removeprefix(f"{name}: ")


async def person(tx: Tx, resources: Resources, employee_id: UUID) -> dict[str, Any]:
    """One person: what they hold, and their strikes. Raises NoSuchEmployee."""
    one = await dispatch.attending(tx, employee_id=employee_id, **await _seen(resources))
    now = await dispatch.database_time(tx)
    held = await dispatch.reviews_of(tx, employee_id)
    strikes = await dispatch.strikes_of(tx, employee_id, rules=resources.rules, limit=20)
    return {
        "who": board_views.place(one, now),
        "seat": one.seat,
        "held": [board_rows.held(work) for work in held],
        "strikes": [strike_views.struck(strike) for strike in strikes],
        "said": "",
    }
