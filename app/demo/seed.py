"""Fills an empty database: people, Jane's profile and resume, and the practice board's boards as sources."""

from __future__ import annotations


from app.accounts import service as accounts
from app.config import Settings
from app.demo import jane
from app.demo.people import PASSWORD, PEOPLE, Person, sign_ins
from app.platform.db import Database, Tx
from app.platform.objects import Objects
from app.process import open_database, open_redis
from app.seekers import service as seekers



async def prepare(settings: Settings, *, wanted: bool, practice: bool) -> list[str]:
    """Seed where it is wanted and the database is empty; the lines that tell the demo's sign-ins, if they are there."""
    redis = open_redis(settings)
    db = open_database(settings, "up", redis, pool=2)
    try:
        if wanted and await _empty(db):
            await _fill(db, Objects.of(settings))
        return sign_ins(settings.public_url) if await _is_demo(db) else []
    finally:
        await db.dispose()
        await redis.aclose()


async def _empty(db: Database) -> bool:
    async with db.transaction() as tx:
        return not await accounts.list_users(tx, 1)


async def _is_demo(db: Database) -> bool:
    async with db.transaction() as tx:
        return any(user.email == PEOPLE[0].email for user in await accounts.list_users(tx))


async def _fill(db: Database, objects: Objects) -> None:
    async with db.transaction() as tx:
        for person in PEOPLE:
            await _add(tx, objects, person)


async def _add(tx: Tx, objects: Objects, person: Person) -> None:
    user = await accounts.create_user(
        tx, email=person.email, name=person.name, role=person.role, password=PASSWORD
    )
    if person.role == "seeker":
        await seekers.create(tx, user.id, name=person.name, email=person.email)
        await jane.move_in(tx, objects, user.id)
