"""The last step: the one request that files an application, and all that can be made to go wrong with it."""

import asyncio
import hashlib
import io
from typing import Any

import msgspec
import multipart  # type: ignore[import-untyped]  # the package ships no types
from litestar import Response, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from app.errors import NotFound
from app.practice.board import AnyRequest, Board, TheBoard, ats_of
from app.practice.connection import wire_of
from app.practice.forms import check, readable
from app.practice.model import Posting
from app.practice.pages import JOB, draft_of, form_page, on_page, page
from app.practice.questions import questions_of
from app.practice.store import Arrival, Draft, Submission, Upload

MAX_BODY = 64 * 1024 * 1024
Answer = Response[Any] | Redirect


class Sent(msgspec.Struct):
    """One submitting request: `whole` is False where the caller went away in the middle."""

    body: bytes
    whole: bool
    reused: bool
    user_agent: str


@post(f"{JOB}/apply/{{draft:str}}/submit", status_code=303, request_max_body_size=MAX_BODY)
async def submit(
    request: AnyRequest, board: TheBoard, token: FromPath[str], posting_id: FromPath[str], draft: FromPath[str]
) -> Answer:
    """Files the application and sends the browser on to its confirmation page; 422 with messages when it can't."""
    wire = wire_of(request)
    if wire and wire.reused and board.behaviour.takes("drop_reused_before_reading"):
        await wire.cut()
        return _gone()
    sent = await _received(request)
    if not sent.body and not sent.whole:
        return _gone()
    arrival = await asyncio.to_thread(_count, board, sent, posting_id, draft)
    if not sent.whole:
        return _gone()
    try:
        posting = board.posting(ats_of(request), token, posting_id)
        return await _answer(request, board, posting, await draft_of(board, posting, draft), sent, arrival)
    except NotFound:
        await asyncio.to_thread(board.store.settle, arrival, "refused")
        raise


async def _answer(
    request: AnyRequest, board: Board, posting: Posting, draft: Draft, sent: Sent, arrival: Arrival
) -> Answer:  # fmt: skip
    behaviour, wire = board.behaviour, wire_of(request)
    if behaviour.takes("fail_next"):
        await asyncio.to_thread(board.store.settle, arrival, "failed")
        return page("problem.html", behaviour.fail_status, employer=posting.employer, detail="We could not take that.")
    may_drop = wire and (wire.reused or not behaviour.drop_only_reused)
    dropping = may_drop and behaviour.takes("drop_after_receiving")
    answer = (
        None if dropping and not behaviour.drop_keeps else await _filed(request, board, posting, draft, sent, arrival)
    )
    if wire and dropping:
        await asyncio.to_thread(board.store.settle, arrival, "dropped", arrival.number)
        await wire.cut()
    return answer or _gone()


async def _filed(
    request: AnyRequest, board: Board, posting: Posting, draft: Draft, sent: Sent, arrival: Arrival
) -> Answer:  # fmt: skip
    values, uploads = _parsed(request, sent.body)
    problems = check(on_page(posting, 2), values, uploads, board.today())
    if problems:
        await asyncio.to_thread(board.store.settle, arrival, "invalid")
        return form_page(posting, 2, values, problems, draft)
    kept = _submission(posting, draft, sent, arrival, {**draft.fields, **values})
    files = [upload for upload in uploads.values() if upload.data]
    kept = await asyncio.to_thread(board.store.keep, kept, posting.employer.prefix, files)
    await asyncio.to_thread(board.store.settle, arrival, "submitted", kept.number)
    await asyncio.sleep(board.behaviour.confirm_delay_seconds)
    return Redirect(f"{posting.path}/apply/{draft.token}/done/{kept.number}", status_code=303)


async def _received(request: AnyRequest) -> Sent:
    """Every byte that came, also when the caller broke off."""
    wire = wire_of(request)
    chunks: list[bytes] = []
    whole = True
    try:
        async for chunk in request.stream():
            chunks.append(chunk)  # noqa: PERF401  # extend would lose what came before the break
    except HTTPException as why:
        if why.status_code == 413:
            raise
        whole = False
    return Sent(b"".join(chunks), whole, bool(wire and wire.reused), request.headers.get("user-agent", ""))


def _count(board: Board, sent: Sent, posting_id: str, draft: str) -> Arrival:
    outcome = "received" if sent.whole else "incomplete"
    return board.store.arrived(
        at=board.now(), posting=posting_id, draft=draft, body=sent.body, reused=sent.reused, outcome=outcome
    )


def _parsed(request: AnyRequest, body: bytes) -> tuple[dict[str, list[str]], dict[str, Upload]]:
    """Fields and files of a multipart body; nothing where it is none, so that every required field is asked for."""
    values: dict[str, list[str]] = {}
    uploads: dict[str, Upload] = {}
    kind, options = request.content_type
    if kind != "multipart/form-data" or "boundary" not in options:
        return values, uploads
    parser = multipart.MultipartParser(io.BytesIO(body), options["boundary"], memory_limit=MAX_BODY)
    try:
        for part in parser.parts():
            if part.filename is None:
                values.setdefault(part.name, []).append(part.value)
            else:
                uploads[part.name] = Upload(part.name, part.filename, part.content_type or "", part.raw)
    except multipart.MultipartError:
        return {}, {}
    return values, uploads


def _submission(
    posting: Posting, draft: Draft, sent: Sent, arrival: Arrival, fields: dict[str, list[str]]
) -> Submission:  # fmt: skip
    """Still without its number and files: the store gives both."""
    return Submission(
        n=0, number="", ats=posting.ats, token=posting.token, posting=posting.id, title=posting.title,
        email=fields["email"][0].strip(), draft=draft.token, arrived_at=arrival.at, fields=fields,
        answers=readable(questions_of(posting), fields), files=[], request_bytes=len(sent.body),
        request_sha256=hashlib.sha256(sent.body).hexdigest(), user_agent=sent.user_agent,
    )  # fmt: skip


def _gone() -> Response[Any]:
    """For a caller who is no longer there; the server throws it away."""
    return Response(None, status_code=204)
