"""Signed-in browsers without the walk through the door: the session's cookie is set, as the door would."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from playwright.async_api import BrowserContext

from app.accounts import sessions
from app.web import cookies
from tests.browser.house import House


async def let_in(house: House, context: BrowserContext, user: UUID, *, restricted: bool = False) -> None:
    async with house.db.transaction() as tx:
        token = await sessions.open_session(tx, user, "cookie", restricted=restricted)
    cookie: Any = {"name": cookies.name(house.settings), "value": token, "url": house.address}
    await context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Lax"}])
