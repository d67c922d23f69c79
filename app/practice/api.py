"""The three public job-board APIs, each at its own paths behind a prefix that a source's base URL can name."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from app.errors import NotFound
from app.practice.board import AnyRequest, Board, TheBoard, ats_of, origin_of, slow_down
from app.practice.model import Posting
from app.practice.recorded import Recording
from app.practice.shapes import Json, ashby_job, greenhouse_detail, greenhouse_job, lever_posting

HANG_SECONDS = 600
HTML_PAGE = "<!doctype html><title>Down for maintenance</title><h1>We will be right back</h1>"
Answer = Response[Any]


@get("/greenhouse/v1/boards/{token:str}")
async def greenhouse_board(board: TheBoard, token: FromPath[str]) -> Answer:
    employer = board.catalogue.employer("greenhouse", token)
    recording = board.recordings.get(("greenhouse", token))
    if employer is None and recording is None:
        return _missing()
    name = employer.name if employer else (recording.jobs[0].get("company_name", token) if recording else token)
    return _json({"name": name, "content": employer.about if employer else None})


@get("/greenhouse/v1/boards/{token:str}/jobs")
async def greenhouse_list(
    request: AnyRequest, board: TheBoard, token: FromPath[str], content: FromQuery[bool] = False
) -> Answer:
    recording = board.recordings.get(("greenhouse", token))
    if recording and recording.is_list and content:
        return await _answered(request, board, token, recording.raw)
    if recording:
        without = ("content", "departments", "offices")
        jobs = [job if content else {k: v for k, v in job.items() if k not in without} for job in recording.jobs]
    else:
        open_ones = _open(board, "greenhouse", token)
        if open_ones is None:
            return await _answered(request, board, token, None)
        jobs = [greenhouse_job(p, origin_of(request), content=content) for p in open_ones]
    return await _answered(request, board, token, {"jobs": jobs, "meta": {"total": len(jobs)}})


@get("/greenhouse/v1/boards/{token:str}/jobs/{posting_id:str}")
async def greenhouse_one(
    request: AnyRequest, board: TheBoard, token: FromPath[str], posting_id: FromPath[str],
    questions: FromQuery[bool] = False, pay_transparency: FromQuery[bool] = False,
) -> Answer:  # fmt: skip
    recording = board.recordings.get(("greenhouse", token))
    if recording:
        return await _answered(request, board, token, _recorded_one(recording, posting_id))
    found = board.catalogue.find("greenhouse", token, posting_id, board.behaviour)
    body = found and greenhouse_detail(found, origin_of(request), questions=questions, pay=pay_transparency)
    return await _answered(request, board, token, body)


@get("/lever/v0/postings/{site:str}")
async def lever_list(
    request: AnyRequest,
    board: TheBoard,
    site: FromPath[str],
    skip: FromQuery[int] = 0,
    limit: FromQuery[int] = 0,
    mode: FromQuery[str] = "json",
) -> Answer:
    """`limit` 0 is no limit. Only `mode=json` is spoken here."""
    if mode != "json":
        return _json({"ok": False, "error": "This board answers mode=json only"}, 400)
    recording = board.recordings.get(("lever", site))
    if recording and not skip and not limit:
        return await _answered(request, board, site, recording.raw)
    open_ones = _open(board, "lever", site)
    if recording is None and open_ones is None:
        return await _answered(request, board, site, None)
    jobs = recording.jobs if recording else [lever_posting(p, origin_of(request)) for p in open_ones or []]
    end = skip + limit if limit else None
    return await _answered(request, board, site, jobs[max(skip, 0) : end])


@get("/lever/v0/postings/{site:str}/{posting_id:str}")
async def lever_one(request: AnyRequest, board: TheBoard, site: FromPath[str], posting_id: FromPath[str]) -> Answer:
    recording = board.recordings.get(("lever", site))
    if recording:
        return await _answered(request, board, site, _recorded_one(recording, posting_id))
    found = board.catalogue.find("lever", site, posting_id, board.behaviour)
    return await _answered(request, board, site, found and lever_posting(found, origin_of(request)))


@get("/ashby/posting-api/job-board/{org:str}")
async def ashby_list(
    request: AnyRequest,
    board: TheBoard,
    org: FromPath[str],
    compensation: Annotated[bool, QueryParameter(name="includeCompensation")] = False,
) -> Answer:
    recording = board.recordings.get(("ashby", org))
    if recording:
        return await _answered(request, board, org, recording.raw)
    open_ones = _open(board, "ashby", org)
    if open_ones is None:
        return await _answered(request, board, org, None)
    jobs = [ashby_job(p, origin_of(request), compensation=compensation) for p in open_ones]
    return await _answered(request, board, org, {"jobs": jobs, "apiVersion": "1"})


def _open(board: Board, ats: str, token: str) -> list[Posting] | None:
    return board.catalogue.listed(ats, token, board.behaviour)


def _recorded_one(recording: Recording, posting_id: str) -> Json | None:
    return next((job for job in recording.jobs if str(job["id"]) == posting_id), None)


async def _answered(request: AnyRequest, board: Board, token: str, body: object) -> Answer:
    """The body, or what the board was told to answer for this token instead; None is a 404."""
    fault = board.behaviour.lists.get(token)
    if fault is None:
        return _missing() if body is None else _json(body)
    if fault.status == "hang":
        await _hang(request, board)
        return _json({"error": "Service unavailable"}, 503)
    if fault.status == "html":
        return Response(HTML_PAGE, media_type="text/html")
    if fault.status == "half_json":
        raw = _raw(body)
        return Response(raw[: len(raw) // 2 + 1], media_type="application/json")
    headers = {"Retry-After": str(fault.retry_after)} if fault.status == 429 else {}
    return _json({"status": fault.status, "error": f"{ats_of(request)} answers {fault.status}"}, fault.status, headers)


async def _hang(request: AnyRequest, board: Board) -> None:
    """Say nothing until the caller gives up, the behaviour changes or ten minutes are over."""
    gone = asyncio.create_task(_disconnected(request))
    changed = asyncio.create_task(board.switches.changed())
    try:
        await asyncio.wait({gone, changed}, timeout=HANG_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        changed.cancel()


async def _disconnected(request: AnyRequest) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _raw(body: object) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Response(_raw(body), status_code=status, media_type="application/json", headers=headers)


def _missing() -> Answer:
    return _json({"status": 404, "error": NotFound.title}, 404)


def router() -> Router:
    handlers = [greenhouse_board, greenhouse_list, greenhouse_one, lever_list, lever_one, ashby_list]
    return Router("/", route_handlers=handlers, before_request=slow_down)
