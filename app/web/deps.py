"""What handlers may ask for by name. One request, one transaction: committed before the answer leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide

from app.accounts.sessions import Principal
from app.errors import Unauthenticated
from app.platform.db import Tx
from app.web import resources
from app.web.resources import Resources

AnyRequest = Request[Any, Any, Any]
TX_KEY = "cabrank_tx"

TxDep = NamedDependency[Tx]
PrincipalDep = NamedDependency[Principal]
ResourcesDep = NamedDependency[Resources]


async def provide_tx(request: AnyRequest) -> AsyncIterator[Tx]:
    """The request's transaction; a handler that raises rolls it back."""
    opened: Tx | None = request.scope["state"].get(TX_KEY)  # by the idempotency middleware, which ends it too
    if opened is not None:
        yield opened
        return
    async with resources.of(request).db.transaction() as tx:
        yield tx


async def provide_principal(request: AnyRequest) -> Principal:
    """Who is asking. Raises Unauthenticated."""
    principal: Principal | None = request.scope.get("user")
    if principal is None:
        raise Unauthenticated
    return principal


async def provide_resources(request: AnyRequest) -> Resources:
    return resources.of(request)


DEPENDENCIES = {
    "tx": Provide(provide_tx),
    "principal": Provide(provide_principal),
    "resources": Provide(provide_resources),
}
