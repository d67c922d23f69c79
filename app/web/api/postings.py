"""`/api/postings/` and `/api/sources/`: vacancies, and the boards they come from."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.errors import FieldError, Invalid
from app.postings import service as postings
from app.postings.types import NewPosting, Posting, Source
from app.web.deps import TxDep
from app.web.guards import requires, signed_in
from app.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode, page, sliced

NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")


class Filed(msgspec.Struct):
    """What a bulk request filed, in its order."""

    items: list[Posting]


class NewSource(msgspec.Struct):
    """A board to watch. `token` is its name in its own addresses."""

    kind: str
    token: str
    name: str = ""
    base_url: str = ""
    interval_seconds: int = 300


class PostingsController(Controller):
    path = "/api/postings"
    tags = ("postings",)

    @post("/", guards=[requires("operator")], responses={201: ResponseSpec(Posting | Filed)})
    async def file(self, request: Request[Any, Any, Any], tx: TxDep) -> Response[Posting | Filed]:
        """File one posting, an array of them, or NDJSON with one a line; many are filed all or none."""
        body = await request.body()
        if request.content_type[0] in NDJSON:
            return Response(Filed(await postings.create_many(tx, _lines(body))), status_code=201)
        given = _decoded(body)
        if isinstance(given, list):
            return Response(Filed(await postings.create_many(tx, given)), status_code=201)
        return Response(await postings.create_internal(tx, given), status_code=201)

    @get("/", guards=[signed_in])
    async def listed(
        self,
        tx: TxDep,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
        q: Annotated[str | None, QueryParameter(description="words of title or company")] = None,
        region: FromQuery[str | None] = None,
        category: FromQuery[str | None] = None,
        status: Annotated[Literal["open", "closed", "all"], QueryParameter(name="state")] = "open",
    ) -> Page[Posting]:
        """The newest first."""
        found = await postings.list_postings(
            tx,
            before=decode(cursor, int),
            limit=limit + 1,
            query=q,
            region=region,
            category=category,
            state=None if status == "all" else status,
        )
        return page(found, limit, lambda posting: posting.number)

    @get("/{number:int}", guards=[signed_in])
    async def one(self, tx: TxDep, number: FromPath[int]) -> Posting:
        return await postings.by_number(tx, number)


_one_or_many: msgspec.json.Decoder[NewPosting | list[NewPosting]] = msgspec.json.Decoder(NewPosting | list[NewPosting])
_one: msgspec.json.Decoder[NewPosting] = msgspec.json.Decoder(NewPosting)


def _decoded(body: bytes) -> NewPosting | list[NewPosting]:
    try:
        return _one_or_many.decode(body)
    except msgspec.ValidationError as why:
        raise Invalid(errors=[_said(str(why))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid("The body is not valid JSON.") from None


def _lines(body: bytes) -> list[NewPosting]:
    """One posting a line; a bad line is named by its index, like an array's."""
    found, errors = [], []
    for index, text in enumerate(line for line in body.splitlines() if line.strip()):
        try:
            found.append(_one.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError) as why:
            said = _said(str(why))
            errors.append(FieldError(f"{index}.{said.path}".rstrip("."), said.message))
    if errors:
        raise Invalid(errors=errors[:100])
    return found


def _said(text: str) -> FieldError:
    message, _, path = text.partition(" - at `$")
    return FieldError(path.rstrip("`").replace("[", ".").replace("]", "").lstrip("."), message)


class SourcesController(Controller):
    path = "/api/sources"
    tags = ("sources",)
    guards = (requires("operator"),)

    @get("/")
    async def listed(self, tx: TxDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[Source]:
        """The boards that are watched."""
        return sliced(await postings.list_sources(tx), cursor, limit, lambda one: one.id)

    @post("/")
    async def add(self, tx: TxDep, data: JSONBody[NewSource]) -> Response[Source]:
        """Watch a board: 201, and its first fetch starts; 200 where it is watched already."""
        found, made = await postings.add_source(
            tx,
            kind=data.kind,
            token=data.token,
            name=data.name,
            base_url=data.base_url,
            interval_seconds=data.interval_seconds,
        )
        return Response(found, status_code=201 if made else 200)

    @post("/{source_id:uuid}/run", status_code=202)
    async def run(self, tx: TxDep, source_id: FromPath[UUID]) -> Source:
        """Fetch it now."""
        return await postings.run_source(tx, source_id)
