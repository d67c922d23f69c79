"""Scores in the portal: why a match stands where it does, any posting's text scored, and matching on or off."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.di import Provide
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from app.applications import service as applications
from app.bots.match import service as matching
from app.bots.match.types import MatchView, ScoreResult
from app.errors import AppError, Conflict, FieldError, Invalid, NotFound, Unavailable
from app.platform.db import Tx
from app.postings import service as postings
from app.seekers import service as seekers
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import scorecard
from app.web.pages.gates import Gates, ring
from app.web.pages.links import safe_link
from app.web.pages.match_cards import match_card
from app.web.pages.portal_parts import GatesDep, provide_gates
from app.web.pages.scorecard import Scorecard
from app.words import gettext as _

LIMITS = {"most_title": matching.MOST_TITLE, "most_text": matching.MOST_TEXT}


class Pasted(msgspec.Struct):
    """A posting from anywhere."""

    title: str = ""
    description: str = ""


def explained(match: MatchView | ScoreResult, explanation: Any, gates: Gates) -> Scorecard:
    """The score in the seeker's words."""
    return scorecard.scorecard(match.score, None, gates.auto, match.components, explanation, [], voice="seeker")


async def _why(tx: Tx, me: UUID, gates: Gates, number: int) -> dict[str, Any]:
    """The match, the application that came of it, and the score's reasons."""
    posting = await postings.by_number(tx, number)
    match = await matching.match(tx, me, posting.id)
    if match is None:
        raise NotFound(_("This posting is no longer among your matches."), posting=str(posting.id))
    app = await applications.of_pair(tx, me, posting.id)
    return {
        "here": "/portal/matches",
        "match": match_card(match, gates),
        "application": app.number if app else None,
        "posting": posting,
        "link": safe_link(posting.apply_url),
        "score": explained(match, match.explanation, gates),
        "computed_at": match.computed_at,
    }


async def _switch(tx: Tx, me: UUID, gates: Gates) -> dict[str, Any]:
    return {"matching_active": (await seekers.get(tx, me)).matching_active, "gates": gates}


def _refused(error: AppError) -> Template:
    """Said below the form, which keeps what was typed. 422 and 503 are the answers that the page draws."""
    errors = error.errors or [FieldError("", error.detail)]
    status = 503 if isinstance(error, Unavailable) else 422
    place = {"HX-Retarget": "#scored", "HX-Reswap": "innerHTML"}  # or it would go where other trouble is told
    headers = {"retry-after": "5"} | place if status == 503 else {}
    context = {"errors": errors, "status": status, "no_resume": isinstance(error, Conflict)}
    return Template("portal/_unscored.html", context=context, status_code=status, headers=headers)


class ScoresController(Controller):
    """`/portal/matches/{number}/why`, `/portal/score` and `/portal/matching`."""

    path = "/portal"
    include_in_schema = False
    guards = (requires("seeker"),)
    dependencies = {"gates": Provide(provide_gates)}  # noqa: RUF012 - the framework's own attribute

    @get("/matches/{number:int}/why")
    async def why(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int]) -> Template:
        return Template("portal/why.html", context=await _why(tx, principal.user_id, gates, number))

    @get("/matches/{number:int}/why/part")
    async def why_part(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int]) -> Template:
        return Template("portal/_why.html", context=await _why(tx, principal.user_id, gates, number))

    @get("/matching")
    async def switch(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep) -> Template:
        return Template("portal/_matching.html", context=await _switch(tx, principal.user_id, gates))

    @post("/matching/{act:str}", status_code=200)
    async def turn(
        self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, act: FromPath[Literal["start", "stop"]]
    ) -> Template:
        """Continuous matching on or off; the seeker's other pages hear of it."""
        await (matching.start if act == "start" else matching.stop)(tx, principal.user_id)
        return Template("portal/_matching.html", context=await _switch(tx, principal.user_id, gates))

    @get("/score")
    async def form(self, tx: TxDep, principal: PrincipalDep) -> Template:
        ready = await seekers.latest_resume(tx, principal.user_id) is not None
        context = {"here": "/portal/matches", "has_resume": ready} | LIMITS
        return Template("portal/score.html", context=context)

    @post("/score", status_code=200)
    async def score(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        gates: GatesDep,
        data: URLEncodedBody[Pasted],
    ) -> Template:
        """Any posting's title and text, scored now; nothing is stored."""
        try:
            if not data.description.strip():
                raise Invalid(
                    errors=[FieldError("description", _("Paste the posting's text: a title says too little."))]
                )
            result = await matching.score_text(
                tx, resources.embedder, seeker_id=principal.user_id, settings=resources.settings,
                title=data.title, description=data.description.replace("\r\n", "\n"),
            )  # fmt: skip
        except (Invalid, Conflict, Unavailable) as error:
            return _refused(error)
        card = explained(result, result, gates)
        context = {"title": data.title.strip(), "score": card, "ring": ring(result.score, gates)}
        return Template("portal/_scored.html", context=context)
