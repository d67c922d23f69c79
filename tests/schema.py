"""The schema that tests run on."""

from __future__ import annotations

import importlib
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.platform.db import metadata


def import_models() -> None:
    """Every table registers itself when its module is imported."""
    root = Path(__file__).parent.parent
    for path in sorted((root / "app").rglob("*.py")):
        if path.name == "models.py" or path.parent.name == "platform":
            importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))


async def make_schema(url: str) -> None:
    import_models()
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        await conn.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        await conn.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        await conn.run_sync(metadata.create_all)
    await engine.dispose()
