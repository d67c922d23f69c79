"""The application of a test: its routes are put together once in a test process, which takes a third of a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Litestar

from app.asgi import furnish, routed
from app.config import Settings

_free: list[Litestar] = []


@contextmanager
def application(settings: Settings, **means: Any) -> Iterator[Litestar]:
    """As `create_app` gives it: settings, engines and state are the caller's alone; only the routes may have served."""
    assert not settings.allowed_origins, "the routes know these; take `create_app`"
    app = _free.pop() if _free else routed(settings)
    bare = app.asgi_handler
    try:
        yield furnish(app, settings, **means)
    finally:
        app.asgi_handler = bare
        for name in list(app.state):
            del app.state[name]
        _free.append(app)
