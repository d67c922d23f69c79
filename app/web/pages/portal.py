"""The seeker's portal: today, matches, applications. Every card is a partial of its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from app.applications import intents
from app.applications import service as applications
from app.applications.types import Application, Intent
from app.bots.match import service as matching
from app.errors import NotFound
from app.insight import figures
from app.platform.db import Tx
from app.postings import service as postings
from app.seekers import service as seekers
from app.web.applying import ApplyOptions, answer_reviewer, apply, ask_for_review
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import cards
from app.web.pages.cards import Card
from app.web.pages.gates import Gates
from app.web.pages.gates import gates as gates_of
from app.web.pages.match_cards import MatchCard, match_card
from app.web.pages.pictures import picture
from app.web.texts import Words

TODAY, PAGE, UNDER_WAY = 12, 30, 500
# What moves comes first, then what waits for the seeker, then what is with others.
_UNDER_WAY = ("applying", "needs_attention", "offer", "interview", "applied", "in_review")


class Reply(msgspec.Struct):
    """What the seeker answers to a reviewer's question."""

    answer: Words


async def _attempt(tx: Tx, app: Application) -> Intent | None:
    """The attempt that has the proof: the latest one with a picture, else the latest."""
    tries = await intents.of_application(tx, app.id)
    return next((one for one in tries if one.screenshot_key), tries[0] if tries else None)


async def _card(tx: Tx, app: Application, gates: Gates, *, whole: bool = False) -> Card:
    """A whole card has the timeline and the picture; the others have at most one more line."""
    wants_line = whole or app.status == "not_applied"
    timeline = await applications.timeline(tx, app.id) if wants_line else []
    attempt = await _attempt(tx, app) if whole else None
    return cards.card(app, gates, timeline, shot=bool(attempt and attempt.screenshot_key), whole=whole)


async def _matches(
    tx: Tx, seeker_id: UUID, gates: Gates, cursor: str | None, limit: int
) -> tuple[list[MatchCard], str | None]:
    page = await matching.matches_of(tx, seeker_id, min_score=gates.floor, cursor=cursor, limit=limit)
    return [match_card(match, gates) for match in page.items], page.next_cursor


async def _has_resume(tx: Tx, seeker_id: UUID) -> bool:
    return bool(await seekers.resumes(tx, seeker_id, limit=1))


async def _today(tx: Tx, seeker_id: UUID, gates: Gates) -> dict[str, Any]:
    """What is under way first, then the best matches nobody has acted on."""
    apps = await applications.of_seeker(tx, seeker_id, statuses=_UNDER_WAY, limit=UNDER_WAY)
    apps = sorted(apps, key=lambda app: (_UNDER_WAY.index(app.status), -app.updated_at.timestamp()))[:TODAY]
    found, _ = await _matches(tx, seeker_id, gates, None, 2 * TODAY)
    taken = await applications.by_postings(tx, seeker_id, [match.posting_id for match in found])
    fresh = [match for match in found if match.posting_id not in taken]
    return {
        "cards": [await _card(tx, app, gates) for app in apps],
        "matches": fresh[:TODAY],
        "has_resume": await _has_resume(tx, seeker_id),
    }


async def _match_list(tx: Tx, seeker_id: UUID, gates: Gates, after: str) -> dict[str, Any]:
    found, following = await _matches(tx, seeker_id, gates, after or None, PAGE)
    taken = await applications.by_postings(tx, seeker_id, [match.posting_id for match in found])
    items = [
        {"match": m, "card": await _card(tx, taken[m.posting_id], gates) if m.posting_id in taken else None}
        for m in found
    ]
    return {"items": items, "more": following, "has_resume": await _has_resume(tx, seeker_id)}


async def _application_list(tx: Tx, seeker_id: UUID, gates: Gates, before: int | None) -> dict[str, Any]:
    apps = await applications.of_seeker(tx, seeker_id, before=before, limit=PAGE + 1)
    shown = apps[:PAGE]
    more = shown[-1].number if len(apps) > PAGE else None
    return {"cards": [await _card(tx, app, gates) for app in shown], "more": more, "gates": gates}


