"""`/api/webhooks/`: where the outside is told, signed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from app.hooks import service as hooks
from app.hooks.service import Webhook
from app.platform.egress.guard import Guard
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, sliced
from app.web.texts import Line


class NewWebhook(msgspec.Struct):
    """`events`: review.late, review.stranded, review.missed, account.locked, application.submitted."""

    url: Annotated[str, msgspec.Meta(max_length=2000)]
    events: Annotated[list[Line], msgspec.Meta(max_length=50)]


class ShownOnce(msgspec.Struct):
    """The new webhook with its secret: keep it now, it isn't shown again."""

    id: UUID
    url: str
    events: list[str]
    secret: str


class WebhooksController(Controller):
    path = "/api/webhooks"
    tags = ("webhooks",)
    guards = (requires("operator"),)

    @get("/")
    async def listed(self, tx: TxDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[Webhook]:
        """The oldest first, without their secrets."""
        return sliced(await hooks.every(tx), cursor, limit, lambda one: one.id)

    @post("/", opt={"secret": True})
    async def add(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: JSONBody[NewWebhook]
    ) -> ShownOnce:
        """Tell this address of these events."""
        guard = Guard(resources.settings.practice_origin)
        added = await hooks.add(tx, resources.vault, guard, actor=principal.user_id, url=data.url, events=data.events)
        return ShownOnce(added.webhook.id, added.webhook.url, added.webhook.events, added.secret)

    @delete("/{webhook_id:uuid}")
    async def remove(self, tx: TxDep, principal: PrincipalDep, webhook_id: FromPath[UUID]) -> None:
        """Tell it nothing more."""
        await hooks.remove(tx, webhook_id, actor=principal.user_id)
