"""Bring a database to the newest revision, or back."""

from __future__ import annotations

import importlib
from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).parent.parent.parent
MIGRATION_LOCK = 0xCAB


def import_models() -> None:
    """Import every module that declares tables; each registers itself with the metadata."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        if path.name == "models.py" or path.parent.name == "platform":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def _config(url: str) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations; blocking, to be called outside an event loop or in a thread."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    command.downgrade(_config(url), revision)
