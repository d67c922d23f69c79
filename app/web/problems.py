"""Errors as `application/problem+json` (RFC 9457), or as a page where a browser asked for one.

The one place that knows which HTTP status a business error has. What we did not expect is logged with the request's
id and told without its insides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from math import ceil
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.response import Redirect, Template
from litestar.types import ExceptionHandlersMap

from app.errors import (
    AppError,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from app.platform.telemetry import get_logger
from app.words import gettext as _
from app.words import later

log = get_logger(__name__)
AnyRequest = Request[Any, Any, Any]

STATUS: dict[str, int] = {
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "conflict": 409,
    "too-large": 413,
    "unsupported": 415,
    "rate-limited": 429,
    "unavailable": 503,
}


def status_of(error: AppError) -> int:
    """By the error's kind, or that of the class it refines."""
    kinds = (getattr(base, "kind", "") for base in type(error).__mro__)
    return next((STATUS[kind] for kind in kinds if kind in STATUS), 500)


_MACHINES = re.compile(r"^/(api|jobapplier|health|metrics|schema|static)(/|$)")
_AT = re.compile(r" - at `\$(.*)`$")
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
# What PostgreSQL says of a number or a text that no column takes: too large, or with a NUL in it.
_UNSTORABLE = frozenset({"22000", "22001", "22003", "22021", "22P05"})
# What PostgreSQL says while it shuts down, crashes or starts; and what a driver calls a connection that broke under it.
_AWAY = frozenset({"57P01", "57P02", "57P03", "08003", "08006"})
_AWAY_NAMES = frozenset({"ConnectionError", "TimeoutError", "InternalClientError"})
# Refusals that say nothing more than their status, and what a person is told instead.
_SAYS_NOTHING = (Forbidden.title, NotFound.title)
_PAGES = {
    403: (later("This page isn't yours"), later("It belongs to another role.")),
    404: (later("There is no such page"), later("The address may be mistyped, or what was here has gone.")),
    405: (later("That can't be done here"), later("Go back and use the buttons of the page.")),
}
_UPLOAD_LIMIT = later("The request is larger than 10 MB. Send a smaller file.")


def wants_page(request: AnyRequest) -> bool:
    """A browser asking for one of our pages; programs, and the pages' own scripts, read problem documents."""
    scripted = request.headers.get("hx-request") == "true"
    return not scripted and not _MACHINES.match(request.url.path) and "text/html" in request.headers.get("accept", "")


def problem(
    kind: str,
    title: str,
    status: int,
    detail: str = "",
    *,
    errors: list[FieldError] | None = None,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[dict[str, Any]]:
    """One problem document."""
    body: dict[str, Any] = {"type": f"urn:cabrank:problem:{kind}", "title": title, "status": status}
    body["detail"] = detail or title
    if errors:
        body["errors"] = errors
    body |= {key: value for key, value in (extra or {}).items() if key not in body}
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers or {})


def conflict(detail: str, **extra: Any) -> Response[dict[str, Any]]:
    """A refusal that is answered rather than raised, where what was kept aside must be committed."""
    return problem(Conflict.kind, _(Conflict.title), 409, detail, extra=extra)


def _page(request: AnyRequest, title: str, status: int, detail: str, errors: list[FieldError]) -> Response[Any]:
    context = {"title": title, "status": status, "detail": detail, "errors": errors, "request_id": _request_id(request)}
    return Template("error.html", context=context, status_code=status, media_type=MediaType.HTML)


def _request_id(request: AnyRequest) -> str:
    return str(request.scope["state"].get("request_id", ""))


def _answer(request: AnyRequest, error: AppError, status: int, headers: dict[str, str] | None = None) -> Response[Any]:
    if wants_page(request):
        title, detail = _(error.title), error.detail
        if status in _PAGES and detail in map(_, _SAYS_NOTHING):
            title, detail = map(_, _PAGES[status])
        page = _page(request, title, status, detail, error.errors)
        page.headers.update(headers or {})
        return page
    if _is_refresh(request, status):
        return _trouble(status, headers)
    return problem(
        error.kind, _(error.title), status, error.detail, errors=error.errors, extra=error.extra, headers=headers
    )


def _is_refresh(request: AnyRequest, status: int) -> bool:
    """A part of a page that asked for itself, and got nothing through our fault."""
    return status >= 500 and request.method == "GET" and request.headers.get("hx-request") == "true"


def _trouble(status: int, headers: dict[str, str] | None = None) -> Response[Any]:
    """One notice above the page, where base.html's htmx-config puts it, however many parts fail; they stay."""
    return Template("_trouble.html", status_code=status, media_type=MediaType.HTML, headers=headers or {})


def on_app_error(request: AnyRequest, error: AppError) -> Response[Any]:
    """A business error, told as it is."""
    if isinstance(error, Unauthenticated):
        return _on_unauthenticated(request, error)
    return _answer(request, error, status_of(error), headers_of(error))


