"""Fills an empty database: people, two seekers with their resumes, and the practice board's boards as sources."""

from __future__ import annotations

from app.accounts import service as accounts
from app.config import Settings
from app.demo import boards
from app.demo.people import PASSWORD, PEOPLE, Person, sign_ins
from app.demo.seekers import DEMOS, move_in
from app.dispatch import people as staff
from app.platform.db import Tx
from app.platform.objects import Objects
from app.process import open_database, open_redis
from app.seekers import service as seekers


async def prepare(settings: Settings, *, wanted: bool, practice: bool) -> list[str]:
    """Seed where it is wanted and the database is empty; the lines that tell the demo's sign-ins, if they are there.

    `settings.practice_bind` is where the practice board runs, if `practice`.
    """
    redis = open_redis(settings)
    db = open_database(settings, "up", redis, pool=2)
    try:
        async with db.transaction() as tx:
            if wanted and not await accounts.list_users(tx, 1):
                await _fill(tx, Objects.of(settings))
            if not await _is_demo(tx):
                return []
            if practice:
                await boards.watch(tx, f"http://{settings.practice_bind}")
        return sign_ins(settings.public_url)
    finally:
        await db.dispose()
        await redis.aclose()


async def _is_demo(tx: Tx) -> bool:
    mails = {person.email for person in PEOPLE}
    return mails <= {user.email for user in await accounts.list_users(tx)}


async def _fill(tx: Tx, objects: Objects) -> None:
    for person in PEOPLE:
        await _add(tx, objects, person)


async def _add(tx: Tx, objects: Objects, person: Person) -> None:
    who = {"email": person.email, "name": person.name, "password": PASSWORD}
    if person.role == "employee":
        await staff.add_employee(tx, actor=None, capacity=person.capacity, skills=person.skills, **who)
        return
    user = await accounts.create_user(tx, role=person.role, **who)
    if person.role == "seeker":
        await seekers.create(tx, user.id, name=person.name, email=person.email)
        await move_in(tx, objects, user.id, DEMOS[person.login])
