"""A PostgreSQL and an embedder of one's own, with postings and seekers by the hundred thousand."""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import psutil
from sqlalchemy import text

from app.accounts import service as accounts
from app.bench.rig.stack import STAFF_PASSWORD
from app.bots.match import sides, skills
from app.bots.match.embedder_client import Embedder
from app.bots.match.preparing import Preparer, month_basis
from app.platform import migrate
from app.platform.db import Database
from app.platform.embedded import Postgres
from app.postings import service as postings
from app.postings.types import NewPosting
from app.practice import catalogue
from app.practice.behaviour import Behaviour
from app.process import settle
from app.seekers import service as seekers

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "app" / "seekers" / "demo"
_CHUNK = 20_000
_HEAD = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">II", 0, 0)

# Copies of those filed by hand: the same words under keys of their own.
_MORE_POSTINGS = """
INSERT INTO posting (id, company, title, location, places, remote, description_html, description_text, portal,
  identity_key, block_key, text_hash, content_hash)
SELECT gen_random_uuid(), company, title, location, places, remote, description_html, description_text, portal,
  identity_key || n, block_key || n, text_hash, content_hash
FROM (SELECT *, row_number() OVER (ORDER BY number) - 1 AS at FROM posting WHERE number <= :own) one
JOIN generate_series(CAST(:low AS int), CAST(:high AS int) - 1) AS n ON one.at = n % :own
RETURNING id
"""
_MORE_PEOPLE = """
WITH made AS (
  INSERT INTO app_user (id, email, name, role, password_hash)
  SELECT gen_random_uuid(), 'p' || n || '@bench.test', 'P', 'seeker', '' FROM generate_series(1, :count) AS n
  RETURNING id
), s AS (INSERT INTO seeker (user_id) SELECT id FROM made RETURNING user_id)
INSERT INTO resume_version (id, number, seeker_id, kind, filename, media_type, object_key, text, content_hash, state)
SELECT gen_random_uuid(), 1, user_id, 'upload', 'r.txt', 'text/plain', '-', :words, '-', 'parsed' FROM s
"""


class Shelves:
    """The database and the embedder, and what has been put there. `first`: a posting; `seekers`: all, by id."""

    def __init__(self, db: Database, embedder: Embedder, postgres: Postgres, child: psutil.Process) -> None:
        self.db, self.embedder = db, embedder
        self._postgres, self._child = postgres, child
        self.resumes = [path.read_text(encoding="utf-8") for path in sorted(DEMO.glob("*.txt"))]
        self.seekers: list[UUID] = []
        self.first = UUID(int=0)
        self._own = 0
        self._packed: list[bytes] = []

    async def people(self, count: int) -> None:
        """So many seekers, each with a copy of a demo resume's side."""
        prepare = Preparer(self.db, self.embedder)
        packed = [sides.pack_person(await self._read(prepare, resume)) for resume in self.resumes]
        async with self.db.transaction() as tx:
            await tx.conn.execute(text(_MORE_PEOPLE), {"count": count, "words": self.resumes[0]})
            rows = await tx.conn.execute(text("SELECT r.seeker_id, r.id FROM resume_version r ORDER BY r.seeker_id"))
            found = [(row[0], row[1]) for row in rows]
        self.seekers = [seeker for seeker, _ in found]
        basis = month_basis(await self.embedder.model()).encode()
        rows_ = (
            [seeker.bytes, resume.bytes, _int(1), basis, gist, packed[n % len(packed)]]
            for n, ((seeker, resume), gist) in enumerate(zip(found, _gists(packed, len(found)), strict=True))
        )
        await self._copy("seeker_side", rows_)

    async def _read(self, prepare: Preparer, resume: str) -> sides.PersonSide:
        async with self.db.transaction() as tx:
            mail = f"{len(self._packed)}{abs(hash(resume))}@bench.test"
            user = await accounts.create_user(tx, email=mail, name="B", role="seeker", password=STAFF_PASSWORD)
            await seekers.create(tx, user.id, name="B", email=mail)
            values = {"seeker": user.id, "words": resume}
            await tx.conn.execute(text(_ONE_RESUME), values)
        subject = await prepare.subject(user.id)
        assert subject is not None  # noqa: S101 - just written
        async with self.db.transaction() as tx:
            await tx.conn.execute(text("DELETE FROM seeker_side"))
        return subject.side

    async def postings(self, count: int) -> None:
        """Up to so many open postings, each with its side."""
        async with self.db.transaction() as tx:
            there = (await tx.conn.execute(text("SELECT count(*) FROM posting"))).scalar_one()
        if not there:
            there = await self._first_postings()
        for low in range(there, count, _CHUNK):
            async with self.db.transaction() as tx:
                given = {"own": self._own, "low": low, "high": min(count, low + _CHUNK)}
                ids = [row[0] for row in await tx.conn.execute(text(_MORE_POSTINGS), given)]
            basis = sides.basis(await self.embedder.model()).encode()
            rows = (
                [one.bytes, _int(1), basis, gist, self._packed[n % len(self._packed)]]
                for n, (one, gist) in enumerate(zip(ids, _gists(self._packed, len(ids)), strict=True))
            )
            await self._copy("posting_side", rows)
        async with self.db.transaction() as tx:
            await tx.conn.execute(text("ANALYZE posting, posting_side, seeker_side, seeker, resume_version"))

    async def _first_postings(self) -> int:
        """The practice board's, analysed and embedded by the product."""
        found = {(one.employer.name, one.title): one for one in catalogue.load().every(Behaviour())}
        async with self.db.transaction() as tx:
            made = [
                await postings.create_internal(
                    tx,
                    NewPosting(
                        company=one.employer.name,
                        title=one.title or "",
                        description_html=one.description_html,
                        external_id=str(n),
                    ),
                )
                for n, one in enumerate(found.values())
            ]
        ready = await Preparer(self.db, self.embedder).postings([one.id for one in made])
        self._packed = [sides.pack_posting(one.side) for one in ready]
        self.first, self._own = made[0].id, len(made)
        return len(made)

    async def _copy(self, table: str, rows: Iterator[list[bytes]]) -> None:
        async with self.db.direct() as tx:
            driver = await tx.driver()
            while part := list(islice(rows, _CHUNK)):
                await driver.copy_to_table(table, source=BytesIO(_binary(part)), format="binary")

    def memory(self) -> dict[str, float]:
        """PSS in MB of the embedder, and of this process, which does a worker's work."""
        mine = psutil.Process(os.getpid())
        return {
            name: round(process.memory_full_info().pss / 1e6, 1)
            for name, process in (("embedder", self._child), ("this process", mine))
        }


