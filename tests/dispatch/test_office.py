"""Days at random on the real engines, against a model that knows nothing of the product's policy.

After each step the rows break no invariant and say what the model says: who holds what until when, whose strikes count,
which review is in which state. `CABRANK_OFFICE_STEPS` asks for more steps than the test command's (`make soak`).
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Awaitable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.dispatch import service
from app.dispatch.policy.types import Rules
from app.platform.db import Database
from app.platform.hints import ValkeyHints
from app.platform.queue import connect
from tests.conftest import Engines
from tests.dispatch.acts import WHEN, Act, act, any_act, awake, web_is_down, web_is_up
from tests.dispatch.agreement import MARGIN, agree
from tests.dispatch.model import Model
from tests.dispatch.model_parts import Hand, Refused
from tests.dispatch.model_presence import NEVER
from tests.dispatch.office import Office

STEPS = int(os.environ.get("CABRANK_OFFICE_STEPS", "2000"))
STEPS_A_DAY = 50
people = st.integers(0, 3)
any_review = st.integers(0, 99)
often = st.sampled_from([True, True, False])
then = st.sampled_from(["wakes", "acks", "acks", ""])  # what the office does with it
sizes = st.sampled_from(["small", "large"])
priorities = st.sampled_from([0, 0, 1, 2, -1])


class Days(RuleBasedStateMachine):
    office: Office
    runner: asyncio.Runner
    steps = 0

    def do(self, work: Awaitable[Any]) -> Any:
        return self.runner.run(work)  # type: ignore[arg-type]  # every one is a coroutine

    @initialize(capacities=st.lists(st.sampled_from([1, 1, 2, 3, 0]), min_size=4, max_size=4), away=st.integers(0, 15))
    def begins(self, capacities: list[int], away: int) -> None:
        self.do(self.office.begin(capacities))
        hands = [Hand(capacity, {0, 1} if n % 2 == 0 else {0}) for n, capacity in enumerate(capacities)]
        self.model = Model(hands, 2)
        self.valkey_off_at = self.web_off = False
        for who in range(4):
            if away not in (1 << who, 15):
                self._connect((who, 0))
        self.time(0.0)
        self.wakes_up()

    # Reviews, by any number: the open ones, the held ones
    def held(self, index: int) -> int | None:
        found = sorted(self.model.posts)
        return found[index % len(found)] if found else None

    def open(self, index: int) -> int | None:
        found = sorted(n for n, p in self.model.pieces.items() if p.state not in ("completed", "cancelled"))
        return found[index % len(found)] if found else None

    @property
    def here(self) -> Any:
        return self.model.presence

    # Clocks and faults
    def time(self, seconds: float) -> None:
        model = self.model
        marks = sorted(model.thresholds())
        while any(abs(mark - model.now - seconds) < MARGIN for mark in marks):
            seconds += MARGIN
        model.now += seconds
        self.here.passes(model.now)
        faults = {"silent": model.silent, "web": self.here.web, "valkey": self.here.valkey}
        if not model.silent and model.last_wake is not None:
            model.last_wake = model.now
        if self.here.web:
            model.web_beat = model.now
        if self.here.valkey and (self.here.web or not model.silent) and self.here.store.touched != NEVER:
            self.here.store.touched = model.now
        self.do(self.office.passes(seconds, mute=self.here.mute, **faults))
        self.look_in()

    def look_in(self) -> None:
        """What the office does by itself with every pass of time, for the model."""
        if self.here.web:
            self.here.flush(self.model.now)
        elif self.here.valkey and not self.model.silent:
            self.here.touch(self.model.now)

    def tell(self) -> None:
        faults = {"silent": self.model.silent, "web": self.here.web, "valkey": self.here.valkey}
        self.do(self.office.look_in(**faults))
        self.look_in()

    @act(4, seconds=st.sampled_from([1.0, 4.0, 9.0, 25.0, 70.0, 200.0, 310.0, 620.0, 1250.0]), wakes=then)
    def clock_passes(self, seconds: float, wakes: str) -> None:
        self.time(seconds)
        self.wakes(wakes)

    @act(6, which=st.integers(0, 5), wakes=then)
    def clock_passes_a_moment_that_matters(self, which: int, wakes: str) -> None:
        """The next one or one of those after it, such as a warning or a deadline."""
        to_come = sorted(mark for mark in self.model.thresholds() if mark > self.model.now)
        if to_come:
            self.time(to_come[min(which, len(to_come) - 1)] - self.model.now + MARGIN)
        self.wakes(wakes)

    @act(6, which=any_review, seconds=st.sampled_from([0.0, 305.0]))
    def clock_passes_a_deadline(self, which: int, seconds: float) -> None:
        if (number := self.held(which)) is not None:
            self.time(max(0.0, self.model.posts[number].deadline - seconds - self.model.now) + MARGIN)
            self.wakes("acks")

    @act(2, when=web_is_up)
    def web_dies(self) -> None:
        self.here.web_dies()

    @act(8, when=web_is_down)
    def web_comes(self) -> None:
        self.office.web_comes()
        self.here.web_comes(self.model.now)
        for tab in self.here.tabs:
            self.office.connect(tab)
        self.model.web_beat = self.model.now
        self.do(self.office.web_beats())
        self.tell()

    @act(1)
    def valkey_goes_or_comes(self) -> None:
        self.here.valkey = not self.here.valkey
        self.tell()

    @act(1)
    def flushall(self) -> None:
        self.here.flushall()
        self.do(self.office.redis.flushall())
        self.tell()

    @act(2, when=awake)
    def dispatcher_falls_silent(self) -> None:
        self.time(0.05)  # what its last wake did is not of the silence
        self.model.silent = True

    @act(2)
    def another_dispatcher(self) -> None:
        self.do(self.office.succeed())
        self.wakes_up()

    @act(6)
    def all_is_well_again(self) -> None:
        """Faults end, and everybody is back at work: most of a day is like that."""
        if not self.here.web:
            self.web_comes()
        if not self.here.valkey:
            self.valkey_goes_or_comes()
        for pool in sorted(self.model.paused):
            self.pauses_or_resumes(pool)
        for who, hand in enumerate(self.model.hands):
            if hand.locked:
                self.locks_or_unlocks(who, locks=False)
            self.sets_availability(who, available=True)
            if not any(tab[0] == who for tab in self.here.tabs):
                self._connect((who, 0))
        self.tell()
        self.wakes_up()

    # The dispatcher
    @act(3, wakes=st.just("wakes"))
    def wakes(self, wakes: str) -> None:
        if wakes and not self.model.silent:
            self.wakes_up()
        if wakes == "acks":
            self.acknowledges(0, seen=False, everything=True)

    def wakes_up(self) -> None:
        self.time(0.0 if self.here.valkey else 0.05)  # an outage that it finds begins after what was done before
        self.here.look(self.model.now)
        self.model.settle()
        self.model.silent = False
        self.do(self.office.settles(valkey=self.here.valkey))

    @act(3, when=awake)
    def wakes_quickly(self) -> None:
        self.time(0.0)
        self.here.look(self.model.now)
        self.model.quick()
        self.do(self.office.quickly(valkey=self.here.valkey))

    # What arrives
    @act(10, reviews=st.lists(st.tuples(st.integers(0, 1), sizes, priorities), min_size=1, max_size=3), wakes=then)
    def reviews_arrive(self, reviews: list[tuple[int, str, int]], wakes: str) -> None:
        for pool, size, priority in reviews:
            self.time(0.05)  # no two of one moment
            number = self.model.file(pool, size, priority)
            self.do(self.office.files(number, pool, size, priority))
        self.wakes(wakes)

    # What people do
    def _connect(self, tab: tuple[int, int]) -> None:
        self.here.connect(tab, self.model.now)
        self.office.connect(tab)

    @act(4, when=web_is_up, who=people, tab=st.integers(0, 1))
    def connects(self, who: int, tab: int) -> None:
        self._connect((who, tab))
        self.tell()

    @act(2, when=web_is_up, index=any_review)
    def disconnects(self, index: int) -> None:
        tabs = sorted(self.here.tabs)
        if tabs:
            tab = tabs[index % len(tabs)]
            self.here.disconnect(tab, self.model.now, stale=self.office.disconnect(tab))
            self.tell()

    @act(2, when=web_is_up, who=people)
    def stops_or_goes_on_beating(self, who: int) -> None:
        if who not in self.here.mute:
            self.here.mute.add(who)
            return
        for tab in [tab for tab in self.here.tabs if tab[0] == who]:
            self._connect(tab)
        self.here.mute.discard(who)
        self.tell()

    @act(10, index=any_review, seen=st.booleans(), everything=often)
    def acknowledges(self, index: int, seen: bool, everything: bool) -> None:
        one = self.held(index)
        for number in sorted(self.model.posts) if everything else [one] if one else []:
            assert self.do(self.office.stamps(number, seen=seen))
            self.model.ack(number)

    @act(1, who=people, index=any_review, seen=st.booleans())
    def meddles(self, who: int, index: int, seen: bool) -> None:
        """With what another holds: refused, and nothing changes."""
        number = self.held(index)
        if number is None or self.model.posts[number].who == who:
            return
        assert not self.do(self.office.stamps(number, seen=seen, who=who))
        assert not self.do(self.office.mine(service.complete, number, who=who, verdict="reject", notes="no"))
        assert not self.do(self.office.mine(service.escalate, number, who=who, reason="-"))

    @act(4, index=any_review, asks=st.booleans())
    def completes(self, index: int, asks: bool) -> None:
        if (number := self.held(index)) is not None:
            verdict = "ask_seeker" if asks else "reject"
            assert self.do(self.office.mine(service.complete, number, verdict=verdict, notes="why"))
            self.model.complete(number, asks=asks)

    @act(3, index=any_review, verb=st.sampled_from(["declined", "released"]))
    def lets_go(self, index: int, verb: str) -> None:
        if (number := self.held(index)) is not None:
            act = service.decline if verb == "declined" else service.release
            assert self.do(self.office.mine(act, number, reason="-", rules=self.office.rules))
            self.model.let_go(number, verb)

    @act(2, index=any_review, seconds=st.sampled_from([30.0, 400.0]))
    def snoozes(self, index: int, seconds: float) -> None:
        if (number := self.held(index)) is not None:
            self.time(0.0)
            until = self.do(self.office.until(seconds))
            done = self.do(self.office.mine(service.snooze, number, until=until, reason="-"))
            self.agrees(done, lambda: self.model.snooze(number, seconds))

    @act(1, index=any_review)
    def escalates(self, index: int) -> None:
        if (number := self.held(index)) is not None:
            assert self.do(self.office.mine(service.escalate, number, reason="-"))
            self.model.escalate(number)

    @act(2, who=people, available=st.booleans())
    def sets_availability(self, who: int, available: bool) -> None:
        word: Any = "available" if available else "paused"
        done = self.do(self.office.does(lambda tx: service.set_availability(tx, self.office.people[who], word)))
        self.agrees(done, lambda: self.model.set_available(who, available))

    # What supervisors do
    def agrees(self, done: bool, act: Any) -> None:
        """The model refuses what was refused."""
        try:
            act()
        except Refused:
            assert not done
        else:
            assert done

    def boss(self, verb: Any, *given: Any, **more: Any) -> bool:
        return bool(self.do(self.office.does(lambda tx: verb(tx, *given, actor=self.office.boss, **more))))

    @act(4, index=any_review, who=people, ignore=st.booleans(), transfer=st.booleans())
    def gives(self, index: int, who: int, ignore: bool, transfer: bool) -> None:
        if (number := self.open(index)) is not None:
            self.time(0.0)
            verb, act = (service.transfer, self.model.transfer) if transfer else (service.assign, self.model.assign)
            ids = {"employee_id": self.office.people[who], "rules": self.office.rules}
            done = self.boss(verb, self.office.reviews[number], ignore_capacity=ignore, **ids)
            self.agrees(done, lambda: act(number, who, ignore=ignore))

    @act(2, index=any_review, what=st.sampled_from(["revoke", "cancel", "requeue"]))
    def takes(self, index: int, what: str) -> None:
        if (number := self.open(index)) is not None:
            verb = {"revoke": service.revoke, "cancel": service.cancel, "requeue": service.requeue}[what]
            act = {"revoke": self.model.revoke, "cancel": self.model.cancel, "requeue": self.model.requeue}[what]
            self.agrees(self.boss(verb, self.office.reviews[number], reason="-"), lambda: act(number))

    @act(2, index=any_review, priority=priorities)
    def changes_priority(self, index: int, priority: int) -> None:
        if (number := self.open(index)) is not None:
            assert self.boss(service.set_priority, self.office.reviews[number], priority=priority)
            self.model.pieces[number].priority = priority

    @act(1, who=people, locks=st.booleans())
    def locks_or_unlocks(self, who: int, locks: bool) -> None:
        assert self.boss(service.lock if locks else service.unlock, self.office.people[who], reason="-")
        (self.model.lock if locks else self.model.unlock)(who)

    @act(1, who=people)
    def drains(self, who: int) -> None:
        assert self.boss(service.drain, self.office.people[who], reason="-")
        self.model.hands[who].available = False

    @act(1, who=people, capacity=st.integers(0, 3))
    def changes_capacity(self, who: int, capacity: int) -> None:
        assert self.do(self.office.capacity_of(who, capacity))
        self.model.set_capacity(who, capacity)

    @act(1, pool=st.integers(0, 1))
    def pauses_or_resumes(self, pool: int) -> None:
        paused = pool not in self.model.paused
        assert self.boss(service.pause_pool, self.office.pools[pool], paused=paused)
        self.model.paused ^= {pool}

    @rule(act=st.deferred(any_act))
    def step(self, act: Act) -> None:
        name, drawn = act
        if self.office.lags():
            self.time(0.0)
        if self.office.tells() and WHEN[name](self):
            with self.office.forgiving():
                getattr(self, name)(**drawn)

    # What must hold after each
    @invariant()
    def the_rows_are_whole_and_as_the_model_says(self) -> None:
        if hasattr(self, "model"):
            self._check()

    def _check(self) -> None:
        broken, found = self.do(self.office.state())
        assert broken == []  # on any day
        if self.office.tells():
            type(self).steps += 1
            agree(self.model, found, {str(person): n for n, person in enumerate(self.office.people)})


def test_the_office_is_as_the_model_says(engines: Engines, database_url: str) -> None:
    with asyncio.Runner() as runner:
        runner.run(_open(runner, engines, database_url))
        try:
            while Days.steps < STEPS:
                left = math.ceil((STEPS - Days.steps) / STEPS_A_DAY) + 2
                run_state_machine_as_test(Days, settings=_settings(left))  # type: ignore[no-untyped-call]  # untyped
        finally:
            runner.run(_close())


def _settings(days: int) -> settings:
    return settings(
        max_examples=days,
        stateful_step_count=STEPS_A_DAY,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


async def _open(runner: asyncio.Runner, engines: Engines, url: str) -> None:
    redis = connect(engines.valkey.url)
    db = Database(url, hints=ValkeyHints(redis), pool_size=5, process="office")
    Days.office, Days.runner = Office(db, redis, Rules()), runner


async def _close() -> None:
    await Days.office.db.dispose()
    await Days.office.redis.aclose()
