"""PostgreSQL: one metadata, one way to open a transaction.

SQLAlchemy Core only. A transaction is opened at the edge (a request, a background function, a consumer) and handed
down as `Tx`; nothing below the edge commits. Hints collected in it leave after the commit and may be lost: whoever
needs the effect for certain finds it in a row.
"""

from __future__ import annotations

import asyncio
import functools
import os
import re
import socket
from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any, Protocol

import asyncpg
import msgspec
from sqlalchemy import Column, DateTime, Executable, ForeignKey, MetaData, Uuid, event, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.platform import crashpoints
from app.platform.events import Event
from app.platform.ids import new_id
from app.platform.live_streams import LiveFrame

_ARRAYS = ("uuid", "text", "varchar", "int2", "int4", "int8", "float8", "bool", "timestamptz", "jsonb")
_TYPES = "SELECT " + ", ".join(f"NULL::{name}[]" for name in _ARRAYS)  # asyncpg asks for each on each connection
DIRECT_SHARE = 3  # of a pool's connections every third may be held for transactions on asyncpg itself
_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_FIRST = text("SELECT 1")
# What runs directly are look-ups by index and nothing else: planned once, and never by reading a whole table.
_PLANS = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off"
_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # it has no types

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Moment = DateTime(timezone=True)
# The database's and its driver's errors that quote the value they stumbled over.
_QUOTING = re.compile(r"(invalid (?:input|byte)[^:]*):.*")


def id_column() -> Column[Any]:
    """The primary key of nearly every table: a UUIDv7 made by the application."""
    return Column("id", Uuid, primary_key=True, default=new_id)


def ref(
    name: str, target: str, *, nullable: bool = False, index: bool = False, ondelete: str | None = None
) -> Column[Any]:
    """A foreign key to `table.column`."""
    return Column(name, Uuid, ForeignKey(target, ondelete=ondelete), nullable=nullable, index=index)


def moment(name: str, *, now: bool = False, nullable: bool = False) -> Column[Any]:
    """A time; with `now` the database's clock fills it in."""
    return Column(name, Moment, nullable=nullable, server_default=func.clock_timestamp() if now else None)


class Hint(msgspec.Struct, frozen=True):
    """A wake-up for whoever listens on `channel`."""

    channel: str
    payload: str


# What a loop lives through while the database is away; each of them is logged by whoever catches it.
TROUBLES = (SQLAlchemyError, OSError, TimeoutError)


class Hints(Protocol):
    """Where hints, frames and events go after a commit. Never raises: what is lost costs a moment, not an effect."""

    async def send(self, hints: Sequence[Hint], told: Sequence[LiveFrame | Event] = ()) -> None: ...


class NoHints:
    """The null twin: everything is then found by the sweeps and the relay."""

    async def send(self, hints: Sequence[Hint], told: Sequence[LiveFrame | Event] = ()) -> None:
        return None


class Transaction(ABC):
    """An open transaction: what both kinds have, and what to tell others once it is committed."""

    def __init__(self) -> None:
        self._hints: dict[Hint, None] = {}
        self.told: list[LiveFrame | Event] = []

    def hint(self, channel: str, payload: str = "") -> None:
        """Wake the listeners of `channel` after the commit. The same hint twice is sent once."""
        self._hints[Hint(channel, payload)] = None

    @property
    def hints(self) -> list[Hint]:
        return list(self._hints)

    @abstractmethod
    async def driver(self) -> Any:
        """asyncpg's own connection inside this transaction, for the few statements that run hundreds of times a second.

        Measured: 0.05 ms a statement against 0.2 to 0.4. JSON goes in as text and comes out decoded.
        """

    async def fetch(self, statement: Executable, **given: Any) -> list[Any]:
        """Run a statement of SQLAlchemy's that stands in its module as a constant, on the driver itself.

        `given` are its named parameters; a list is compared with `= any_(…)`. The rows answer to a column's place or
        name.
        """
        sql, names, fixed, json = _compiled(statement)
        values = fixed | given | {name: _json(given[name]) for name in json & given.keys()}
        rows: list[Any] = await (await self.driver()).fetch(sql, *(values[name] for name in names))
        return rows

    async def rows(self, statement: Executable, **given: Any) -> list[Any]:
        """The same, in rows that answer to a column's place and, as SQLAlchemy's do, to its name as an attribute."""
        return list(map(_row_of(statement)._make, await self.fetch(statement, **given)))


@functools.cache
def _row_of(statement: Executable) -> Any:
    columns: Any = statement.selected_columns  # type: ignore[attr-defined]  # every statement that gives rows has it
    return namedtuple("Row", [column.key for column in columns], rename=True)


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


@functools.cache
def _compiled(statement: Executable) -> tuple[str, tuple[str, ...], dict[str, Any], set[str]]:
    """The text, its parameters in order, those that have a value already, and those that are JSON."""
    compiled: Any = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # every statement of ours has it
    json = {name for name, bind in compiled.binds.items() if isinstance(bind.type, JSONB)}
    return str(compiled), tuple(compiled.positiontup or ()), compiled.params, json


class Tx(Transaction):
    """A transaction on SQLAlchemy: the ordinary kind."""

    def __init__(self, conn: AsyncConnection) -> None:
        super().__init__()
        self.conn = conn
        self._driver: Any = None

    async def driver(self) -> Any:
        if self._driver is None:
            self._driver = (await self.conn.get_raw_connection()).driver_connection
        if not self._driver.is_in_transaction():
            await self.conn.execute(_FIRST)  # SQLAlchemy begins with the first statement that goes through it
        return self._driver


class DirectTx(Transaction):
    """A transaction on asyncpg itself (0.1 ms against 0.7 of the ordinary kind's)."""

    def __init__(self, conn: Any) -> None:
        super().__init__()
        self._conn = conn

    async def driver(self) -> Any:
        return self._conn