_ONE_RESUME = """
INSERT INTO resume_version (id, number, seeker_id, kind, filename, media_type, object_key, text, content_hash, state)
VALUES (gen_random_uuid(), 1, :seeker, 'upload', 'r.txt', 'text/plain', '-', :words, '-', 'parsed')
"""


def _int(value: int) -> bytes:
    return struct.pack(">i", value)


def _gists(packed: list[bytes], count: int) -> Iterator[bytes]:
    """Gists near those of the packed sides, in PostgreSQL's binary form of halfvec; the same in every run."""
    chance = np.random.default_rng(5)
    near = np.stack([_gist(one) for one in packed])
    for n in range(count):
        moved = near[n % len(near)] + chance.normal(0, 0.03, near.shape[1])
        unit = (moved / np.linalg.norm(moved)).astype(">f2")
        yield struct.pack(">HH", near.shape[1], 0) + unit.tobytes()


def _gist(packed: bytes) -> np.ndarray[Any, np.dtype[np.float32]]:
    try:
        return sides.unpack_posting(packed).asked.gist
    except (ValueError, TypeError):
        return sides.unpack_person(packed).told.gist


def _binary(rows: list[list[bytes]]) -> bytes:
    """PostgreSQL's binary COPY format."""
    parts = [_HEAD]
    for row in rows:
        parts.append(struct.pack(">h", len(row)))
        for value in row:
            parts += [_int(len(value)), value]
    return b"".join([*parts, struct.pack(">h", -1)])


@asynccontextmanager
async def open_at(home: Path) -> AsyncIterator[Shelves]:
    """Both engines started under `home`, ended with the block."""
    postgres = Postgres(home)
    postgres.start()  # from this thread: it ends with the thread that started it
    environ = os.environ | {"CABRANK_HOME": str(home)}
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "app.cli", "embedder", cwd=ROOT, env=environ)
    db = Database(postgres.url("cabrank"))
    embedder = Embedder(home / "run" / "embedder.sock")
    try:
        await _create(postgres)
        await asyncio.to_thread(migrate.upgrade, postgres.url("cabrank"))
        await embedder.comes(60)
        skills.default()
        settle()  # as a worker does
        yield Shelves(db, embedder, postgres, psutil.Process(child.pid))
    finally:
        await embedder.close()
        await db.dispose()
        child.terminate()
        await child.wait()
        postgres.stop()


async def _create(postgres: Postgres) -> None:
    driver = await asyncpg.connect(postgres.url("postgres").replace("+asyncpg", ""))
    try:
        await driver.execute("CREATE DATABASE cabrank")
    finally:
        await driver.close()
