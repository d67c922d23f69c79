"""What the process holds open for its requests. One instance, in the application's state."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection

from app.config import Settings
from app.platform.db import Database
from app.platform.objects import Objects
from app.platform.security import Vault

Connection = ASGIConnection[Any, Any, Any, Any]


class Resources:
    """Engines and settings; `redis` is typed loosely because edges only hand it on to services."""

    def __init__(
        self, *, settings: Settings, db: Database, redis: Any, objects: Objects, embedder: Any, vault: Vault
    ) -> None:
        self.settings = settings
        self.db = db
        self.redis = redis
        self.objects = objects
        self.embedder = embedder
        self.vault = vault


def of(connection: Connection) -> Resources:
    """The process's resources, from any request or socket."""
    resources: Resources = connection.app.state.resources
    return resources
