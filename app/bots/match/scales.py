"""The scales that were learned: which one is in force, what they were judged by, and switching between them.

The packaged scale is in force where no learned one is. A learned scale counts for the ranking it was learned with:
once a release computes the components anew, the packaged scale of that release is in force until a refit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import exists, func, insert, select, update

from app.accounts import audit
from app.bots.match.models import score_scale
from app.bots.match.ranking import VERSION
from app.bots.match.scale import COMPONENTS, Quality, Scale, packaged
from app.errors import Conflict, NotFound
from app.platform import queue
from app.platform.clock import monotonic, utcnow
from app.platform.db import Tx
from app.platform.ids import new_id
from app.words import gettext as _

State = Literal["candidate", "active", "retired", "refused"]
RESCORE: Final = "match.rescore"
REFIT: Final = "match.refit"
KEPT_SECONDS: Final = 3.0
RESPECTED_DAYS: Final = 30  # for so long after a person switched, no refit switches by itself
_LOCK: Final = func.pg_advisory_xact_lock(func.hashtextextended("score_scale", 0))
_kept: WeakKeyDictionary[Any, tuple[float, Scale]] = WeakKeyDictionary()


class ScaleView(msgspec.Struct, frozen=True, kw_only=True):
    """A scale with its figures on held-out labels: `after` its own, `before` those of `against`, in force then.

    The packaged one has no figures here; `labels` is how many a learned one was made from and judged by. `switched_how`
    is refit or person, `switched_by` the person where they were signed in.
    """

    version: str
    state: State
    packaged: bool
    weights: dict[str, float]
    slope: float
    intercept: float
    against: str | None = None
    before: Quality | None = None
    after: Quality | None = None
    labels: int | None = None
    made_at: datetime | None = None
    switched_at: datetime | None = None
    switched_how: str | None = None
    switched_by: UUID | None = None


def _scale(row: Any) -> Scale:
    return msgspec.convert({"version": row.version, **row.scale}, Scale)


def _view(row: Any) -> ScaleView:
    told = {str(name): value for name, value in row._mapping.items()} | row.scale
    told["weights"] = {name: row.scale["weights"][name] for name in COMPONENTS}  # JSONB keeps no order
    return msgspec.convert(told | {"packaged": False, "before": row.figures_before, "after": row.figures}, ScaleView)


async def in_force(tx: Tx) -> Scale:
    """The scale that scores are made with now."""
    found = select(score_scale).where(score_scale.c.state == "active", score_scale.c.ranking == VERSION)
    row = (await tx.conn.execute(found)).one_or_none()
    return packaged() if row is None else _scale(row)


async def active(tx: Tx) -> Scale:
    """The same, asked for at most every KEPT_SECONDS in a process: scoring asks for it with each batch."""
    engine, now = tx.conn.engine.sync_engine, monotonic()
    until, scale = _kept.get(engine, (0.0, packaged()))
    if now >= until:
        scale = await in_force(tx)
        _kept[engine] = (now + KEPT_SECONDS, scale)
    return scale


async def every(tx: Tx) -> list[ScaleView]:
    """The newest first; the packaged scale, which was there before them all, is the last."""
    rows = await tx.conn.execute(select(score_scale).order_by(score_scale.c.made_at.desc(), score_scale.c.id.desc()))
    views, now = [_view(row) for row in rows], await in_force(tx)
    state: State = "active" if now.version == packaged().version else "retired"
    own = msgspec.structs.asdict(packaged()) | {"state": state, "packaged": True}
    return [*views, msgspec.convert(own, ScaleView)]


async def lock(tx: Tx) -> None:
    """One at a time changes what is in force."""
    await tx.conn.execute(select(_LOCK))


async def use(tx: Tx, version: str, *, actor: UUID | None) -> ScaleView:
    """A person puts a scale in force; everything is scored anew. `actor` None: at the command line.

    Raises NotFound, and Conflict for one that was refused, or learned with another ranking.
    """
    await lock(tx)
    now = await in_force(tx)
    if version != packaged().version:
        _usable(await _row(tx, version), version)
    if now.version != version:
        await _switch(tx, version, "person", actor)
        named: dict[str, Any] = {"subject_type": "scale", "subject_id": version, "data": {"before": now.version}}
        await audit.record(tx, actor=actor, action="scale.use", **named)
        await ask_rescore(tx)
    return next(one for one in await every(tx) if one.version == version)


async def _row(tx: Tx, version: str) -> Any:
    return (await tx.conn.execute(select(score_scale).where(score_scale.c.version == version))).one_or_none()


def _usable(row: Any, version: str) -> None:
    if row is None:
        raise NotFound(_("There is no such scale."), scale=version)
    if row.state == "refused":
        raise Conflict(_("This scale was refused: it said less well what people found."), scale=version)
    if row.ranking != VERSION:
        raise Conflict(_("This scale was learned with an earlier way of computing the components."), scale=version)


async def _switch(tx: Tx, version: str, how: Literal["refit", "person"], actor: UUID | None) -> None:
    """The one that is active retires; the packaged scale is in force where no row says otherwise."""
    said = {"switched_at": func.clock_timestamp(), "switched_how": how, "switched_by": actor}
    retired = update(score_scale).where(score_scale.c.state == "active").values(state="retired", **said)
    await tx.conn.execute(retired)
    await tx.conn.execute(update(score_scale).where(score_scale.c.version == version).values(state="active", **said))
    _kept.pop(tx.conn.engine.sync_engine, None)


async def ask_rescore(tx: Tx) -> None:
    """Have everybody scored anew, once no process scores by the scale before any more."""
    later = utcnow() + timedelta(seconds=KEPT_SECONDS + 1)
    await queue.add(tx, RESCORE, "scale", run_at=later)


async def ask_refit(tx: Tx, *, actor: UUID | None = None, by_person: bool = False) -> None:
    """Have a scale learned; what a person asks for is in the audit log."""
    await queue.add(tx, REFIT, "scale")
    if by_person:
        await audit.record(tx, actor=actor, action="scale.refit", subject_type="scale", subject_id="scale")


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """A scale that was learned and judged: `before` are the figures of `against`, `after` its own."""

    scale: Scale
    against: str
    before: Quality
    after: Quality
    labels: int
    better: bool


async def keep(tx: Tx, learned: Learned) -> State:
    """Store a learned scale: in force where it is better, a candidate while a person's own choice is fresh."""
    state = await _deserved(tx, learned)
    plain = msgspec.to_builtins(learned.scale)
    facts = {"id": new_id(), "version": plain.pop("version"), "ranking": VERSION, "scale": plain}
    facts |= {"against": learned.against, "labels": learned.labels, "state": "candidate" if learned.better else state}
    told = {"figures": msgspec.to_builtins(learned.after), "figures_before": msgspec.to_builtins(learned.before)}
    await tx.conn.execute(insert(score_scale).values(facts | told))
    if state == "active":
        await _switch(tx, learned.scale.version, "refit", None)
        await ask_rescore(tx)
    data = told | {"state": state, "against": learned.against, "labels": learned.labels}
    named = {"subject_type": "scale", "subject_id": learned.scale.version}
    await audit.record(tx, actor=None, action="scale.learned", data=data, **named)
    return state


async def _deserved(tx: Tx, learned: Learned) -> State:
    if not learned.better:
        return "refused"
    since = func.clock_timestamp() - timedelta(days=RESPECTED_DAYS)
    by_person = exists().where(score_scale.c.switched_how == "person", score_scale.c.switched_at > since)
    return "candidate" if (await tx.conn.execute(select(by_person))).scalar_one() else "active"


class Latest(msgspec.Struct, frozen=True):
    """The last scale that was learned: when, and from how many labels."""

    made_at: datetime
    labels: int


async def latest(tx: Tx) -> Latest | None:
    """Of this ranking; None: none was learned yet."""
    query = select(score_scale.c.made_at, score_scale.c.labels).where(score_scale.c.ranking == VERSION)
    row = (await tx.conn.execute(query.order_by(score_scale.c.made_at.desc()).limit(1))).one_or_none()
    return None if row is None else Latest(row.made_at, row.labels)


async def next_version(tx: Tx, now: datetime) -> str:
    """The day and a number: `2026-11-25.1`."""
    day = f"{now:%Y-%m-%d}."
    count = select(func.count()).where(score_scale.c.version.startswith(day, autoescape=True))
    return f"{day}{(await tx.conn.execute(count)).scalar_one() + 1}"
