"""Which functions, consumers and periodic jobs each process serves. The one list; each room brings its own."""

from __future__ import annotations

from collections.abc import Callable

from app.applications import background as applications
from app.platform import queue, relay
from app.process import Process
from app.scheduler import Job
from app.worker import Room

HOUR = 3600.0
ROOMS: dict[str, Callable[[Process], Room]] = {}


def jobs(process: Process) -> list[Job]:
    """What the scheduler does."""
    db = process.db
    return [
        Job("tasks.sweep", 1, lambda: queue.sweep(db)),
        Job("outbox.prune", HOUR, lambda: relay.prune(db)),
        Job("applications.tick", 5, lambda: applications.tick(db)),
    ]
