"""`/api/seekers/me/push`: being told on a device. Takes the browser's own subscription, as its `toJSON()` gives it."""

from __future__ import annotations

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import JSONBody

from app.platform.egress.guard import Guard
from app.push import service as push
from app.push.service import Device, Endpoint
from app.web import limits
from app.web.deps import AnyRequest, PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires


class ServerKey(msgspec.Struct):
    """What `pushManager.subscribe` takes as `applicationServerKey`."""

    public_key: str


class Subscribed(msgspec.Struct):
    """`new`: this browser was not told before."""

    new: bool


class Named(msgspec.Struct):
    """Which of the seeker's devices."""

    endpoint: Endpoint


class PushController(Controller):
    path = "/api/seekers/me/push"
    tags = ("seekers",)
    guards = (requires("seeker"),)

    @get("/")
    async def key(self, tx: TxDep, resources: ResourcesDep) -> ServerKey:
        """The key to subscribe with; it stays the same."""
        return ServerKey(await push.public_key(tx, resources.vault))

    @post("/")
    async def subscribe(
        self,
        request: AnyRequest,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        data: JSONBody[Device],
    ) -> Response[Subscribed]:
        """Tell this browser of what is news: 201, or 200 where it was told before. Ends with the sign-out."""
        await limits.push(request, principal.user_id)
        new = await push.subscribe(
            tx,
            resources.vault,
            Guard(resources.settings.practice_origin),
            seeker_id=principal.user_id,
            session_id=principal.session_id,
            device=data,
        )
        return Response(Subscribed(new), status_code=201 if new else 200)

    @delete("/")
    async def forget(self, tx: TxDep, principal: PrincipalDep, data: JSONBody[Named]) -> None:
        """Tell it nothing more, whether or not it was told."""
        await push.forget(tx, principal.user_id, data.endpoint)
