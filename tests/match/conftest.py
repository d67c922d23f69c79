"""What tests of matching share: one embedder per test process, people and postings."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from app.accounts import service as accounts
from app.bots.match import fast_model
from app.bots.match.embedder import packaged_model
from app.bots.match.embedder_client import Embedder
from app.platform.db import Database
from app.postings import service as postings
from app.postings.types import NewPosting, Posting
from app.seekers import service as seekers

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "app" / "seekers" / "demo"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The folders of the packaged model and of the fast one, which is made here where set-up has not made it."""
    fast = fast_model.home()
    if not fast_model.is_one(fast):
        fast = tmp_path_factory.mktemp("models") / "fast"
        subprocess.run([sys.executable, ROOT / "tools" / "export_model.py", fast], check=True, timeout=300)
    return {"reference": packaged_model(), "fast": str(fast)}


@pytest_asyncio.fixture
async def embedder(embedder_home: Path) -> AsyncIterator[Embedder]:
    client = Embedder(embedder_home / "run" / "embedder.sock")
    yield client
    await client.close()


@pytest.fixture
def jane_text() -> str:
    return (DEMO / "jane_roe.txt").read_text()


async def new_seeker(db: Database, name: str = "Jane Roe") -> UUID:
    """A user with the seeker's side."""
    async with db.transaction() as tx:
        mail = f"{name.split()[0].lower()}@example.org"
        user = await accounts.create_user(tx, email=mail, name=name, role="seeker", password="correct horse battery")
        await seekers.create(tx, user.id, name=name, email=mail)
    return user.id


async def new_posting(db: Database, title: str, body: str, **more: str) -> Posting:
    """An internal posting out of plain lines."""
    html = "".join(f"<h3>{line[1:]}</h3>" if line.startswith("#") else f"<li>{line}</li>" for line in body.splitlines())
    company = more.pop("company", "Northgate Payments")
    async with db.transaction() as tx:
        new = NewPosting(company=company, title=title, description_html=html, external_id=title, **more)
        return await postings.create_internal(tx, new)
