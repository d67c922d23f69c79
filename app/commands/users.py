"""`cabrank users`: staff and seekers from the command line."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Mapping

from app.accounts import audit, service
from app.commands.session import once
from app.errors import Invalid
from app.platform.db import Database
from app.seekers import service as seekers


def _password(given: argparse.Namespace) -> tuple[str, bool]:
    """The password, and whether it was made here (then it is printed, once)."""
    if not given.password_stdin:
        return secrets.token_urlsafe(15), True
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise Invalid("No password came on stdin: give it as the first line")
    return password, False


def _say(text: str, password: str, made: bool) -> None:
    print(text)
    if made:
        print(f"password, shown this once: {password}")


def add(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    password, made = _password(given)
    name = given.name or given.email.split("@")[0]

    async def act(db: Database) -> service.User:
        async with db.transaction() as tx:
            user = await service.create_user(tx, email=given.email, name=name, role=given.role, password=password)
            if user.role == "seeker":
                await seekers.create(tx, user.id, name=user.name, email=user.email)
            await audit.record(tx, actor=None, action="user.add", subject_type="user", subject_id=user.id)
        return user

    user = once(environ, act)
    _say(f"added {user.role} {user.email} (number {user.number})", password, made)
    return 0


def list_(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def act(db: Database) -> list[service.User]:
        async with db.transaction() as tx:
            return await service.list_users(tx)

    for user in once(environ, act):
        print(f"{user.number:>5}  {user.role:<10}  {user.email}  {user.name}{'  (locked)' if user.locked_at else ''}")
    return 0


def set_password(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    password, made = _password(given)

    async def act(db: Database) -> service.User:
        async with db.transaction() as tx:
            user = await service.by_email(tx, given.email)
            await service.set_password(tx, user.id, password)
        return user

    user = once(environ, act)
    _say(f"new password for {user.role} {user.email}; all their sessions are closed", password, made)
    return 0
