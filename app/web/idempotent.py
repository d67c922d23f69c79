"""`Idempotency-Key` on POSTs: the request's transaction is opened here, so that effect and answer commit together."""

from __future__ import annotations

import hashlib
from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts import idempotency
from app.accounts.idempotency import FirstAnswer
from app.accounts.sessions import Principal
from app.errors import FieldError, Invalid
from app.platform.db import Tx
from app.web import resources
from app.web.deps import TX_KEY

HEADER = "idempotency-key"
_KEPT_HEADERS = frozenset({"content-type", "location"})


class _Undo(Exception):
    """Rolls the transaction back: a refused request claims no key and has no effect."""


class Idempotent(ASGIMiddleware):
    """Stands behind Authenticate and Csrf; signed-in callers only, since a key is its caller's.

    A handler that gives a secret out is marked `opt={"secret": True}`: what it answers is kept nowhere.
    """

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "secret"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = scope["litestar_app"].request_class(scope, receive)
        principal: Principal | None = scope.get("user")
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None or principal is None:
            return await next_app(scope, receive, send)
        if not 1 <= len(key) <= 200:
            raise Invalid(errors=[FieldError("Idempotency-Key", "Use 1 to 200 characters.")])
        # what is kept must suit whoever asks again: never compressed
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        await _once(request, principal, key, send, lambda collect: next_app(scope, receive, collect))
        return None


async def _once(request: Request[Any, Any, Any], principal: Principal, key: str, send: Send, work: Any) -> None:
    wanted = await _hash(request)
    answer: list[Message] = []

    async def collect(message: Message) -> None:
        answer.append(message)

    try:
        async with resources.of(request).db.transaction() as tx:
            first = await idempotency.claim(tx, principal.user_id, key, wanted)
            if first is not None:
                answer = _replayed(first)
            else:
                await _work(request, tx, work, collect)
                await idempotency.keep(tx, principal.user_id, key, _answer(answer))
    except _Undo:
        pass
    for message in answer:
        await send(message)


async def _work(request: Request[Any, Any, Any], tx: Tx, work: Any, collect: Send) -> None:
    refused = False

    async def watch(message: Message) -> None:
        nonlocal refused
        if message["type"] == "http.response.start":
            refused = message["status"] >= 400
        await collect(message)

    request.scope["state"][TX_KEY] = tx
    try:
        await work(watch)
    finally:
        del request.scope["state"][TX_KEY]
    if refused:
        raise _Undo


async def _hash(request: Request[Any, Any, Any]) -> bytes:
    """What makes it the same request: method, path and body; of a form its parts, since what is between them varies."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    if request.content_type[0] == "multipart/form-data":
        for name, value in (await request.form()).multi_items():
            digest.update(f"{name}\n".encode() + hashlib.sha256(await _part(value)).digest())
    else:
        digest.update(await request.body())
    return digest.digest()


async def _part(value: Any) -> bytes:
    if not isinstance(value, UploadFile):
        return str(value).encode()
    content = await value.read()
    await value.seek(0)
    return content


def _answer(messages: list[Message]) -> FirstAnswer:
    start: Any = next(message for message in messages if message["type"] == "http.response.start")
    body = b"".join(message["body"] for message in messages if message["type"] == "http.response.body")
    headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
    return FirstAnswer(start["status"], [pair for pair in headers if pair[0].lower() in _KEPT_HEADERS], body)


def _replayed(first: FirstAnswer) -> list[Message]:
    length = ("content-length", str(len(first.body)))
    pairs = [*first.headers, length, ("idempotency-replayed", "true")]
    headers = [(name.encode(), value.encode()) for name, value in pairs]
    return [
        {"type": "http.response.start", "status": first.status, "headers": headers},
        {"type": "http.response.body", "body": first.body, "more_body": False},
    ]
