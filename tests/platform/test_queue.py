"""Background work on real PostgreSQL and Valkey."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import make_url, select, text, update

from app.platform import queue
from app.platform.db import Database
from app.platform.hints import ValkeyHints
from app.platform.outbox import outbox
from app.platform.queue import Claim, Dead, LeaseLost, Retry, task
from tests.conftest import Engines


async def _add(db: Database, key: str = "k", **more: int) -> queue.UUID:
    async with db.transaction() as tx:
        return await queue.add(tx, "match.posting", key, {"n": 1}, **more)


async def _row(db: Database, task_id: queue.UUID) -> dict[str, object]:
    async with db.transaction() as tx:
        return dict((await tx.conn.execute(select(task).where(task.c.id == task_id))).mappings().one())


async def test_one_open_row_per_kind_and_key(db: Database) -> None:
    first, second = await asyncio.gather(_add(db), _add(db))
    assert first == second
    assert await _add(db, "other") != first


async def test_a_hint_becomes_an_arq_message(db: Database, redis: queue.ArqRedis) -> None:
    task_id = await _add(db)
    jobs = await redis.queued_jobs(queue_name=queue.arq_queue("match"))
    assert [tuple(job.args) for job in jobs] == [(str(task_id),)]


async def test_only_one_of_many_claims_wins(db: Database) -> None:
    task_id = await _add(db)
    claims = await asyncio.gather(*(queue.claim(db, task_id) for _ in range(8)))
    assert len([claim for claim in claims if claim]) == 1


async def test_a_late_finisher_writes_nothing(db: Database) -> None:
    task_id = await _add(db)
    old = await queue.claim(db, task_id, seconds=0)
    await asyncio.sleep(0.01)
    new = await queue.claim(db, task_id)
    assert old is not None
    assert new is not None
    assert new.epoch == old.epoch + 1
    with pytest.raises(LeaseLost):
        async with db.transaction() as tx:
            await queue.finish(tx, old)
    async with db.transaction() as tx:
        await queue.finish(tx, new)
    assert (await _row(db, task_id))["state"] == "done"


async def test_a_request_during_the_run_makes_it_run_again(db: Database) -> None:
    task_id = await _add(db)
    runs: list[int] = []

    async def handler(claim: Claim) -> None:
        runs.append(claim.attempt)
        if len(runs) == 1:
            assert await _add(db) == task_id

    await queue.run(db, {"match.posting": handler}, task_id)
    assert (await _row(db, task_id))["state"] == "queued"
    await queue.run(db, {"match.posting": handler}, task_id)
    assert (await _row(db, task_id))["state"] == "done"
    assert len(runs) == 2


async def test_failures_back_off_and_end_as_a_dead_letter_that_can_be_replayed(db: Database) -> None:
    task_id = await _add(db, max_attempts=2)

    async def handler(claim: Claim) -> None:
        raise RuntimeError("the wheel came off")

    await queue.run(db, {"match.posting": handler}, task_id)
    row = await _row(db, task_id)
    assert (row["state"], row["last_error"]) == ("queued", "RuntimeError: the wheel came off")
    assert await queue.claim(db, task_id) is None, "not due yet"
    async with db.transaction() as tx:
        await tx.conn.execute(update(task).values(run_at=text("clock_timestamp()")))
    await queue.run(db, {"match.posting": handler}, task_id)
    assert (await _row(db, task_id))["state"] == "dead"
    async with db.transaction() as tx:
        assert await queue.replay(tx, task_id, {"n": 2})
    claim = await queue.claim(db, task_id)
    assert claim is not None
    assert claim.payload == {"n": 2}


@pytest.mark.parametrize(("error", "state"), [(Retry("later", in_seconds=60), "queued"), (Dead("never"), "dead")])
async def test_a_handler_says_later_or_never(db: Database, error: Exception, state: str) -> None:
    task_id = await _add(db)

    async def handler(claim: Claim) -> None:
        raise error

    await queue.run(db, {"match.posting": handler}, task_id)
    row = await _row(db, task_id)
    assert (row["state"], row["last_error"]) == (state, str(error))


async def test_the_sweep_finds_what_an_emptied_valkey_forgot(db: Database, redis: queue.ArqRedis) -> None:
    task_id = await _add(db)
    await redis.flushall()
    assert await queue.sweep(db) == 1
    assert [tuple(job.args) for job in await redis.queued_jobs(queue_name=queue.arq_queue("match"))] == [
        (str(task_id),)
    ]
    assert await queue.sweep(db) == 0, "hinted a moment ago"


async def test_the_sweep_finds_work_whose_worker_died(db: Database) -> None:
    task_id = await _add(db)
    assert await queue.claim(db, task_id, seconds=0)
    await asyncio.sleep(0.01)
    assert await queue.sweep(db) == 1
    assert await queue.claim(db, task_id) is not None


async def test_work_goes_on_while_valkey_is_away(database_url: str) -> None:
    lonely = Database(database_url, hints=ValkeyHints(queue.connect("unix:///nowhere/valkey.sock")))
    task_id = await _add(lonely)
    assert (await _row(lonely, task_id))["state"] == "queued"
    await lonely.dispose()


async def test_a_lease_is_renewed_once_the_database_is_back(db: Database, database_url: str, engines: Engines) -> None:
    name = make_url(database_url).database
    task_id = await _add(db)
    begun, ends = asyncio.Event(), asyncio.Event()

    async def handler(claim: Claim) -> None:
        begun.set()
        await ends.wait()

    running = asyncio.create_task(queue.run(db, {"match.posting": handler}, task_id, 1.2))
    await begun.wait()
    await engines.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await engines.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    await asyncio.sleep(0.6)  # one renewal falls into it
    await engines.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await asyncio.sleep(1.2)
    assert await queue.claim(db, task_id) is None, "the one that runs still holds it"
    ends.set()
    await running
    assert (await _row(db, task_id))["state"] == "done"


async def test_what_takes_too_long_is_put_back_with_the_reason_and_given_up_in_the_end(db: Database) -> None:
    task_id = await _add(db, max_attempts=2)

    async def handler(claim: Claim) -> None:
        await asyncio.sleep(60)

    for state in ("queued", "dead"):
        await queue.run(db, {"match.posting": handler}, task_id, seconds=0.1)
        row = await _row(db, task_id)
        assert (row["state"], row["last_error"]) == (state, "It took longer than 0.1 s")
        async with db.transaction() as tx:
            await tx.conn.execute(update(task).values(run_at=text("clock_timestamp()")))


async def test_what_kills_its_worker_every_time_is_given_up(db: Database) -> None:
    task_id = await _add(db, max_attempts=2)
    for _ in range(2):
        assert await queue.claim(db, task_id, seconds=0)
        await asyncio.sleep(0.01)
    assert await queue.claim(db, task_id) is None
    row = await _row(db, task_id)
    assert row["state"] == "dead"
    assert "begun 2 times" in str(row["last_error"])
    async with db.transaction() as tx:
        told = (await tx.conn.execute(select(outbox.c.type, outbox.c.aggregate_id))).all()
    assert told == [("DeadLettered", task_id)]


async def test_what_was_asked_for_during_the_last_failure_is_still_done(db: Database) -> None:
    task_id = await _add(db, max_attempts=1)

    async def handler(claim: Claim) -> None:
        assert await _add(db) == task_id
        raise RuntimeError("the wheel came off")

    await queue.run(db, {"match.posting": handler}, task_id)
    row = await _row(db, task_id)
    assert (row["state"], row["attempts"]) == ("queued", 0)


async def test_an_error_of_the_database_tells_no_values(db: Database) -> None:
    """Operators read why work failed; what was written may be a resume."""
    task_id = await _add(db)
    secret = "Jane Roe, Staff Nurse"

    async def handler(claim: Claim) -> None:
        async with db.transaction() as tx:
            await tx.conn.execute(text("CREATE TABLE kept (resume text CHECK (resume = ''))"))
            await tx.conn.execute(text("INSERT INTO kept VALUES (:resume)"), {"resume": secret})

    await queue.run(db, {"match.posting": handler}, task_id)
    said = str((await _row(db, task_id))["last_error"])
    assert "kept_resume_check" in said
    assert secret not in said


async def test_done_rows_are_forgotten_after_a_week_and_no_others(db: Database) -> None:
    done, dead, open_one = await _add(db, "done"), await _add(db, "dead"), await _add(db, "open")
    fresh = await _add(db, "fresh")
    async with db.transaction() as tx:
        old = {"finished_at": text("clock_timestamp() - interval '8 days'")}
        await tx.conn.execute(update(task).where(task.c.id == done).values(state="done", **old))
        await tx.conn.execute(update(task).where(task.c.id == dead).values(state="dead", **old))
        await tx.conn.execute(
            update(task).where(task.c.id == fresh).values(state="done", finished_at=text("clock_timestamp()"))
        )
    assert await queue.prune(db) == 1
    async with db.transaction() as tx:
        assert set((await tx.conn.execute(select(task.c.id))).scalars()) == {dead, open_one, fresh}


def test_the_pause_between_tries_is_bounded() -> None:
    assert [queue.backoff(attempt) for attempt in (1, 2, 3, 9, 5000)] == [2, 4, 8, 300, 300]
