"""Whether the demo has anything to do, asked in three plain questions: its code costs a start half a second."""

from __future__ import annotations

import msgspec
from sqlalchemy import text

from app.demo.people import PEOPLE
from app.platform.db import Database


class State(msgspec.Struct, frozen=True):
    """What a database holds of the demo; `origins` are where its boards are watched."""

    empty: bool
    demo: bool
    origins: frozenset[str]


async def look(db: Database) -> State:
    async with db.transaction() as tx:
        users = await tx.conn.execute(text("SELECT count(*), count(*) FILTER (WHERE email = :mail) FROM app_user"), {
            "mail": PEOPLE[0].email,
        })  # fmt: skip
        count, jane = users.one()
        watched = await tx.conn.execute(text("SELECT DISTINCT base_url FROM source WHERE enabled AND base_url <> ''"))
        return State(count == 0, jane == 1, frozenset(url.rpartition("/")[0] for url in watched.scalars()))
