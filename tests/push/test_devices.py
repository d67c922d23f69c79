"""Whose a device is, and what ends it: a sign-out, a lock, another person, age, silence, the seeker's own end."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, update

from app.accounts import service as accounts
from app.accounts import sessions
from app.accounts.models import session
from app.platform.clock import utcnow
from app.platform.objects import Objects
from app.push import background, service
from app.push.models import push_subscription
from app.seekers.models import seeker
from tests.applications.world import make_world
from tests.push.browser import Browser
from tests.push.office import Office


async def test_signing_out_ends_it_and_running_out_does_not(office: Office) -> None:
    await office.device()
    async with office.db.transaction() as tx:
        await tx.conn.execute(update(session).values(expires_at=func.clock_timestamp() - timedelta(hours=1)))
    app = await office.applied()
    await office.moves(app, "applied")
    assert await office.work() == ["done"]
    assert len(office.outside.came) == 1
    async with office.db.transaction() as tx:
        await sessions.close(tx, office.session)
    await office.moves(app, "interview", source="mail")
    assert await office.work() == ["done"]
    assert len(office.outside.came) == 1
    assert await background.prune(office.db) == 1
    assert await office.devices() == 0


async def test_signed_out_between_the_change_and_the_sending(office: Office) -> None:
    await office.device()
    await office.moves(await office.applied(), "applied")
    async with office.db.transaction() as tx:
        await sessions.close(tx, office.session)
    assert await office.work() == ["done"]
    assert office.outside.came == []


async def test_a_locked_account_is_told_nothing(office: Office) -> None:
    await office.device()
    async with office.db.transaction() as tx:
        await tx.conn.execute(update(push_subscription).values(session_id=None))
        await accounts.lock(tx, office.me, actor=None, reason="somebody else had the password")
    await office.moves(await office.applied(), "applied")
    assert await office.work() == []


async def test_ten_devices_and_the_oldest_goes(office: Office) -> None:
    for number in range(service.MOST + 1):
        await office.device(f"device-{number}")
    assert await office.devices() == service.MOST
    async with office.db.transaction() as tx:
        assert not await service.seen(tx, office.me, office.session, f"{office.outside.origin}/push/device-0")
        assert await service.seen(tx, office.me, office.session, f"{office.outside.origin}/push/device-1")


async def test_a_browser_that_another_signs_in_to_tells_the_first_one_nothing_more(
    office: Office, objects: Objects
) -> None:
    browser, first = await office.device(), office.me
    app = await office.applied()
    office.me = (await make_world(office.db, objects, "bob@example.org")).seeker_id
    await office.sign_in()
    await office.device(browser=Browser())  # who knows the address alone takes nothing from anybody
    assert await office.devices() == 2
    await office.device(browser=browser)
    assert await office.devices() == 1
    assert await office.column("seeker_id") == office.me != first
    await office.moves(app, "applied")
    assert await office.work() == []


async def test_a_subscription_that_expires_is_told_until_then(office: Office) -> None:
    soon = (utcnow() + timedelta(hours=1)).timestamp() * 1000
    await office.device(expirationTime=soon)
    app = await office.applied()
    await office.moves(app, "applied")
    assert await office.work() == ["done"]
    async with office.db.transaction() as tx:
        await tx.conn.execute(update(push_subscription).values(expires_at=func.clock_timestamp()))
    await office.moves(app, "interview", source="mail")
    assert await office.work() == ["done"]
    assert len(office.outside.came) == 1
    assert await background.prune(office.db) == 1


async def test_what_fails_for_two_weeks_is_forgotten(office: Office) -> None:
    await office.device()
    for days, left in ((13, 1), (15, 0)):
        async with office.db.transaction() as tx:
            since = func.clock_timestamp() - timedelta(days=days)
            await tx.conn.execute(update(push_subscription).values(failing_since=since))
        await background.prune(office.db)
        assert await office.devices() == left


async def test_devices_go_with_their_seeker(office: Office, objects: Objects) -> None:
    office.me = (await make_world(office.db, objects, "bob@example.org")).seeker_id
    await office.device()
    async with office.db.transaction() as tx:
        await tx.conn.execute(delete(seeker).where(seeker.c.user_id == office.me))
    assert await office.devices() == 0