async def _match_part(tx: Tx, seeker_id: UUID, gates: Gates, number: int) -> Template:
    """The card of one posting: the match, or the application that came of it."""
    posting = await postings.by_number(tx, number)
    app = await applications.of_pair(tx, seeker_id, posting.id)
    if app is not None:
        return Template("portal/_card.html", context={"card": await _card(tx, app, gates)})
    match = await matching.match(tx, seeker_id, posting.id)
    if match is None:
        raise NotFound("This posting is no longer among your matches.", posting=str(posting.id))
    return Template("portal/_match.html", context={"match": match_card(match, gates)})


async def provide_gates(tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Gates:
    """The caller's own."""
    return gates_of((await seekers.get(tx, principal.user_id)).thresholds, resources.settings)


GatesDep = NamedDependency[Gates]


@get("/real-time-dashboard", guards=[requires("seeker")], include_in_schema=False)
async def dashboard() -> Redirect:
    """The founding documents' address of the seeker's live page."""
    return Redirect("/portal", status_code=303)


class PortalController(Controller):
    """`/portal` but for the profile."""

    path = "/portal"
    include_in_schema = False
    guards = (requires("seeker"),)
    dependencies = {"gates": Provide(provide_gates)}  # noqa: RUF012 - the framework's own attribute

    @get("/")
    async def page(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep) -> Template:
        me = principal.user_id
        context = {"here": "/portal", "figures": await figures.of_seeker(tx, me, gates.floor)}
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
        return Template("portal/_card.html", context={"card": await _card(tx, app, gates, whole=whole)})

    @get("/matches")
    async def matches(
        self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, after: FromQuery[str] = ""
    ) -> Template:
        active = (await seekers.get(tx, principal.user_id)).matching_active
        context = {"here": "/portal/matches", "matching_active": active, "gates": gates}
        context |= await _match_list(tx, principal.user_id, gates, after)
        return Template("portal/matches.html", context=context)

    @get("/matches/list")
    async def match_list(
        self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, after: FromQuery[str] = ""
    ) -> Template:
        return Template("portal/_matches.html", context=await _match_list(tx, principal.user_id, gates, after))

    @get("/matches/{number:int}")
    async def match(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int]) -> Template:
        return await _match_part(tx, principal.user_id, gates, number)

    @post("/matches/{number:int}/{act:str}", status_code=200)
    async def act(
        self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int], act: FromPath[str]
    ) -> Template:
        """`apply`: the bot goes ahead; `review`: a person looks first. Answers the card that comes of it."""
        me = principal.user_id
        if act == "apply":
            await apply(tx, me, number, ApplyOptions())
        elif act == "review":
            await ask_for_review(tx, me, number)
        else:
            raise NotFound("There is nothing at this address.")
        return await _match_part(tx, me, gates, number)

    @get("/applications")
    async def applications(
        self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, before: FromQuery[int | None] = None
    ) -> Template:
        context = {"here": "/portal/applications"} | await _application_list(tx, principal.user_id, gates, before)
        return Template("portal/applications.html", context=context)

    @get("/applications/list")
    async def application_list(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep) -> Template:
        context = await _application_list(tx, principal.user_id, gates, None)
        return Template("portal/_applications.html", context=context)

    @get("/applications/{number:int}")
    async def application(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int]) -> Template:
        app = await applications.owned_by_number(tx, principal.user_id, number)
        attempt = await _attempt(tx, app)
        card = await _card(tx, app, gates, whole=True)
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
        attempt = await _attempt(tx, app)
        if attempt is None or not attempt.screenshot_key:
            raise NotFound("No screenshot was kept for this application.", application=str(app.id))
        return picture(await resources.objects.get(attempt.screenshot_key))

    @post("/applications/{number:int}/withdraw", status_code=200)
    async def withdraw(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int]) -> Template:
        app = await applications.owned_by_number(tx, principal.user_id, number)
        app = await applications.withdraw(tx, app.id, actor=principal.user_id)
        return Template("portal/_card.html", context={"card": await _card(tx, app, gates, whole=True)})

    @post("/applications/{number:int}/answer", status_code=200)
    async def answer(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        gates: GatesDep,
        number: FromPath[int],
        data: URLEncodedBody[Reply],
    ) -> Template:
        """Answer what a reviewer asked; kept in the answer bank too, and the review goes on."""
        app = await applications.owned_by_number(tx, principal.user_id, number)
        app = await answer_reviewer(tx, app, data.answer)
        return Template("portal/_card.html", context={"card": await _card(tx, app, gates)})
