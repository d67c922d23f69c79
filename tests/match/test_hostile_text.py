"""A huge text in one person's editor slows nobody else's page."""

from __future__ import annotations

import asyncio
import random
import time

from app.bots.match import service
from tests.match.test_background import PARTLY, Stage, stage

__all__ = ["stage"]  # the fixture, shared
WORDS = "Python Kafka led the team and built payment services with PostgreSQL, Go and React 2018 - 2020 at Acme"


async def test_a_huge_text_is_scored_beside_the_event_loop(stage: Stage, jane_text: str) -> None:
    posting_id = await stage.posted("Backend Engineer, Python", PARTLY)
    jane = await stage.seeker(jane_text)
    await stage.work()
    chance = random.Random(1)
    text = "EXPERIENCE\n" + " ".join(chance.choice(WORDS.split()) for _ in range(60_000))[:390_000]
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)

    watching = asyncio.create_task(watch())
    async with stage.db.transaction() as tx:
        found = await service.rescore(
            tx, stage.embedder, posting_id=posting_id, seeker_id=jane, resume_text=text, settings=stage.settings
        )
    watching.cancel()
    assert found.score > 0
    assert longest < 0.6
