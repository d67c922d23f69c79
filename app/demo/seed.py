"""Fills an empty database: people, two seekers with their resumes, and the practice board's boards as sources."""

from __future__ import annotations

from app.accounts import service as accounts
from app.config import Settings
from app.demo import boards
from app.demo.people import PASSWORD, PEOPLE, Person
from app.demo.seekers import DEMOS, move_in
from app.dispatch import people as staff
from app.platform.db import Database, Tx
from app.platform.objects import Objects
from app.seekers import service as seekers


async def fill(db: Database, settings: Settings) -> None:
    """The people of the demo, all or none."""
    objects = Objects.of(settings)
    async with db.transaction() as tx:
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


async def watch(db: Database, origin: str) -> None:
    """The boards of the practice site at `origin`."""
    async with db.transaction() as tx:
        await boards.watch(tx, origin)
