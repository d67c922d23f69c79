"""The real engines for every test: one PostgreSQL and one Valkey per test process, a fresh database per test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.accounts import service as accounts
from app.config import Settings
from app.platform import security
from app.platform.db import Database
from app.platform.embedded import Postgres, Valkey
from app.platform.hints import ValkeyHints
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.platform.queue import connect
from app.process import settle
from tests.match.embedder_process import Running, running
from tests.schema import make_schema

ROOT = Path(__file__).parent.parent
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
PRODUCT_PASSWORDS = security._passwords


def pytest_collection_finish() -> None:
    """What imports and collection have made stays: no look for garbage need go through it again."""
    settle()


# argon2id too, at the least that it takes: each person of a test is made in a millisecond, not in the product's 180
QUICK_PASSWORDS = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """For what runs in the test process; `product_passwords` is for tests of passwords themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(security, "_passwords", QUICK_PASSWORDS)
        yield


@pytest.fixture
def product_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords cost what they cost in the product."""
    monkeypatch.setattr(security, "_passwords", PRODUCT_PASSWORDS)
    accounts._nobodys_hash.cache_clear()
    yield
    accounts._nobodys_hash.cache_clear()


class Engines:
    """A running pair, and the name of the database that each test's own is copied from."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home, durable=False)
        self.valkey = Valkey(home, durable=False)

    async def sql(self, statement: str) -> None:
        engine = create_async_engine(self.postgres.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        async with engine.connect() as conn:
            await conn.execute(text(statement))
        await engine.dispose()


def _roomy() -> Path | None:
    """Memory, where there is enough: a database for each test is 500 small files, which a disk takes its time for."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


@pytest.fixture(scope="session")
def engines_home() -> Iterator[Path]:
    # short, and open to the user that PostgreSQL runs as when the tests run as root
    home = Path(tempfile.mkdtemp(prefix="cabrank-", dir=_roomy()))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engines(engines_home: Path) -> AsyncIterator[Engines]:
    running = Engines(engines_home)
    running.postgres.start()
    running.valkey.start()
    await running.sql("CREATE DATABASE template_cabrank")
    await make_schema(running.postgres.url("template_cabrank"))
    yield running
    running.valkey.stop()
    running.postgres.stop()


async def new_database(engines: Engines) -> AsyncIterator[str]:
    name = f"t{new_id().hex}"
    await engines.sql(f"CREATE DATABASE {name} TEMPLATE template_cabrank STRATEGY file_copy")
    yield engines.postgres.url(name)
    await engines.sql(f"DROP DATABASE {name} WITH (FORCE)")


async def emptied_redis(engines: Engines) -> AsyncIterator[Redis]:
    client = connect(engines.valkey.url)
    await client.flushall()
    yield client
    await client.aclose()


async def opened_database(database_url: str, redis: Redis) -> AsyncIterator[Database]:
    database = Database(database_url, hints=ValkeyHints(redis), pool_size=10, process="test")  # type: ignore[arg-type]  # it is an ArqRedis
    yield database
    await database.dispose()


database_url = pytest_asyncio.fixture(name="database_url")(new_database)
redis = pytest_asyncio.fixture(name="redis")(emptied_redis)
db = pytest_asyncio.fixture(name="db")(opened_database)


@pytest.fixture
def settings(engines: Engines, database_url: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database_url=database_url, redis_url=engines.valkey.url)


@pytest.fixture(scope="session")
def embedder_process() -> Iterator[Running]:
    """One for all tests of a test process: loading the model takes seconds."""
    home = Path(tempfile.mkdtemp(prefix="cabrank-embedder-"))
    with running(home) as embedder:
        yield embedder
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def embedder_home(embedder_process: Running) -> Path:
    return embedder_process.home


@pytest.fixture
def objects() -> Objects:
    return Objects.in_memory()


@pytest.fixture
def shared_data() -> Path:
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of recorded inputs, ../shared/data, is not here")
    return folder
