"""Probes and figures for machines: alive, ready (and what is missing), Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.web.deps import ResourcesDep
from app.web.guards import public
from app.web.resources import Resources

_PATIENCE = 2.0
_OPT = {"anonymous": True}


class Readiness(msgspec.Struct):
    """`missing` maps what doesn't answer to why; empty when ready."""

    ready: bool
    missing: dict[str, str]


async def _database(resources: Resources) -> None:
    async with resources.db.transaction() as tx:
        await tx.conn.exec_driver_sql("SELECT 1")


async def _valkey(resources: Resources) -> None:
    await resources.redis.ping()


async def _embedder(resources: Resources) -> None:
    await resources.embedder.ready()


_CHECKS: dict[str, Callable[[Resources], Awaitable[Any]]] = {
    "database": _database,
    "valkey": _valkey,
    "embedder": _embedder,
}


async def missing(resources: Resources) -> dict[str, str]:
    """What doesn't answer within 2 s, and why."""
    asked = await asyncio.gather(*(_ask(check, resources) for check in _CHECKS.values()))
    return {name: why for name, why in zip(_CHECKS, asked, strict=True) if why}


async def _ask(check: Callable[[Resources], Awaitable[Any]], resources: Resources) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            await check(resources)
    except Exception as why:  # noqa: BLE001 - a probe's edge: whatever goes wrong there is the finding itself
        return type(why).__name__
    return ""


@get("/health/live", guards=[public], opt=_OPT, include_in_schema=False)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@get("/health/ready", guards=[public], opt=_OPT, include_in_schema=False)
async def ready(resources: ResourcesDep) -> Response[Readiness]:
    """The process can do its work: 200, or 503 naming what is missing."""
    lacking = await missing(resources)
    return Response(Readiness(not lacking, lacking), status_code=503 if lacking else 200)


@get("/metrics", guards=[public], opt=_OPT, include_in_schema=False)
async def metrics() -> Response[bytes]:
    """Prometheus text."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


HEALTH = [live, ready, metrics]
