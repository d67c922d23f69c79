"""The way in and out, for all roles: sign-in leads to the role's own face."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from app.accounts.sessions import Principal
from app.errors import AppError
from app.web import resources, signing
from app.web.cookies import gone_cookie, session_cookie
from app.web.deps import TxDep
from app.web.guards import public
from app.web.problems import headers_of, status_of
from app.words import gettext as _
from app.words import later

# The pages of each role; the first is where signing in leads.
FACES: dict[str, tuple[str, ...]] = {
    "seeker": ("/portal", "/real-time-dashboard"),
    "employee": ("/desk",),
    "supervisor": ("/board", "/kpis", "/operations"),
    "operator": ("/operations",),
}
_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
JOINED = later("Your account is ready. Sign in with your password, and we begin.")
GO_ON = later("Sign in, and you go on where you were.")
AnyRequest = Request[Any, Any, Any]


class Credentials(msgspec.Struct):
    """What the sign-in form sends; `next` is where the browser wanted to go."""

    email: str = ""
    password: str = ""
    next: str = ""


class NewSeeker(msgspec.Struct):
    """What the sign-up form sends."""

    name: str = ""
    email: str = ""
    password: str = ""


class Signed(msgspec.Struct, frozen=True):
    """What the form shows again; never the password."""

    name: str = ""
    email: str = ""


def face(principal: Principal | None) -> str:
    """The page that is somebody's own."""
    return FACES[principal.role][0] if principal else "/sign-in"


def own_path(wanted: str) -> str:
    """`next` only within this site: another site's address would be a trap."""
    return wanted if _PATH.fullmatch(wanted) and not wanted.startswith(("/sign-", "/api/")) else ""


def landing(wanted: str, role: str) -> str:
    """Where signing in leads: to the page that was wanted if it is one of the role's, else to the role's first."""
    first = "/" + re.split(r"[/?#]", own_path(wanted)[1:], maxsplit=1)[0]
    return wanted if first in FACES[role] else FACES[role][0]


def _form(joining: bool, form: Signed, error: AppError | None = None, told: str = "", wanted: str = "") -> Template:
    errors = {one.path: one.message for one in error.errors} if error else {}
    wrong = error.detail if error and not errors else ""
    context = {"joining": joining, "form": form, "told": _(told), "next": wanted, "wrong": wrong}
    context["errors"] = {name: errors.get(name, "") for name in ("name", "email", "password")}
    status, headers = (status_of(error), headers_of(error)) if error else (200, {})
    return Template("sign_in.html", context=context, status_code=status, headers=headers)


class SignController(Controller):
    """`/`, `/sign-in`, `/sign-up`, `/sign-out`."""

    include_in_schema = False
    guards = (public,)

    @get("/")
    async def start(self, request: AnyRequest) -> Redirect:
        return Redirect(face(request.scope.get("user")), status_code=303)

    @get("/sign-in")
    async def sign_in_form(self, request: AnyRequest, next: FromQuery[str] = "") -> Template | Redirect:
        principal: Principal | None = request.scope.get("user")
        if principal is not None:
            return Redirect(landing(next, principal.role), status_code=303)
        return _form(False, Signed(), told=GO_ON if own_path(next) else "", wanted=own_path(next))

    @post("/sign-in", status_code=200)
    async def sign_in(self, request: AnyRequest, tx: TxDep, data: URLEncodedBody[Credentials]) -> Template | Redirect:
        try:
            done = await signing.sign_in(tx, request, data.email, data.password, "cookie")
        except AppError as error:
            return _form(False, Signed(email=data.email), error, wanted=own_path(data.next))
        cookie = session_cookie(resources.of(request).settings, done.session.token)
        return Redirect(landing(data.next, done.user.role), status_code=303, cookies=[cookie])

    @get("/sign-up")
    async def sign_up_form(self) -> Template:
        return _form(True, Signed())

    @post("/sign-up", status_code=200)
    async def sign_up(self, request: AnyRequest, tx: TxDep, data: URLEncodedBody[NewSeeker]) -> Template:
        """Then the form to sign in with, whether or not somebody had the address before."""
        try:
            await signing.sign_up(tx, request, email=data.email, password=data.password, name=data.name, by_hand=True)
        except AppError as error:
            return _form(True, Signed(data.name, data.email), error)
        return _form(False, Signed(email=data.email.strip()), told=JOINED)  # no redirect: the address stays filled in

    @post("/sign-out", status_code=303)
    async def sign_out(self, request: AnyRequest, tx: TxDep) -> Redirect:
        principal: Principal | None = request.scope.get("user")
        if principal is not None:
            await signing.sign_out(tx, principal)
        return Redirect("/sign-in", status_code=303, cookies=[gone_cookie(resources.of(request).settings)])
