"""What the process holds open for its requests. One instance, in the application's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar.connection import ASGIConnection

from app.config import Settings
from app.dispatch.heartbeats import SharedPresence
from app.dispatch.reporter import Reporter
from app.dispatch.rules import rules_of
from app.platform.beats import instance_name
from app.platform.db import Database
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.platform.ratelimit import RateLimit
from app.platform.security import Vault
from app.web.live.roll import Acks, Roll

if TYPE_CHECKING:  # the hub's sockets know the resources, too
    from app.web.live.hub import Hub

Connection = ASGIConnection[Any, Any, Any, Any]


class Resources:
    """Engines and settings; `redis` is typed loosely because edges only hand it on to services."""

    def __init__(
        self, *, settings: Settings, db: Database, redis: Any, objects: Objects, embedder: Any, vault: Vault, hub: Hub
    ) -> None:
        self.settings = settings
        self.db = db
        self.redis = redis
        self.objects = objects
        self.embedder = embedder
        self.vault = vault
        self.hub = hub
        self.limit = RateLimit(redis)
        self.rules = rules_of(settings)
        # a new name for each start, or a restarted process would inherit its predecessor's sockets
        process = f"{instance_name()}:{new_id()}"
        self.presence = Reporter(redis, process, heartbeat_seconds=settings.heartbeat_seconds)
        self.seen = SharedPresence(redis)
        self.roll, self.acks = Roll(db), Acks(db)


def of(connection: Connection) -> Resources:
    """The process's resources, from any request or socket."""
    resources: Resources = connection.app.state.resources
    return resources
