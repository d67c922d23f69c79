"""The employer's own site: careers page, job page, the two-page application form, the confirmation."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import MediaType, Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from markupsafe import Markup

from app.errors import Invalid, NotFound
from app.practice.board import AnyRequest, Board, TheBoard, ats_of, origin_of, slow_down
from app.practice.forms import MAX_LONG_TEXT, Problems, Values, check
from app.practice.model import ATS_NAMES, Posting, Question
from app.practice.questions import questions_of
from app.practice.shapes import json_ld
from app.practice.store import Draft

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape(),
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
# An employer's description runs no script here; the page's own script and style come from files.
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
JOB = "/{token:str}/jobs/{posting_id:str}"
Page = Response[Any]


class Change(msgspec.Struct):
    """What the page saves by itself as a field changes."""

    name: str
    value: str


def page(template: str, status: int = 200, **values: object) -> Page:
    body = TEMPLATES.get_template(template).render(**values)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return Response(body, status_code=status, media_type=MediaType.HTML, headers=headers)


@get("/", media_type=MediaType.HTML)
async def directory(board: TheBoard) -> Page:
    every = [(ats, token, employer, board.catalogue.listed(ats, token, board.behaviour) or [])
             for ats, token, employer in board.catalogue.boards()]  # fmt: skip
    return page("directory.html", boards=every)


@get("/{token:str}")
async def careers(request: AnyRequest, board: TheBoard, token: FromPath[str]) -> Page:
    ats = ats_of(request)
    employer = board.catalogue.employer(ats, token)
    if employer is None:
        raise NotFound("There is no such employer.")
    postings = board.catalogue.listed(ats, token, board.behaviour) or []
    return page("careers.html", employer=employer, house=token, home=f"/{ats}/{token}", postings=postings)


@get(JOB)
async def job(request: AnyRequest, board: TheBoard, token: FromPath[str], posting_id: FromPath[str]) -> Page:
    posting = board.posting(ats_of(request), token, posting_id)
    shown: dict[str, Any] = {
        "description": Markup(posting.description_html),  # noqa: S704  # the employer's own HTML; POLICY runs no script
        "json_ld": _script_safe(json_ld(posting, origin_of(request))),
    }
    return page("job.html", **_about(posting), **shown)


@get(f"{JOB}/apply")
async def first_page(
    request: AnyRequest, board: TheBoard, token: FromPath[str], posting_id: FromPath[str], draft: FromQuery[str] = ""
) -> Page:
    """`?draft=` comes back to change what was entered."""
    posting = board.posting(ats_of(request), token, posting_id)
    found = await asyncio.to_thread(board.store.draft, draft)
    values = found.fields if found and found.path == posting.path else {}
    return form_page(posting, 1, values, {})


@post(f"{JOB}/apply", status_code=303)
async def first_step(
    request: AnyRequest, board: TheBoard, token: FromPath[str], posting_id: FromPath[str]
) -> Page | Redirect:
    posting = board.posting(ats_of(request), token, posting_id)
    values = await form_values(request)
    problems = check(on_page(posting, 1), values, {}, board.today())
    if problems:
        return form_page(posting, 1, values, problems)
    fields = {q.name: values.get(q.name, [""])[:1] for q in on_page(posting, 1)}
    draft = await asyncio.to_thread(board.store.new_draft, posting.path, fields, board.now())
    return Redirect(f"{posting.path}/apply/{draft.token}", status_code=303)


@get(f"{JOB}/apply/{{draft:str}}")
async def second_page(
    request: AnyRequest, board: TheBoard, token: FromPath[str], posting_id: FromPath[str], draft: FromPath[str]
) -> Page:
    posting = board.posting(ats_of(request), token, posting_id)
    found = await draft_of(board, posting, draft)
    return form_page(posting, 2, {name: [value] for name, value in found.saved.items()}, {}, found)


@post(f"{JOB}/draft/{{draft:str}}/beacon", status_code=204)
async def beacon(
    request: AnyRequest, board: TheBoard, token: FromPath[str], posting_id: FromPath[str], draft: FromPath[str]
) -> None:
    """Autosave of one field: `{"name","value"}`; unknown names and files are ignored."""
    posting = board.posting(ats_of(request), token, posting_id)
    found = await draft_of(board, posting, draft)
    try:
        change = msgspec.json.decode(await request.body(), type=Change)
    except msgspec.DecodeError as why:
        raise Invalid(str(why)) from None
    if change.name in {q.name for q in on_page(posting, 2) if q.kind not in ("file", "checkboxes")}:
        await asyncio.to_thread(board.store.save_answer, found, change.name, change.value[:MAX_LONG_TEXT])


@get(f"{JOB}/apply/{{draft:str}}/done/{{number:str}}")
async def confirmation(
    request: AnyRequest, board: TheBoard, token: FromPath[str], posting_id: FromPath[str], draft: FromPath[str],
    number: FromPath[str],
) -> Page:  # fmt: skip
    kept = board.store.submissions()
    found = next((s for s in kept if (s.number, s.draft, s.posting) == (number, draft, posting_id)), None)
    employer = board.catalogue.employer(ats_of(request), token)
    if found is None or employer is None:
        raise NotFound("There is no such application.")
    return page("done.html", employer=employer, house=token, home=f"/{found.ats}/{found.token}", submission=found)


def on_page(posting: Posting, number: int) -> list[Question]:
    return [q for q in questions_of(posting) if q.page == number]


async def draft_of(board: Board, posting: Posting, token: str) -> Draft:
    """Raises NotFound where the draft is unknown, forgotten, or another posting's."""
    found = await asyncio.to_thread(board.store.draft, token)
    if found is None or found.path != posting.path:
        raise NotFound("This application was not started here, or too long ago. Open the job and begin again.")
    return found


async def form_values(request: AnyRequest) -> dict[str, list[str]]:
    form = await request.form()
    return {name: [str(value) for value in form.getall(name)] for name in form}


def form_page(posting: Posting, number: int, values: Values, problems: Problems, draft: Draft | None = None) -> Page:
    """One page of the form with what was typed; 422 when there is something to correct."""
    back = f"{posting.path}/apply" + (f"?draft={draft.token}" if draft else "")
    target = f"{posting.path}/apply" + (f"/{draft.token}/submit" if draft else "")
    saves = f"{posting.path}/draft/{draft.token}/beacon" if draft else ""
    return page(
        "form.html", 422 if problems else 200, **_about(posting), number=number, questions=on_page(posting, number),
        values=values, problems=problems, target=target, back=back, saves=saves,
        closed=number == 2 and posting.vacancy.form == "no_submit",
    )  # fmt: skip


def _about(posting: Posting) -> dict[str, Any]:
    home = f"/{posting.ats}/{posting.token}"
    return {"posting": posting, "vacancy": posting.vacancy, "employer": posting.employer, "home": home,
            "house": posting.token}  # fmt: skip


def _script_safe(data: Mapping[str, object]) -> Markup:
    """JSON that can't end the script element that it stands in."""
    text = msgspec.json.encode(data).decode()
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704  # no < is left in it


def routers(submit: Any) -> list[Router]:
    """One router a board, because their APIs live under the same first segment; `submit` is the last step's route."""
    handlers = [careers, job, first_page, first_step, second_page, beacon, confirmation, submit]
    boards = [Router(f"/{ats}", route_handlers=handlers, before_request=slow_down) for ats in ATS_NAMES]
    return [*boards, Router("/", route_handlers=[directory])]
