"""Which functions, consumers and periodic jobs each process serves. The one list; each room brings its own.

A worker imports its own room only: the model, the browser and the parsers stay out of each other's memory.
"""

from __future__ import annotations

from collections.abc import Callable

from app.process import Process, settle
from app.scheduler import Job
from app.worker import Room

HOUR = 3600.0
DAY = 24 * HOUR


def discover(process: Process) -> Room:
    from app.bots.discover import background

    return Room(tasks=background.tasks(process.db, process.redis, process.settings), consumers=background.consumers())


def match(process: Process) -> Room:
    from app.bots.match import background, skills
    from app.bots.match.embedder_client import Embedder

    skills.default()
    settle()  # a thousand postings are a million objects; with each look at all of them scoring took ten times as long
    embedder = Embedder(process.settings.embedder_socket)
    given = (process.db, process.objects, embedder, process.settings)
    tasks = background.tasks(*given)
    return Room(tasks=tasks, consumers=background.consumers(), ready=embedder.comes, close=embedder.close)


def apply(process: Process) -> Room:
    """Two applications at once: each is a context of one browser, and the browser is what costs memory."""
    from app.bots.apply import background

    bot = background.ApplyBot(process.db, process.objects, process.settings)
    tasks = background.tasks(process.db, process.objects, process.settings, bot=bot)
    return Room(tasks=tasks, consumers=background.consumers(), at_once=2, timeout=900, close=bot.close)


def hooks(process: Process) -> Room:
    """All that is sent to addresses that others gave us: webhooks, and messages to browsers."""
    from app.hooks import background
    from app.platform.security import Vault, keys_of
    from app.push import background as pushing

    vault = Vault(keys_of(process.settings.secret_keys, process.settings.home))
    courier = background.Courier(process.db, process.settings, vault)
    pusher = pushing.Courier(process.db, process.settings, vault)
    tasks = {**background.tasks(courier), **pushing.tasks(pusher)}

    async def close() -> None:
        await courier.close()
        await pusher.close()

    consumers = [*background.consumers(), *pushing.consumers()]
    return Room(tasks=tasks, consumers=consumers, at_once=8, timeout=60, close=close)


ROOMS: dict[str, Callable[[Process], Room]] = {"discover": discover, "match": match, "apply": apply, "hooks": hooks}


def jobs(process: Process) -> list[Job]:
    """What the scheduler does."""
    from app.accounts import background as accounts
    from app.applications import background as applications
    from app.applications import batches
    from app.bots.discover import background as discovery
    from app.bots.match import background as matching
    from app.dispatch import background as dispatch
    from app.hooks import background as hooks
    from app.platform import queue, relay
    from app.push import background as pushing

    db, settings = process.db, process.settings
    return [
        Job("tasks.sweep", 1, lambda: queue.sweep(db)),
        Job("tasks.prune", HOUR, lambda: queue.prune(db)),
        Job("outbox.prune", HOUR, lambda: relay.prune(db)),
        Job("discover.tick", 2, lambda: discovery.tick(db)),
        Job("match.tick", settings.match_seconds, lambda: matching.tick(db, settings)),
        Job("match.refit", DAY, lambda: matching.ask_refit(db)),
        Job("applications.tick", 5, lambda: applications.tick(db)),
        Job("applications.batches", 1, lambda: batches.tick(db, settings.daily_applications)),
        Job("hooks.prune", HOUR, lambda: hooks.prune(db)),
        Job("push.prune", HOUR, lambda: pushing.prune(db)),
        Job("dispatch.prune", HOUR, lambda: dispatch.prune(db)),
        Job("accounts.tick", HOUR, lambda: accounts.tick(db)),
    ]
