"""Presence on a real Valkey: connections, processes, and a store that forgets."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from app.dispatch import heartbeats as hb
from app.dispatch import reporter as reporter_module
from app.dispatch.heartbeats import PROCESS_LIFE_MS, Presence, Transition, beat, presence
from app.dispatch.reporter import Reporter
from app.platform.ids import new_id
from tests.dispatch.policy.build import T0, at

ANA, BEN = new_id(), new_id()
TTL = 35


async def known(redis: Redis) -> None:
    """As if the store had been up for an hour."""
    await presence(redis)
    await redis.set("{presence}:since", 1)


async def test_an_open_socket_is_assignable_and_a_closed_one_offline(redis: Redis) -> None:
    await known(redis)
    assert not await beat(redis, "web:1", [])
    await beat(redis, "web:1", [Transition("c1", ANA, "open"), Transition("c2", ANA, "open")], full=True)
    seen = await presence(redis)
    assert seen.of(ANA, TTL) == "assignable"
    assert seen.connections(ANA) == 2
    assert seen.of(BEN, TTL) == "offline"
    assert await beat(redis, "web:1", [Transition("c1", ANA, "closed")])
    assert (await presence(redis)).of(ANA, TTL) == "assignable"  # the other tab is still there
    await beat(redis, "web:1", [Transition("c2", ANA, "closed")])
    seen = await presence(redis)
    assert seen.of(ANA, TTL) == "offline"
    assert seen.last_beat(ANA) is not None


async def test_a_silent_socket_is_online_but_gets_nothing(redis: Redis) -> None:
    await known(redis)
    await beat(redis, "web:1", [Transition("c1", ANA, "stale", 21.0), Transition("c2", BEN, "stale", 36.0)], full=True)
    seen = await presence(redis)
    assert (seen.of(ANA, TTL), seen.of(BEN, TTL)) == ("online", "offline")


async def test_a_process_that_stops_beating_takes_its_connections_with_it(redis: Redis) -> None:
    await known(redis)
    await beat(redis, "web:1", [Transition("c1", ANA, "open")], full=True)
    beaten = int(await redis.zscore("{presence}:processes", "web:1") or 0)
    await redis.zadd("{presence}:processes", {"web:1": beaten - 6_000})
    assert (await presence(redis)).of(ANA, TTL) == "online"
    await redis.zadd("{presence}:processes", {"web:1": beaten - 36_000})
    seen = await presence(redis)
    assert (seen.of(ANA, TTL), seen.web_processes) == ("offline", 0)


async def test_a_process_that_dies_takes_nobody_elses_connections(redis: Redis) -> None:
    await known(redis)
    cleo, stop = new_id(), asyncio.Event()
    dies, lives = Reporter(redis, "web:1"), Reporter(redis, "web:2")
    for who, reporters in ((ANA, [dies]), (BEN, [lives]), (cleo, [dies, lives])):
        for reporter in reporters:
            reporter.touch(f"{reporter.process_id} {who}", who)
    running = [asyncio.create_task(reporter.run(stop)) for reporter in (dies, lives)]
    async with asyncio.timeout(5):
        while [(await presence(redis)).of(who, TTL) for who in (ANA, BEN, cleo)] != ["assignable"] * 3:
            await asyncio.sleep(0.02)
    running[0].cancel()  # without a word, as kill -9 does
    await asyncio.wait(running[:1])
    for silent, now in ((PROCESS_LIFE_MS, "online"), (TTL * 1000 - PROCESS_LIFE_MS, "offline")):
        await redis.zincrby("{presence}:processes", -silent, "web:1")
        seen = await presence(redis)
        assert [seen.of(who, TTL) for who in (ANA, BEN, cleo)] == [now, "assignable", "assignable"]
    stop.set()
    await running[1]


async def test_a_flushed_store_knows_nothing_and_says_so(redis: Redis) -> None:
    reporter = Reporter(redis, "web:1")
    reporter.touch("c1", ANA)
    await reporter.flush()
    await known(redis)
    assert (await presence(redis)).of(BEN, TTL) == "offline"
    await redis.flushall()
    seen = await presence(redis)
    assert (seen.of(ANA, TTL), seen.of(BEN, TTL)) == ("unknown", "unknown")
    await reporter.flush()  # the next beat, within a second
    seen = await presence(redis)
    assert (seen.of(ANA, TTL), seen.of(BEN, TTL)) == ("assignable", "unknown")


async def test_a_store_that_nobody_could_reach_is_not_believed(redis: Redis) -> None:
    await known(redis)
    touched = int(await redis.get("{presence}:touched") or 0)
    await redis.set("{presence}:touched", touched - 6_000)
    assert (await presence(redis)).of(BEN, TTL) == "unknown"


def test_unknown_ends_after_the_time_to_live() -> None:
    seen = Presence(at=at(34), known_since=T0)
    assert seen.of(ANA, TTL) == "unknown"
    seen = Presence(at=at(36), known_since=T0)
    seen.left[ANA] = int(at(0).timestamp() * 1000)
    assert (seen.of(ANA, TTL), seen.of(BEN, TTL)) == ("offline", "offline")


async def test_the_reporter_tells_stale_fresh_and_closed(redis: Redis) -> None:
    await known(redis)
    reporter = Reporter(redis, "web:1", heartbeat_seconds=0.02)
    reporter.touch("c1", ANA)
    await reporter.flush()
    await asyncio.sleep(0.05)
    await reporter.flush()
    assert (await presence(redis)).of(ANA, TTL) == "online"
    reporter.touch("c1", ANA)
    await reporter.flush()
    assert (await presence(redis)).of(ANA, TTL) == "assignable"
    reporter.closed("c1")
    await reporter.flush()
    assert (await presence(redis)).of(ANA, TTL) == "offline"


async def test_a_store_that_came_back_is_told_everything_though_the_first_try_fails(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell, lost = reporter_module.beat, [True]

    async def unsteady(*given: Any, full: bool = False) -> bool:
        if full and lost:
            lost.clear()
            raise RedisConnectionError
        return await tell(*given, full=full)

    reporter = Reporter(redis, "web:1")
    reporter.touch("c1", ANA)
    reporter.touch("c2", BEN)
    await reporter.flush()
    await redis.flushall()
    await known(redis)
    monkeypatch.setattr(reporter_module, "beat", unsteady)
    reporter.closed("c2")
    with pytest.raises(RedisConnectionError):
        await reporter.flush()
    await reporter.flush()
    seen = await presence(redis)
    assert (seen.of(ANA, TTL), seen.of(BEN, TTL)) == ("assignable", "offline")
    assert BEN in seen.left


async def test_a_transition_wakes_the_dispatcher_and_a_clean_stop_leaves(redis: Redis) -> None:
    await known(redis)
    reporter, stop = Reporter(redis, "web:1"), asyncio.Event()
    async with redis.pubsub() as ears:
        await ears.subscribe(hb.WAKE)
        await ears.get_message(timeout=1.0)
        running = asyncio.create_task(reporter.run(stop))
        await asyncio.sleep(0.05)
        reporter.touch("c1", ANA)
        message = await ears.get_message(ignore_subscribe_messages=True, timeout=2.0)
    assert message is not None
    stop.set()
    await running
    assert (await presence(redis)).of(ANA, TTL) == "offline"


async def test_old_processes_are_forgotten(redis: Redis) -> None:
    await beat(redis, "web:1", [Transition("c1", ANA, "open")], full=True)
    beaten = int(await redis.zscore("{presence}:processes", "web:1") or 0)
    await redis.zadd("{presence}:processes", {"web:1": beaten - int(timedelta(hours=2).total_seconds() * 1000)})
    await presence(redis)
    assert await redis.keys("{presence}:process:*") == []


async def test_a_reader_asks_for_the_changes_alone(redis: Redis) -> None:
    await known(redis)
    await beat(redis, "web:1", [Transition("c1", ANA, "open")], full=True)
    seen = await presence(redis)
    for n in range(20):
        await beat(redis, "web:1", [Transition(f"b{n}", BEN, "open")])
    await beat(redis, "web:1", [Transition("c1", ANA, "closed"), Transition("b3", BEN, "stale", 21.0)])
    await seen.refresh(redis)
    whole = await presence(redis)
    for who in (ANA, BEN):
        assert (seen.of(who, TTL), seen.connections(who)) == (whole.of(who, TTL), whole.connections(who))
    assert (seen.of(ANA, TTL), seen.connections(BEN)) == ("offline", 20)


async def test_a_reader_that_missed_changes_reads_the_whole(redis: Redis) -> None:
    await known(redis)
    await beat(redis, "web:1", [Transition("c1", ANA, "open")], full=True)
    seen = await presence(redis)
    await beat(redis, "web:1", [Transition("c2", BEN, "open")])
    await redis.xtrim("{presence}:changes", maxlen=0)
    await seen.refresh(redis)
    assert seen.of(BEN, TTL) == "assignable"
    await redis.flushall()
    await beat(redis, "web:2", [Transition("c3", BEN, "open")], full=True)
    await seen.refresh(redis)
    assert (seen.of(ANA, TTL), seen.of(BEN, TTL)) == ("unknown", "assignable")
    await hb.leave(redis, "web:2")
    await seen.refresh(redis)
    assert (seen.of(BEN, TTL), seen.connections(BEN)) == ("unknown", 0)


async def test_who_is_here_is_whoever_is_called_assignable_or_online(redis: Redis) -> None:
    """At every step of one view that is kept up to date, as in a view that is read anew."""
    await known(redis)
    kept, cara = await presence(redis), new_id()

    async def here() -> list[str]:
        names = {ANA: "ana", BEN: "ben", cara: "cara"}
        await kept.refresh(redis)
        found = kept.here(TTL)
        assert set(found) == {who for who in names if kept.of(who, TTL) in ("assignable", "online")}
        assert set(found) == set((await presence(redis)).here(TTL))
        return sorted(names[who] for who in found)

    await beat(redis, "web:1", [Transition("c1", ANA, "open"), Transition("c2", BEN, "stale", 21.0)], full=True)
    await beat(redis, "web:2", [Transition("c3", cara, "open")], full=True)
    assert await here() == ["ana", "ben", "cara"]
    assert await here() == ["ana", "ben", "cara"], "nothing has changed"
    await beat(redis, "web:1", [Transition("c2", BEN, "stale", 40.0)])
    assert await here() == ["ana", "cara"], "silent for too long"
    await beat(redis, "web:1", [Transition("c2", BEN, "fresh"), Transition("c1", ANA, "closed")])
    assert await here() == ["ben", "cara"]
    beaten = int(await redis.zscore("{presence}:processes", "web:2") or 0)
    await redis.zadd("{presence}:processes", {"web:2": beaten - PROCESS_LIFE_MS - 1_000})
    assert await here() == ["ben", "cara"], "its process has stopped, and she was heard of"
    await redis.zadd("{presence}:processes", {"web:2": beaten - 36_000})
    assert await here() == ["ben"], "nothing has changed but the time"


async def test_whose_processes_are_whose(redis: Redis) -> None:
    await known(redis)
    await beat(redis, "a:1:x", [Transition("c1", ANA, "open"), Transition("c2", BEN, "stale", 21.0)], full=True)
    await beat(redis, "a:2:y", [Transition("c3", BEN, "open")], full=True)
    seen = await presence(redis)
    assert (seen.processes_of(ANA), seen.processes_of(BEN)) == ({"a:1"}, {"a:2"})


async def test_who_asks_at_the_same_time_shares_a_reading_that_began_after_them(redis: Redis) -> None:
    await known(redis)
    await beat(redis, "web:1", [Transition("c1", ANA, "open")], full=True)
    shared = hb.SharedPresence(redis)
    before = (await redis.info("commandstats"))["cmdstat_eval"]["calls"]
    seen = await asyncio.gather(*(shared.if_known() for _ in range(50)))
    calls = (await redis.info("commandstats"))["cmdstat_eval"]["calls"] - before
    assert calls == 2, "the first's, and one that began after all the others had asked"
    assert {one.of(ANA, TTL) for one in seen if one} == {"assignable"}
    reading = asyncio.create_task(shared.if_known())
    await asyncio.sleep(0)  # it has begun
    await beat(redis, "web:1", [Transition("c1", ANA, "closed")])
    after = await shared.if_known()
    assert after is not None
    assert after.of(ANA, TTL) == "offline"
    await reading


async def test_a_store_that_is_away_is_no_view_until_it_is_back(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = hb.SharedPresence(redis)
    assert await shared.if_known() is not None
    with monkeypatch.context() as away:

        async def fails(*_: Any) -> Any:
            raise RedisConnectionError

        away.setattr(redis, "eval", fails)
        assert await shared.if_known() is None
    assert await shared.if_known() is not None
