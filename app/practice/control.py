"""How a test tells the board to misbehave and counts what arrived. Answers to this machine alone."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Router, delete, get, post
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath, FromQuery

from app.config import is_loopback
from app.errors import Forbidden, Invalid, NotFound
from app.practice.behaviour import Behaviour
from app.practice.board import AnyRequest, Board, TheBoard, origin_of
from app.practice.connection import wire_of
from app.practice.store import Submission


def this_machine_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """The caller is on this machine, and called us by a name of it (so no web page's script, by a rebound name)."""
    host = urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
    client = connection.client.host if connection.client else ""
    if not (is_loopback(client) and is_loopback(host)):
        raise Forbidden("The controls answer to this machine only.")


@get("/control/submissions")
async def submissions(
    board: TheBoard, posting: FromQuery[str | None] = None, email: FromQuery[str | None] = None
) -> dict[str, Any]:
    """`{"count", "received_count", "submissions": [...], "arrivals": [...]}`, oldest first; both filters are exact."""
    kept = [s for s in board.store.submissions() if posting in (None, s.posting) and email in (None, s.email)]
    drafts = {s.draft for s in kept}
    every = board.store.arrivals()
    arrivals = [a for a in every if posting in (None, a.posting) and (email is None or a.draft in drafts)]
    shown = await asyncio.to_thread(lambda: [_summary(board, s) for s in kept])
    return {"count": len(kept), "received_count": len(arrivals), "submissions": shown,
            "arrivals": [msgspec.to_builtins(a) for a in arrivals]}  # fmt: skip


def _summary(board: Board, kept: Submission) -> dict[str, Any]:
    """`received_count` is every submitting request of the same draft, refused ones too; `sha256` is the resume's."""
    resume = next((f for f in kept.files if f.field == "resume"), None)
    draft = board.store.draft(kept.draft)
    return {
        "n": kept.n, "number": kept.number, "ats": kept.ats, "token": kept.token, "posting": kept.posting,
        "title": kept.title, "email": kept.email, "draft": kept.draft, "arrived_at": kept.arrived_at,
        "filename": resume and resume.filename, "sha256": resume and resume.sha256, "bytes": resume and resume.bytes,
        "request_bytes": kept.request_bytes, "beacons": draft.beacons if draft else 0,
        "received_count": sum(a.draft == kept.draft for a in board.store.arrivals()),
    }  # fmt: skip


@get("/control/submissions/{n:int}")
async def submission(board: TheBoard, n: FromPath[int]) -> Submission:
    """One submission with every field, answer and file."""
    kept = {s.n: s for s in board.store.submissions()}
    if n not in kept:
        raise NotFound(f"There is no submission {n}.")
    return kept[n]


@get("/control/postings")
async def postings(request: AnyRequest, board: TheBoard) -> list[dict[str, Any]]:
    """Every open posting of ours, one entry a board it stands on."""
    origin = origin_of(request)
    return [
        {"id": p.id, "slug": p.vacancy.slug, "ats": p.ats, "token": p.token, "employer": p.employer.name,
         "title": p.title, "location": p.vacancy.location, "form": p.vacancy.form, "url": origin + p.path}
        for p in board.catalogue.every(board.behaviour)
    ]  # fmt: skip


@get("/control/behaviour")
async def behaviour(board: TheBoard) -> Behaviour:
    return board.behaviour


@post("/control/behaviour", status_code=200)
async def change_behaviour(request: AnyRequest, board: TheBoard) -> Behaviour:
    """Each key given replaces that key's value; the answer is the whole behaviour in force."""
    if request.content_type[0] != "application/json":
        raise Invalid("Send the behaviour as application/json.")
    try:
        wish = msgspec.json.decode(await request.body(), type=dict[str, object])
        if any(key.startswith("drop_") for key in wish) and wire_of(request) is None:
            raise Invalid("This server can't cut connections: start it with app.practice.server.make_server.")
        return board.switches.change(wish)
    except msgspec.DecodeError as why:
        raise Invalid(str(why)) from None


@delete("/control/behaviour")
async def reset_behaviour(board: TheBoard) -> None:
    board.switches.reset()


def router() -> Router:
    handlers = [submissions, submission, postings, behaviour, change_behaviour, reset_behaviour]
    return Router("/", route_handlers=handlers, guards=[this_machine_only])
