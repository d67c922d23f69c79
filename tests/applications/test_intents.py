"""Submit once: every way in which two could get through, tried."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from app.applications import intents, service
from app.applications.background import tick
from app.applications.types import Application, Attempt, Fenced, Intent, IntentHeld
from app.errors import Conflict
from app.platform import queue
from tests.applications.world import World

BY = UUID(int=7)


def _attempt(claim: queue.Claim) -> Attempt:
    return Attempt(task_id=claim.id, epoch=claim.epoch)


async def _prepared(world: World, app: Application, attempt: Attempt) -> Intent:
    async with world.db.transaction() as tx:
        return await intents.prepare(tx, app, attempt, [])


async def _armed(world: World, app: Application, attempt: Attempt) -> Intent:
    intent = await _prepared(world, app, attempt)
    async with world.db.transaction() as tx:
        return await intents.arm(tx, intent.id, attempt, request={"url": "u"}, answers=[{"name": "a"}])


async def _state(world: World, intent: Intent) -> str:
    async with world.db.transaction() as tx:
        found = await intents.get(tx, intent.id)
    assert found is not None
    return found.state


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.jobs.example.org/a/", "http://jobs.example.org/a"),
        ("https://jobs.example.org/a?utm_source=x&id=3", "https://jobs.example.org/a?id=3"),
        ("https://jobs.example.org/a?gh_src=abc#top", "https://jobs.example.org/a"),
    ],
)
def test_links_that_mean_the_same(one: str, other: str) -> None:
    assert intents.link_key(one) == intents.link_key(other)


def test_links_that_differ() -> None:
    assert intents.link_key("https://x.org/a?gh_jid=1") != intents.link_key("https://x.org/a?gh_jid=2")
    assert intents.link_key(None) is None


async def test_a_later_run_takes_a_prepared_intent_over_and_fences_the_earlier(
    world: World, applying: Application
) -> None:
    old = _attempt(await world.claim(applying, seconds=0))
    first = await _prepared(world, applying, old)
    new = _attempt(await world.claim(applying))
    second = await _prepared(world, applying, new)
    assert (second.id, second.epoch) == (first.id, new.epoch)
    async with world.db.transaction() as tx:
        with pytest.raises(Fenced):
            await intents.arm(tx, first.id, old, request={}, answers=[])
    async with world.db.transaction() as tx:
        await intents.arm(tx, first.id, new, request={}, answers=[])


async def test_an_armed_intent_is_never_taken_over(world: World, applying: Application) -> None:
    await _armed(world, applying, _attempt(await world.claim(applying, seconds=0)))
    new = _attempt(await world.claim(applying))
    with pytest.raises(IntentHeld):
        await _prepared(world, applying, new)


async def test_only_one_of_many_arms_wins(world: World, applying: Application) -> None:
    attempt = _attempt(await world.claim(applying))
    intent = await _prepared(world, applying, attempt)

    async def arm() -> bool:
        try:
            async with world.db.transaction() as tx:
                await intents.arm(tx, intent.id, attempt, request={}, answers=[])
        except Fenced:
            return False
        return True

    assert sorted(await asyncio.gather(*(arm() for _ in range(6)))) == [False] * 5 + [True]


@pytest.mark.parametrize(
    "same", [{"apply_url": "https://www.jobs.example.org/apply/1?utm_source=x"}, {"title": "ENGINEER  1!"}]
)
async def test_a_twin_under_another_posting_is_not_armed(world: World, same: dict[str, Any]) -> None:
    first = await world.approve(await world.posting(location="London"))
    # another place makes it another posting; the link, or employer and title, still say that it is the same
    twin = await world.approve(await world.posting(location="Leeds", **same))
    assert twin.id != first.id
    await _armed(world, first, _attempt(await world.claim(first)))
    attempt = _attempt(await world.claim(twin))
    intent = await _prepared(world, twin, attempt)
    async with world.db.transaction() as tx:
        with pytest.raises(IntentHeld):
            await intents.arm(tx, intent.id, attempt, request={}, answers=[])


async def test_two_twins_at_once_arm_one(world: World) -> None:
    apps = [
        await world.approve(await world.posting(location=place, title="Engineer"))
        for place in ("Leeds", "York", "Bath")
    ]
    assert len({app.vacancy_key for app in apps}) == 3

    async def arm(app: Application) -> bool:
        attempt = _attempt(await world.claim(app))
        try:
            await _armed(world, app, attempt)
        except IntentHeld:
            return False
        return True

    assert sum(await asyncio.gather(*map(arm, apps))) == 1


async def test_confirm_needs_the_run_that_armed_it(world: World, applying: Application) -> None:
    attempt = _attempt(await world.claim(applying))
    intent = await _armed(world, applying, attempt)
    proof: dict[str, Any] = {"confirmation": "N-1", "response": {}, "screenshot_key": None}
    async with world.db.transaction() as tx:
        with pytest.raises(Fenced):
            await intents.confirm(tx, intent.id, Attempt(task_id=attempt.task_id, epoch=99), **proof)
    async with world.db.transaction() as tx:
        assert (await intents.confirm(tx, intent.id, attempt, **proof)).state == "confirmed"


async def test_the_sweep_makes_an_orphaned_armed_intent_unknown_and_asks_a_person(
    world: World, applying: Application
) -> None:
    claim = await world.claim(applying, seconds=60)
    intent = await _armed(world, applying, _attempt(claim))
    assert await tick(world.db) == 0
    await queue.extend(world.db, claim, -1)
    assert await tick(world.db) == 1
    assert await _state(world, intent) == "unknown"
    app = await world.get(applying)
    assert app.status == "needs_attention"
    assert app.attention is not None
    assert app.attention["kind"] == "unknown_outcome"
    assert app.attention["payload"]["answers"] == [{"name": "a"}]
    assert (await world.told(app)).count("ManualReviewRequired") == 1
    assert await tick(world.db) == 0


async def _unknown(world: World, app: Application) -> Intent:
    claim = await world.claim(app)
    intent = await _armed(world, app, _attempt(claim))
    await queue.extend(world.db, claim, -1)
    await tick(world.db)
    return intent


async def test_an_unknown_is_not_restarted_by_anybody(world: World, applying: Application) -> None:
    await _unknown(world, applying)
    async with world.db.transaction() as tx:
        with pytest.raises(Conflict):
            await service.approve(
                tx,
                seeker_id=world.seeker_id,
                posting_id=applying.posting_id,
                score=None,
                resume_version_id=None,
                mode="realtime",
            )


@pytest.mark.parametrize("left", ["withdrawn", "not_applied", "cannot_tell"])
async def test_an_unknown_that_its_person_was_taken_from_is_put_before_one_again(
    world: World, applying: Application, left: str
) -> None:
    intent = await _unknown(world, applying)
    async with world.db.transaction() as tx:
        if left == "cannot_tell":
            await service.reviewed(tx, applying.id, verdict="cannot_tell", by=BY)
        else:
            await service.set_status_by_hand(tx, applying.id, left, actor=world.seeker_id)
    async with world.db.transaction() as tx:
        app = await service.approve(
            tx,
            seeker_id=world.seeker_id,
            posting_id=applying.posting_id,
            score=None,
            resume_version_id=None,
            mode="realtime",
        )
    assert (app.status, app.attention and app.attention["kind"]) == ("needs_attention", "unknown_outcome")
    assert await _state(world, intent) == "unknown"
    assert (await world.told(app)).count("ManualReviewRequired") == 2


async def test_what_is_known_of_a_confirmed_intent_is_kept(world: World, applying: Application) -> None:
    attempt = _attempt(await world.claim(applying))
    intent = await _armed(world, applying, attempt)
    async with world.db.transaction() as tx:
        await intents.confirm(tx, intent.id, attempt, confirmation="N-1", response={}, screenshot_key=None)
        again = await intents.confirm_by_person(tx, applying, confirmation=None, by=BY)
    assert (again.state, again.confirmation, again.decided_by) == ("confirmed", "N-1", None)


async def test_a_person_who_finds_it_confirms_the_same_intent(world: World, applying: Application) -> None:
    intent = await _unknown(world, applying)
    async with world.db.transaction() as tx:
        app = await service.reviewed(tx, applying.id, verdict="sent", confirmation="N-2", by=BY)
    assert (app.status, app.confirmation) == ("applied", "N-2")
    assert await _state(world, intent) == "confirmed"


async def test_a_person_who_proves_it_not_sent_lets_the_bot_try_again(world: World, applying: Application) -> None:
    intent = await _unknown(world, applying)
    async with world.db.transaction() as tx:
        app = await service.reviewed(tx, applying.id, verdict="not_sent", by=BY)
    assert app.status == "applying"
    assert await _state(world, intent) == "proved_not_sent"
    fresh = await _prepared(world, app, Attempt(task_id=UUID(int=1), epoch=1))
    assert fresh.id != intent.id


async def test_a_person_who_cannot_tell_leaves_it_unknown(world: World, applying: Application) -> None:
    intent = await _unknown(world, applying)
    async with world.db.transaction() as tx:
        app = await service.reviewed(tx, applying.id, verdict="cannot_tell", by=BY)
    assert app.status == "needs_attention"
    assert await _state(world, intent) == "unknown"


async def test_a_rehearsal_leaves_the_vacancy_free(world: World, applying: Application) -> None:
    attempt = _attempt(await world.claim(applying))
    intent = await _prepared(world, applying, attempt)
    async with world.db.transaction() as tx:
        await intents.rehearsed(tx, intent.id, attempt, answers=[], screenshot_key=None)
        assert await intents.live(tx, applying.seeker_id, applying.vacancy_key) is None


async def test_arming_stops_where_the_application_was_withdrawn(world: World, applying: Application) -> None:
    attempt = _attempt(await world.claim(applying))
    intent = await _prepared(world, applying, attempt)
    async with world.db.transaction() as tx:
        await service.withdraw(tx, applying.id, actor=world.seeker_id)
    async with world.db.transaction() as tx:
        with pytest.raises(Fenced):
            await intents.arm(tx, intent.id, attempt, request={}, answers=[])