class DatabaseFailed(SQLAlchemyError):
    """A statement on asyncpg itself failed, or (`connection_invalidated`) its connection did."""

    def __init__(self, said: str, orig: Exception, *, connection_invalidated: bool) -> None:
        super().__init__(said)
        self.orig = orig
        self.connection_invalidated = connection_invalidated


def _failed(why: Exception, conn: Any) -> DatabaseFailed:
    said = f"{type(why).__name__}: " + _QUOTING.sub(r"\1", str(why).partition("\n")[0])
    return DatabaseFailed(said, why, connection_invalidated=conn is None or conn.is_closed())


def reason(why: BaseException) -> str:
    """An error in one line for operators; of the database's errors nothing that quotes a row or a value."""
    said = str(why.orig).partition("\n")[0] if isinstance(why, DBAPIError) else str(why)
    return f"{type(why).__name__}: " + (_QUOTING.sub(r"\1", said) if isinstance(why, DBAPIError) else said)


def async_url(url: str) -> str:
    """The asyncpg form of any PostgreSQL URL."""
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    return parsed.render_as_string(hide_password=False)


def _connect_args(process: str) -> dict[str, Any]:
    name = f"cabrank {process} {socket.gethostname()} {os.getpid()}"[:63]
    settings = {"application_name": name, "timezone": "UTC", "idle_in_transaction_session_timeout": "60000"}
    return {"server_settings": settings, "timeout": 10, "command_timeout": 60}


def _still_open(conn: Any, *_: object) -> None:
    """An end of the server's is known at once, by its socket: no round trip is needed to ask."""
    if conn.driver_connection.is_closed():
        raise DisconnectionError("the server has closed it")


class _Begun:
    """A transaction of asyncpg's that has begun: committed when the block ends, rolled back when it raises."""

    def __init__(self, transaction: Any) -> None:
        self.transaction = transaction

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: object, why: BaseException | None, trace: object) -> None:
        await (self.transaction.commit() if why is None else self.transaction.rollback())


async def _discard(held: AsyncConnection) -> None:
    await held.invalidate()
    await held.close()


class Database:
    """A pool of connections and the transactions on them.

    Up to a third of them stay with `direct`; at least one is left for `transaction`.
    """

    def __init__(
        self, url: str, *, hints: Hints | None = None, pool_size: int = 5, process: str = "", pooled: bool = True
    ) -> None:
        direct = max(1, pool_size // DIRECT_SHARE)
        most = max(pool_size, direct + 1)
        pool: dict[str, Any] = {"pool_size": most, "max_overflow": 0, "pool_timeout": 15}
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            connect_args=_connect_args(process),
            json_deserializer=msgspec.json.decode,  # twice as fast as the standard library's
            hide_parameters=True,  # an error's text goes to logs and to operators; what is written may be a resume
            **(pool if pooled else {"poolclass": NullPool}),
        )
        event.listen(self.engine.sync_engine.pool, "checkout", _still_open)
        self.hints: Hints = hints or NoHints()
        self._idle: list[AsyncConnection] = []
        self._places = asyncio.Semaphore(direct)

    async def warm(self) -> None:
        """Open what is left of the pool and let it learn its types: ten milliseconds each, now and not under load.

        Raises what is among TROUBLES.
        """
        pool: Any = self.engine.pool
        async with AsyncExitStack() as held:
            while pool.checkedout() < pool.size():
                conn = await held.enter_async_context(self.engine.connect())
                driver: Any = (await conn.get_raw_connection()).driver_connection
                try:
                    await driver.fetch(_TYPES)
                except _DRIVER as why:
                    raise _failed(why, driver) from why

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One transaction: committed when the block ends, rolled back when it raises; hints leave after the commit."""
        async with self.engine.connect() as conn:
            tx = Tx(conn)
            try:
                async with conn.begin():
                    yield tx
            except _DRIVER as why:
                raise _failed(why, tx._driver) from why
        await self._tell(tx)

    @asynccontextmanager
    async def direct(self, *, begin: bool = True) -> AsyncIterator[DirectTx]:
        """As `transaction`, without SQLAlchemy, on a connection that stays checked out for the next one.

        Without `begin` each statement is a transaction of its own. Raises DatabaseFailed for whatever the database or
        the connection to it says.
        """
        async with self._places:
            held, conn, begun = await self._begin(begin)
            try:
                tx = DirectTx(conn)
                async with begun:
                    yield tx
            except _DRIVER as why:
                await _discard(held)
                raise _failed(why, conn) from why
            except BaseException:
                await _discard(held)  # cancelled in the middle of a statement, its state isn't known
                raise
            self._idle.append(held)
        await self._tell(tx)

    async def _begin(self, begin: bool) -> tuple[AsyncConnection, Any, Any]:
        """A connection and a transaction on it that has begun: that is also the look whether it still works."""
        while True:
            fresh = not self._idle
            held = await self.engine.connect() if fresh else self._idle.pop()
            conn: Any = (await held.get_raw_connection()).driver_connection
            try:
                if fresh:
                    await conn.execute(_PLANS)
                if not begin and not conn.is_closed():
                    return held, conn, nullcontext()
                begun = _Begun(conn.transaction())
                await begun.transaction.start()
                if begin:
                    return held, conn, begun
            except (*_DRIVER, OSError) as why:
                await _discard(held)
                if fresh:
                    raise _failed(why, None) from why

    async def _tell(self, tx: Transaction) -> None:
        crashpoints.here("db.committed")
        if tx.hints or tx.told:
            await self.hints.send(tx.hints, tx.told)

    async def dispose(self) -> None:
        while self._idle:
            await self._idle.pop().close()
        await self.engine.dispose()
