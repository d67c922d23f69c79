"""The seeker's portal: today and the applications. Every card is a partial of its own."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import Provide
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from app.applications import service as applications
from app.applications import undo
from app.bots.match import feedback
from app.bots.match import service as matching
from app.bots.match.shown import Shown
from app.errors import Conflict, NotFound
from app.insight import figures
from app.platform.db import Tx
from app.web.applying import answer_reviewer
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import start_views
from app.web.pages.gates import Gates
from app.web.pages.match_cards import match_card
from app.web.pages.pictures import picture
from app.web.pages.portal_parts import GatesDep, attempt_of, card_of, cards_of, has_resume, provide_gates
from app.web.texts import Words
from app.words import gettext as _
from app.words import later

TODAY, PAGE, UNDER_WAY = 12, 30, 500
# What moves comes first, then what waits for the seeker, then what is with others.
_UNDER_WAY = ("applying", "needs_attention", "offer", "interview", "applied", "in_review")
_PLACE = {status: place for place, status in enumerate(_UNDER_WAY)} | {"withdrawn": 0}  # a moment ago: it may be undone
# The tabs above the list of applications: words and statuses.
SHOWS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "all": (later("All"), None),
    "open": (later("Under way"), ("applying", "in_review", "needs_attention", "applied")),
    "answered": (later("Interviews"), ("interview", "offer")),
    "over": (later("Over"), ("rejected", "withdrawn", "not_applied")),
}


class Heard(msgspec.Struct):
    """What the employer told the seeker, past us."""

    status: Literal["interview", "offer", "rejected"]
    notes: Words = ""


class Reply(msgspec.Struct):
    """What the seeker answers to a reviewer's question."""

    answer: Words


async def _today(tx: Tx, seeker_id: UUID, gates: Gates) -> dict[str, Any]:
    """What needs the seeker, what is under way, then the best matches nobody has acted on."""
    apps = await applications.of_seeker(tx, seeker_id, statuses=_UNDER_WAY, limit=UNDER_WAY)
    apps += await undo.undoable(tx, seeker_id)
    apps = sorted(apps, key=lambda app: (_PLACE[app.status], -app.updated_at.timestamp()))[:TODAY]
    fresh = Shown(taken=False, disliked=False)
    found = (await matching.matches_of(tx, seeker_id, min_score=gates.floor, limit=TODAY, shown=fresh)).items
    thumbs = await feedback.of(tx, seeker_id, [match.posting_id for match in found])
    return {
        "cards": await cards_of(tx, apps, gates),
        "matches": [match_card(match, gates, thumbs.get(match.posting_id, "")) for match in found],
        "has_resume": await has_resume(tx, seeker_id),
    }


async def _application_list(tx: Tx, seeker_id: UUID, gates: Gates, before: int | None, show: str) -> dict[str, Any]:
    """A page of one tab; what needs the seeker stands above it whatever the tab."""
    show = show if show in SHOWS else "all"
    apps = await applications.of_seeker(tx, seeker_id, statuses=SHOWS[show][1], before=before, limit=PAGE + 1)
    shown = apps[:PAGE]
    more = shown[-1].number if len(apps) > PAGE else None
    apart = {app.id: app for app in [*shown, *await undo.undoable(tx, seeker_id)]}
    shown = sorted(apart.values(), key=lambda app: -app.number)
    context = {"cards": await cards_of(tx, shown, gates), "more": more, "gates": gates, "show": show, "shows": SHOWS}
    return context | {"before": before or ""}


@get("/real-time-dashboard", guards=[requires("seeker")], include_in_schema=False)
async def dashboard() -> Redirect:
    """The founding documents' address of the seeker's live page."""
    return Redirect("/portal", status_code=303)


