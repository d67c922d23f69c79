"""The seeker's matches: the list with its filters, and each match as a card that acts in place."""

from __future__ import annotations

from typing import Any, Literal, cast
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from app.applications import service as applications
from app.bots.match import feedback
from app.bots.match import service as matching
from app.bots.match.shown import Shown
from app.errors import NotFound
from app.platform.db import Tx
from app.postings import service as postings
from app.seekers import service as seekers
from app.web.applying import ApplyOptions, apply, ask_for_review
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires
from app.web.pages.gates import Gates
from app.web.pages.match_cards import match_card
from app.web.pages.portal_parts import GatesDep, card_of, has_resume, provide_gates
from app.words import gettext as _
from app.words import later

PAGE = 30
SHOWS = {"all": later("All"), "new": later("New"), "taken": later("Applied for"), "down": later("Not for me")}
REMOTE = {"": later("Anywhere"), "remote": later("Remote"), "site": later("On site")}
SCORES = {"": later("Any score"), "70": later("70 and up"), "80": later("80 and up"), "90": later("90 and up")}
_SHOWN = {
    "all": Shown(disliked=False),
    "new": Shown(taken=False, disliked=False),
    "taken": Shown(taken=True),
    "down": Shown(disliked=True),
}


class Asked(msgspec.Struct, frozen=True):
    """What the list is narrowed to; what isn't known asks nothing."""

    show: str
    remote: str
    score: str

    @property
    def shown(self) -> Shown:
        return msgspec.structs.replace(_SHOWN[self.show], remote={"remote": True, "site": False}.get(self.remote))

    @property
    def query(self) -> str:
        """As it stands in an address; empty where nothing is asked."""
        told = {"show": self.show if self.show != "all" else "", "remote": self.remote, "score": self.score}
        return urlencode({name: value for name, value in told.items() if value})


AskedDep = NamedDependency[Asked]


async def provide_asked(show: FromQuery[str] = "all", remote: FromQuery[str] = "", score: FromQuery[str] = "") -> Asked:
    return Asked(show if show in SHOWS else "all", remote if remote in REMOTE else "", score if score in SCORES else "")


async def _list(tx: Tx, seeker_id: UUID, gates: Gates, asked: Asked, after: str) -> dict[str, Any]:
    least = max(gates.floor, float(asked.score or 0))
    found = await matching.matches_of(tx, seeker_id, least, after or None, PAGE, shown=asked.shown)
    ids = [match.posting_id for match in found.items]
    taken = await applications.by_postings(tx, seeker_id, ids)
    thumbs = await feedback.of(tx, seeker_id, ids)
    items = [
        {
            "match": match_card(m, gates, thumbs.get(m.posting_id, "")),
            "card": await card_of(tx, taken[m.posting_id], gates) if m.posting_id in taken else None,
        }
        for m in found.items
    ]
    context = {"items": items, "more": found.next_cursor, "has_resume": await has_resume(tx, seeker_id)}
    return context | {"asked": asked, "after": after, "shows": SHOWS, "remotes": REMOTE, "scores": SCORES}


async def match_part(tx: Tx, seeker_id: UUID, gates: Gates, number: int) -> Template:
    """The card of one posting: the match, or the application that came of it."""
    posting = await postings.by_number(tx, number)
    app = await applications.of_pair(tx, seeker_id, posting.id)
    if app is not None:
        return Template("portal/_card.html", context={"card": await card_of(tx, app, gates)})
    match = await matching.match(tx, seeker_id, posting.id)
    if match is None:
        raise NotFound(_("This posting is no longer among your matches."), posting=str(posting.id))
    thumb = (await feedback.of(tx, seeker_id, [posting.id])).get(posting.id, "")
    return Template("portal/_match.html", context={"match": match_card(match, gates, thumb)})


async def _thumb(tx: Tx, seeker_id: UUID, number: int, act: str) -> None:
    posting = await postings.by_number(tx, number)
    if act == "undo":
        await feedback.take_back(tx, seeker_id, posting.id)
    else:
        await feedback.give(tx, seeker_id, posting.id, cast("Literal['up', 'down']", act))


class MatchesController(Controller):
    """`/portal/matches` and its parts."""

    path = "/portal/matches"
    include_in_schema = False
    guards = (requires("seeker"),)
    dependencies = {"gates": Provide(provide_gates), "asked": Provide(provide_asked)}  # noqa: RUF012 - the framework's own attribute

    @get("/")
    async def page(
        self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, asked: AskedDep, after: FromQuery[str] = ""
    ) -> Template:
        active = (await seekers.get(tx, principal.user_id)).matching_active
        context = {"here": "/portal/matches", "matching_active": active, "gates": gates}
        context |= await _list(tx, principal.user_id, gates, asked, after)
        return Template("portal/matches.html", context=context)

    @get("/list")
    async def part(
        self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, asked: AskedDep, after: FromQuery[str] = ""
    ) -> Template:
        return Template("portal/_matches.html", context=await _list(tx, principal.user_id, gates, asked, after))

    @get("/{number:int}")
    async def match(self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int]) -> Template:
        return await match_part(tx, principal.user_id, gates, number)

    @post("/{number:int}/{act:str}", status_code=200)
    async def act(
        self, tx: TxDep, principal: PrincipalDep, gates: GatesDep, number: FromPath[int], act: FromPath[str]
    ) -> Template:
        """`apply`: the bot goes ahead; `review`: a person looks first; `up`, `down`, `undo`: the seeker's thumb.

        Answers the card that comes of it.
        """
        me = principal.user_id
        if act == "apply":
            await apply(tx, me, number, ApplyOptions())
        elif act == "review":
            await ask_for_review(tx, me, number)
        elif act in ("up", "down", "undo"):
            await _thumb(tx, me, number, act)
        else:
            raise NotFound(_("There is nothing at this address."))
        return await match_part(tx, me, gates, number)