def headers_of(error: AppError) -> dict[str, str]:
    """When to come back, where that is known."""
    if isinstance(error, RateLimited):
        return {"Retry-After": str(max(1, ceil(error.retry_after)))}
    return {"Retry-After": "2"} if isinstance(error, Unavailable) else {}


def _on_unauthenticated(request: AnyRequest, error: Unauthenticated) -> Response[Any]:
    if request.headers.get("hx-request") == "true":
        page = urlsplit(request.headers.get("hx-current-url", ""))
        return _answer(request, error, 401, {"HX-Redirect": _sign_in(page)})
    if not wants_page(request) or request.method != "GET":
        return _answer(request, error, 401, {"WWW-Authenticate": "Bearer"})
    return Redirect(_sign_in(request.url), status_code=303)


def _sign_in(wanted: Any) -> str:
    """The door, which leads back to the address's path; whoever comes in there is checked there."""
    path = wanted.path + (f"?{wanted.query}" if wanted.query else "")
    return f"/sign-in?next={quote(path, safe='/')}" if path else "/sign-in"


def _path(message: dict[str, Any]) -> str:
    key = re.sub(r"\[(\d+)\]", r".\1", str(message.get("key", "")))
    return re.sub(r"^data(\.|$)", "", key).lstrip(".")


def on_validation(request: AnyRequest, error: ValidationException) -> Response[Any]:
    """The framework's validation as our list of `{path, message}`."""
    listed = error.extra if isinstance(error.extra, list) else []
    errors = [_field(_path(item), str(item["message"])) for item in listed if isinstance(item, dict)]
    return _answer(request, Invalid(errors=errors), STATUS[Invalid.kind])


def _field(path: str, message: str) -> FieldError:
    """A field that is missing is named by the path, like one that is wrong."""
    if (missing := _MISSING.match(message)) is not None:
        return FieldError(f"{path}.{missing[1]}".lstrip("."), _("Fill this in."))
    return FieldError(path, _AT.sub("", message))


def on_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """What the framework itself refuses: unknown paths, wrong methods, unreadable bodies."""
    status = error.status_code
    if status >= 500:
        return on_anything(request, error)
    if isinstance(error.__cause__, SerializationException):
        return _answer(request, Invalid(_("The body is not valid JSON.")), 400)
    if status == 413:
        return _answer(request, TooLarge(_(_UPLOAD_LIMIT)), 413)
    phrase = HTTPStatus(status).phrase
    detail = {404: "There is nothing at this address.", 405: f"{request.method} is not offered here."}.get(status)
    if wants_page(request):
        title, said = map(_, _PAGES.get(status, (phrase, detail or phrase)))
        return _page(request, title, status, said, [])
    kind = {404: "not-found", 405: "method-not-allowed"}.get(status, "request")
    return problem(kind, phrase, status, detail or phrase, headers=error.headers)


def _unstorable(error: Exception) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _UNSTORABLE


def _unreachable(error: Exception) -> bool:
    """Engines that don't answer, or that say that they are going down or coming up."""
    return any(_says_away(one) for one in _behind(error))


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was made of."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__


def _says_away(error: BaseException) -> bool:
    """Drivers have exceptions of their own for it, which only their names and codes tell apart."""
    names = {base.__name__ for base in type(error).__mro__}
    coded = str(getattr(error, "sqlstate", "")) in _AWAY
    return coded or bool(names & _AWAY_NAMES) or bool(getattr(error, "connection_invalidated", False))


def on_anything(request: AnyRequest, error: Exception) -> Response[Any]:
    """What nobody expected. The log has all of it, the answer only the request's id."""
    if isinstance(error, ExceptionGroup):  # a request's transaction that ends otherwise than its handler did
        error = error.exceptions[0]
    if _unstorable(error):
        log.warning("input_not_storable", path=request.url.path, method=request.method, why=str(error)[:200])
        return on_app_error(request, Invalid(_("A number or a text in it is not one that can be kept.")))
    if _unreachable(error):
        log.warning("engine_away", path=request.url.path, method=request.method, why=str(error)[:200])
        return on_app_error(request, Unavailable())
    log.error("request_failed", path=request.url.path, method=request.method, exc_info=error)
    title = _("Something went wrong on our side")
    detail = _("It is logged as request %(request)s. Try again in a moment.", request=_request_id(request))
    if wants_page(request):
        return _page(request, title, 500, detail, [])
    if _is_refresh(request, 500):
        return _trouble(500)
    return problem("internal", title, 500, detail, extra={"request_id": _request_id(request)})


HANDLERS: ExceptionHandlersMap = {
    AppError: on_app_error,
    ValidationException: on_validation,
    HTTPException: on_http,
    Exception: on_anything,
}
