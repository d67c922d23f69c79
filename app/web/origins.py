"""Which hosts this process answers to, and which origins may open its sockets."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from app.config import Settings


@lru_cache(maxsize=8)
def own_origins(settings: Settings) -> frozenset[str]:
    """The bind address by 127.0.0.1 and localhost, the public URL, and what the setting adds."""
    port = settings.bind.rpartition(":")[2]
    local = {f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")}
    return frozenset(local | {_origin(settings.public_url)} | {_origin(origin) for origin in settings.allowed_origins})


@lru_cache(maxsize=8)
def own_hosts(settings: Settings) -> frozenset[str]:
    """What a Host header may say, with and without a default port."""
    port = settings.bind.rpartition(":")[2]
    public = urlsplit(settings.public_url)
    named = {f"{host}:{port}" for host in ("127.0.0.1", "localhost")} | {settings.bind.lower(), public.netloc.lower()}
    default = {"http": "80", "https": "443"}[public.scheme]
    if public.port is None and public.hostname:
        named.add(f"{public.hostname}:{default}")
    return frozenset(named | {host.removesuffix(":80") for host in named})


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
