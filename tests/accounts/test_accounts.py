"""Users, sessions, tickets, locks and the audit log on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import perf_counter

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from app.accounts import audit, background, idempotency, service, sessions
from app.accounts.models import app_user, session
from app.accounts.models import idempotency as idempotency_table
from app.accounts.policy import Kind, clean_email
from app.accounts.service import EmailTaken, User
from app.errors import Invalid, Unauthenticated
from app.platform.db import Database

PASSWORD = "correct horse battery"


async def _user(db: Database, email: str = "Ada@Cabrank.test", role: str = "employee") -> User:
    async with db.transaction() as tx:
        return await service.create_user(tx, email=email, name="Ada  Lovelace", role=role, password=PASSWORD)


async def test_a_user_is_made_once_whatever_the_case_of_the_address(db: Database) -> None:
    user = await _user(db)
    assert (user.email, user.name, user.role) == ("ada@cabrank.test", "Ada Lovelace", "employee")
    with pytest.raises(EmailTaken):
        await _user(db, "ADA@cabrank.TEST")


async def test_two_at_once_make_one_user(db: Database) -> None:
    made = await asyncio.gather(*(_user(db) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(one, User) for one in made) == 1
    assert sum(isinstance(one, EmailTaken) for one in made) == 4


@pytest.mark.parametrize("bad", ["", "x", "a b@c", "a@b@c", "a@", "@b", "a@b..c", "a@b.", "<a@b>", "a@" + "b" * 300])
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(Invalid):
        clean_email(bad)


@pytest.mark.usefixtures("product_passwords")
async def test_the_stored_password_is_argon2_and_opens(db: Database) -> None:
    user = await _user(db)
    async with db.transaction() as tx:
        stored = (await tx.conn.execute(select(app_user.c.password_hash))).scalar_one()
        assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$"), "what the standard recommends (RFC 9106)"
        assert (await service.authenticate(tx, " ADA@cabrank.test", PASSWORD)).id == user.id
        for email, password in (("ada@cabrank.test", "wrong"), ("nobody@cabrank.test", PASSWORD), ("", "")):
            with pytest.raises(Unauthenticated):
                await service.authenticate(tx, email, password)


@pytest.mark.usefixtures("product_passwords")
async def test_an_unknown_address_takes_as_long_as_a_wrong_password(db: Database) -> None:
    await _user(db)

    async def best(email: str) -> float:
        took = []
        for _ in range(5):
            started = perf_counter()
            async with db.transaction() as tx:
                with pytest.raises(Unauthenticated):
                    await service.authenticate(tx, email, "wrong")
            took.append(perf_counter() - started)
        return min(took)

    await best("warm@cabrank.test")
    known, unknown = await best("ada@cabrank.test"), await best("nobody@cabrank.test")
    assert unknown > known / 3


async def test_tokens_are_stored_as_hashes_and_of_one_kind(db: Database) -> None:
    user = await _user(db)
    kinds: tuple[Kind, ...] = ("cookie", "bearer")
    async with db.transaction() as tx:
        for kind in kinds:
            token = await sessions.open_session(tx, user.id, kind)
            found = {other: await sessions.load(tx, token, other) for other in kinds}
            assert [other for other, principal in found.items() if principal] == [kind]
            stored = (await tx.conn.execute(select(session.c.token_hash))).scalars().all()
            assert token.encode() not in stored


async def test_closed_and_expired_sessions_open_nothing(db: Database) -> None:
    user = await _user(db)
    async with db.transaction() as tx:
        tokens = [await sessions.open_session(tx, user.id, "bearer") for _ in range(3)]
        first, second = [await sessions.load(tx, token, "bearer") for token in tokens[:2]]
        assert first is not None
        assert second is not None
        await sessions.close(tx, first.session_id)
        before_now = session.c.created_at
        await tx.conn.execute(update(session).where(session.c.id == second.session_id).values(expires_at=before_now))
        assert [bool(await sessions.load(tx, token, "bearer")) for token in tokens] == [False, False, True]
        assert await sessions.alive(tx, [first.session_id, second.session_id]) == set()
        await service.set_password(tx, user.id, "another password")
        assert await sessions.load(tx, tokens[2], "bearer") is None


async def test_a_ticket_is_good_once_and_dies_with_its_session(db: Database) -> None:
    user = await _user(db)
    async with db.transaction() as tx:
        principal = await sessions.load(tx, await sessions.open_session(tx, user.id, "bearer"), "bearer")
        assert principal is not None
        tickets = [await sessions.open_ticket(tx, principal) for _ in range(2)]
    async with db.transaction() as tx:
        used = await sessions.load(tx, tickets[0], "ticket")
        assert used is not None
        assert used.session_id == principal.session_id
        assert await sessions.load(tx, tickets[0], "ticket") is None
        assert await sessions.load(tx, tickets[1], "bearer") is None
        await sessions.close(tx, principal.session_id)
        assert await sessions.load(tx, tickets[1], "ticket") is None


async def test_two_who_redeem_a_ticket_at_once_get_it_once(db: Database) -> None:
    user = await _user(db)
    async with db.transaction() as tx:
        principal = await sessions.load(tx, await sessions.open_session(tx, user.id, "bearer"), "bearer")
        assert principal is not None
        ticket = await sessions.open_ticket(tx, principal)

    async def redeem() -> bool:
        async with db.transaction() as tx:
            return await sessions.load(tx, ticket, "ticket") is not None

    assert sorted(await asyncio.gather(*(redeem() for _ in range(4)))) == [False, False, False, True]


async def test_a_lock_shuts_every_session_out_but_a_restricted_one(db: Database, redis: Redis) -> None:
    user = await _user(db)
    heard = redis.pubsub()
    await heard.subscribe(sessions.CLOSED)
    async with db.transaction() as tx:
        token = await sessions.open_session(tx, user.id, "bearer")
    async with db.transaction() as tx:
        assert await service.lock(tx, user.id, actor=None, reason="four strikes")
        assert not await service.lock(tx, user.id, actor=None, reason="again")
    async with db.transaction() as tx:
        assert await sessions.load(tx, token, "bearer") is None
        unrestricted = await sessions.open_session(tx, user.id, "bearer")
        assert await sessions.load(tx, unrestricted, "bearer") is None
        restricted = await sessions.open_session(tx, user.id, "bearer", restricted=True)
        principal = await sessions.load(tx, restricted, "bearer")
        assert principal is not None
        assert principal.restricted
        assert await service.unlock(tx, user.id, actor=user.id, reason="looked at it")
        assert await sessions.load(tx, restricted, "bearer") is None
        lines = await audit.entries(tx)
    assert [(line.action, line.reason) for line in lines] == [
        ("user.unlock", "looked at it"),
        ("user.lock", "four strikes"),
    ]
    messages = [await heard.get_message(timeout=1) for _ in range(3)]
    assert f"user:{user.id}".encode() in [message["data"] for message in messages if message]
    await heard.aclose()


async def test_what_ended_long_ago_is_forgotten(db: Database) -> None:
    user = await _user(db)
    async with db.transaction() as tx:
        old, fresh = [await sessions.open_session(tx, user.id, "bearer") for _ in range(2)]
        gone = await sessions.load(tx, old, "bearer")
        assert gone is not None
        past = func.clock_timestamp() - timedelta(days=8)
        await tx.conn.execute(update(session).where(session.c.id == gone.session_id).values(expires_at=past))
        await idempotency.claim(tx, user.id, "old", b"x")
        await tx.conn.execute(update(idempotency_table).values(at=func.clock_timestamp() - timedelta(days=2)))
    assert await background.tick(db) == 2
    async with db.transaction() as tx:
        assert await sessions.load(tx, fresh, "bearer") is not None
