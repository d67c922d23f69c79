"""The practice board as a process, and as an application that tests run on a port of their own."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp

from app.config import ConfigError, Settings, is_loopback
from app.errors import AppError
from app.practice import api, catalogue, pages
from app.practice import control as controls
from app.practice import recorded as recordings
from app.practice.behaviour import Switchboard
from app.practice.board import Board
from app.practice.connection import BoardProtocol
from app.practice.store import DRAFT_SECONDS, Store
from app.practice.submit import submit

log = logging.getLogger(__name__)
STATUS = {"not-found": 404, "forbidden": 403, "invalid": 400}
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 2


def create_app(
    folder: Path, *, recorded: Path | None = None, control: bool = True, clock: Callable[[], float] = time.time
) -> Litestar:
    """The board that keeps its submissions under `folder` and serves the boards recorded in `recorded`.

    Raises msgspec.DecodeError where a data file or a recording is broken. Cutting connections needs `make_server`.
    """
    store = Store(folder)
    store.forget_drafts(clock() - DRAFT_SECONDS)
    board = Board(catalogue.load(), recordings.load(recorded) if recorded else {}, Switchboard(), store, clock)
    handlers = [live, api.router(), *pages.routers(submit), _static()] + ([controls.router()] if control else [])
    return Litestar(
        handlers, dependencies={"board": Provide(lambda: board, sync_to_thread=False)}, state=State({"board": board}),
        exception_handlers={AppError: _refused, HTTPException: _refused, Exception: _broken},
        openapi_config=None, logging_config=None,
    )  # fmt: skip


def make_server(app: ASGIApp, bind: str = "127.0.0.1:0") -> uvicorn.Server:
    """uvicorn with real keep-alive and connections that can be cut. Raises ConfigError for a public address."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    if not is_loopback(host):
        raise ConfigError(f"CABRANK_PRACTICE_BIND: got {bind!r}, takes a loopback address such as 127.0.0.1:8099")
    return uvicorn.Server(uvicorn.Config(
        app, host=host, port=int(port), http=BoardProtocol, ws="none", lifespan="off", log_config=None,
        access_log=False, server_header=False, proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=GRACE_SECONDS,
    ))  # fmt: skip


@asynccontextmanager
async def running(app: ASGIApp, bind: str = "127.0.0.1:0") -> AsyncIterator[str]:
    """Serve `app` in this event loop; gives its origin, such as `http://127.0.0.1:40613`."""
    server = make_server(app, bind)
    config = server.config
    with closing(config.bind_socket()) as listener:
        host, port = listener.getsockname()[:2]
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110  # uvicorn offers no event
            await asyncio.sleep(0.005)
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
        finally:
            server.should_exit = True
            await serving


def serve(settings: Settings, *, recorded: Path | None = None) -> None:
    """Run the board until SIGTERM or SIGINT; its files live under `<home>/practice`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app = create_app(settings.home / "practice", recorded=recorded)
    make_server(app, settings.practice_bind).run()


@get("/health/live", media_type=MediaType.TEXT)
async def live() -> str:
    return "ok"


def _static() -> Any:
    return create_static_files_router("/static", directories=[Path(__file__).parent / "static"])


def _refused(request: Request[Any, Any, Any], why: AppError | HTTPException) -> Response[Any]:
    """JSON for the machines' paths, a page for people."""
    status = why.status_code if isinstance(why, HTTPException) else STATUS.get(why.kind, 500)
    detail = why.detail or "This can't be answered."
    if _for_machines(request.scope["path"]):
        return Response({"status": status, "error": detail}, status_code=status)
    return pages.page("problem.html", status, employer=None, detail=detail)


def _broken(request: Request[Any, Any, Any], why: Exception) -> Response[Any]:
    """The process's edge: a fault of ours is logged here and nowhere else."""
    log.error("%s %s failed", request.method, request.scope["path"], exc_info=why)
    return Response({"status": 500, "error": "The board has a fault; its log says which."}, status_code=500)


def _for_machines(path: str) -> bool:
    return path.startswith(("/control/", "/greenhouse/v1/", "/lever/v0/", "/ashby/posting-api/", "/health/"))
