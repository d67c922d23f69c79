"""The web process: every edge put together, and its engines opened and closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.htmx import HTMXPlugin
from litestar.types import ControllerRouterHandler

from app.bots.match.embedder_client import Embedder
from app.config import Settings
from app.platform import queue
from app.platform.db import Database
from app.platform.hints import ValkeyHints
from app.platform.objects import Objects
from app.platform.security import Vault, keys_of
from app.web import health, problems
from app.web.api.routes import API
from app.web.authenticate import Authenticate
from app.web.csrf import Csrf
from app.web.deps import DEPENDENCIES
from app.web.edge import Edge
from app.web.guards import check_rules, public
from app.web.idempotent import Idempotent
from app.web.limits import PerToken
from app.web.live.hub import Hub
from app.web.live.running import listening
from app.web.live.socket import realtime
from app.web.pages.routes import PAGES
from app.web.resources import Resources
from app.web.static import push_worker, static_file
from app.web.templating import template_config

EMBEDDER_PATIENCE = 10.0  # seconds; a request waits with its transaction open
BODY_LIMIT = 11 * 1024 * 1024  # 10 MB of file and what a form puts around it


def create_app(settings: Settings, **means: Any) -> Litestar:
    """The application; `means` as `furnish` takes them."""
    return furnish(routed(settings), settings, **means)


def routed(settings: Settings) -> Litestar:
    """All that answers, by its route. Of the settings it knows only which origins may ask; `furnish` adds the rest."""
    handlers: list[ControllerRouterHandler] = [*health.HEALTH, static_file, push_worker, realtime, *API, *PAGES]
    app = Litestar(
        handlers,
        lifespan=[_lifespan],
        dependencies=DEPENDENCIES,
        middleware=[Authenticate(), PerToken(), Csrf(), Idempotent()],
        exception_handlers=problems.HANDLERS,
        template_config=template_config(),
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=5),
        cors_config=_cors(settings),
        openapi_config=_openapi(),
        plugins=[HTMXPlugin()],
        request_max_body_size=BODY_LIMIT,
        logging_config=None,
        debug=False,
    )
    check_rules(app)
    return app


def furnish(
    app: Litestar,
    settings: Settings,
    *,
    db: Database | None = None,
    redis: Any = None,
    objects: Objects | None = None,
    embedder: Any = None,
) -> Litestar:
    """Give it settings and engines. What is handed in stays the caller's to close; the rest opens and closes with the
    lifespan."""
    app.state.open = partial(_open, settings=settings, db=db, redis=redis, objects=objects, embedder=embedder)
    app.state.broken = asyncio.Event()  # a part without which the process serves nobody well has ended
    app.asgi_handler = Edge(app.asgi_handler, settings)
    return app


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        app.state.resources = await app.state.open(stack)
        await stack.enter_async_context(listening(app.state.resources, app.state.broken))
        yield


async def _open(
    stack: AsyncExitStack, settings: Settings, db: Database | None, redis: Any, objects: Objects | None, embedder: Any
) -> Resources:
    if redis is None:
        redis = queue.connect(settings.redis_url or "")
        stack.push_async_callback(redis.aclose)
    if db is None:
        db = Database(settings.database_url or "", hints=ValkeyHints(redis), pool_size=10, process="web")
        stack.push_async_callback(db.dispose)
    vault = Vault(keys_of(settings.secret_keys, settings.home))
    store = objects or Objects.of(settings)
    if embedder is None:
        embedder = Embedder(settings.embedder_socket, timeout_seconds=EMBEDDER_PATIENCE)
        stack.push_async_callback(embedder.close)
    return Resources(
        settings=settings, db=db, redis=redis, objects=store, embedder=embedder, vault=vault, hub=Hub(redis)
    )


def _cors(settings: Settings) -> CORSConfig | None:
    """Other front ends that the operator named: with a bearer token, never with our cookie."""
    if not settings.allowed_origins:
        return None
    return CORSConfig(allow_origins=list(settings.allowed_origins), allow_credentials=False)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Cabrank",
        version="1",
        openapi_router=Router("/schema", route_handlers=[], guards=[public]),
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    )