class PortalController(Controller):
    """`/portal` with today's page and the applications."""

    path = "/portal"
    include_in_schema = False
    guards = (requires("seeker"),)
    dependencies = {"gates": Provide(provide_gates)}  # noqa: RUF012 - the framework's own attribute

    @get("/")
    async def page(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep) -> Template:
        me = principal.user_id
        context = {"here": "/portal", "figures": await figures.of_seeker(tx, me, gates.floor)}
        context |= {"way": await start_views.way(tx, me)}
        return Template("portal/index.html", context=context | await _today(tx, me, gates))

    @get("/today")
    async def today(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep) -> Template:
        return Template("portal/_today.html", context=await _today(tx, principal.user_id, gates))

    @get("/figures")
    async def figures(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep) -> Template:
        context = {"figures": await figures.of_seeker(tx, principal.user_id, gates.floor)}
        return Template("portal/_figures.html", context=context)

    @get("/cards/{number:int}")
    async def card(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        gates: GatesDep,
        number: FromPath[int],
        whole: FromQuery[bool] = False,
    ) -> Template:
        app = await applications.owned_by_number(tx, principal.user_id, number)
        return Template("portal/_card.html", context={"card": await card_of(tx, app, gates, whole=whole)})

    @get("/applications")
    async def applications(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        gates: GatesDep,
        before: FromQuery[int | None] = None,
        show: FromQuery[str] = "all",
    ) -> Template:
        context = await _application_list(tx, principal.user_id, gates, before, show)
        return Template("portal/applications.html", context={"here": "/portal/applications"} | context)

    @get("/applications/list")
    async def application_list(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        gates: GatesDep,
        before: FromQuery[str] = "",
        show: FromQuery[str] = "all",
    ) -> Template:
        number = int(before) if before.isdecimal() and len(before) < 10 else None
        context = await _application_list(tx, principal.user_id, gates, number, show)
        return Template("portal/_applications.html", context=context)

    @get("/applications/{number:int}")
    async def application(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int]) -> Template:
        app = await applications.owned_by_number(tx, principal.user_id, number)
        attempt = await attempt_of(tx, app)
        card = await card_of(tx, app, gates, whole=True)
        scored = await matching.match(tx, app.seeker_id, app.posting_id)
        context = {"here": "/portal/applications", "card": card, "shot": card.shot}
        context["why"] = app.posting_number if scored else None
        return Template("portal/application.html", context=context | {"answers": attempt.answers if attempt else []})

    @get("/applications/{number:int}/screenshot")
    async def screenshot(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, number: FromPath[int]
    ) -> Response[bytes]:
        """What the employer's page showed; the seeker's own only."""
        app = await applications.owned_by_number(tx, principal.user_id, number)
        attempt = await attempt_of(tx, app)
        if attempt is None or not attempt.screenshot_key:
            raise NotFound(_("No screenshot was kept for this application."), application=str(app.id))
        return picture(await resources.objects.get(attempt.screenshot_key))

    @post("/applications/{number:int}/withdraw", status_code=200)
    async def withdraw(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        gates: GatesDep,
        number: FromPath[int],
        whole: FromQuery[bool] = True,
    ) -> Template:
        """At once; it can be taken back for some seconds."""
        app = await applications.owned_by_number(tx, principal.user_id, number)
        app = await applications.withdraw(tx, app.id, actor=principal.user_id)
        return Template("portal/_card.html", context={"card": await card_of(tx, app, gates, whole=whole)})

    @post("/applications/{number:int}/undo", status_code=200)
    async def undo(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        gates: GatesDep,
        number: FromPath[int],
        whole: FromQuery[bool] = True,
    ) -> Template:
        """Take a withdrawal back."""
        app = await applications.owned_by_number(tx, principal.user_id, number)
        app = await undo.undo_withdrawal(tx, app.id, actor=principal.user_id)
        return Template("portal/_card.html", context={"card": await card_of(tx, app, gates, whole=whole)})

    @post("/applications/{number:int}/heard", status_code=200)
    async def heard(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        gates: GatesDep,
        number: FromPath[int],
        data: URLEncodedBody[Heard],
    ) -> Template:
        """Keep what the seeker heard; the timeline names them as its source."""
        app = await applications.owned_by_number(tx, principal.user_id, number)
        if app.status not in ("applied", "interview", "offer", "rejected"):
            raise Conflict(_("It has not been sent yet, so they can't have answered."), application=str(app.id))
        app = await applications.set_status_by_hand(tx, app.id, data.status, actor=principal.user_id, notes=data.notes)
        return Template("portal/_card.html", context={"card": await card_of(tx, app, gates, whole=True)})

    @post("/applications/{number:int}/answer", status_code=200)
    async def answer(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        gates: GatesDep,
        number: FromPath[int],
        data: URLEncodedBody[Reply],
        whole: FromQuery[bool] = False,
    ) -> Template:
        """Answer what a reviewer asked; kept in the answer bank too, and the review goes on."""
        app = await applications.owned_by_number(tx, principal.user_id, number)
        app = await answer_reviewer(tx, app, data.answer)
        return Template("portal/_card.html", context={"card": await card_of(tx, app, gates, whole=whole)})
