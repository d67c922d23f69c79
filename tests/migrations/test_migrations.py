"""Migrations and models say the same, checks and index predicates included, and every step has a way back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.platform import migrate
from app.platform.ids import new_id
from tests.conftest import ROOT, Engines
from tests.schema import make_schema

COLUMNS = """
SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || udt_name || ' ' || is_nullable || ' '
       || coalesce(column_default, '-') || ' ' || is_identity
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
CONSTRAINTS = """
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
"""
INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic%'
"""
TRIGGERS = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"


async def _facts(url: str) -> dict[str, set[str]]:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as conn:
        facts = {
            name: set((await conn.execute(text(sql))).scalars())
            for name, sql in {
                "columns": COLUMNS,
                "constraints": CONSTRAINTS,
                "indexes": INDEXES,
                "triggers": TRIGGERS,
            }.items()
        }
    await engine.dispose()
    return facts


@pytest.fixture
async def empty_url(engines: Engines) -> AsyncIterator[str]:
    name = f"m{new_id().hex}"
    await engines.sql(f"CREATE DATABASE {name}")
    yield engines.postgres.url(name)
    await engines.sql(f"DROP DATABASE {name} WITH (FORCE)")


async def test_models_and_migrations_agree(engines: Engines, empty_url: str) -> None:
    await asyncio.to_thread(migrate.upgrade, empty_url)
    name = f"c{new_id().hex}"
    await engines.sql(f"CREATE DATABASE {name}")
    await make_schema(engines.postgres.url(name))
    migrated, made = await _facts(empty_url), await _facts(engines.postgres.url(name))
    await engines.sql(f"DROP DATABASE {name} WITH (FORCE)")
    for kind in made:
        assert migrated[kind] == made[kind], kind


async def test_down_to_nothing_and_up_again(empty_url: str) -> None:
    await asyncio.to_thread(migrate.upgrade, empty_url)
    first = await _facts(empty_url)
    await asyncio.to_thread(migrate.downgrade, empty_url, "base")
    assert (await _facts(empty_url))["columns"] == set()
    await asyncio.to_thread(migrate.upgrade, empty_url)
    assert await _facts(empty_url) == first


async def _migrate_apart(url: str) -> int:
    code = "import sys; from app.platform.migrate import upgrade; upgrade(sys.argv[1])"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, url, cwd=ROOT)
    return await process.wait()


async def test_two_migrations_at_once_are_one(empty_url: str) -> None:
    assert await asyncio.gather(*(_migrate_apart(empty_url) for _ in range(2))) == [0, 0]
    assert (await _facts(empty_url))["columns"]
