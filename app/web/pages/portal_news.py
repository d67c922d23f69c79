"""What happened since the seeker last looked, with a badge; and their weeks in sentences and one small chart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import URLEncodedBody
from litestar.response import Template

from app.errors import Invalid
from app.insight import news, own_weeks
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.seekers import way_in
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires
from app.web.pages import news_views, portal_device
from app.words import gettext as _


async def _seen_at(tx: Tx, seeker_id: UUID) -> Any:
    found = await way_in.load(tx, seeker_id)
    return found.news_seen_at if found else None


async def _list(tx: Tx, seeker_id: UUID) -> dict[str, Any]:
    found = await news.of_seeker(tx, seeker_id, await _seen_at(tx, seeker_id))
    found = sorted(found, key=lambda one: not one.asks)  # what waits for the seeker stands on top until it is done
    return {"news": [news_views.line(one) for one in found], "until": utcnow().isoformat()}


class NewsController(Controller):
    """`/portal/news`, its badge, and `/portal/progress`."""

    path = "/portal"
    include_in_schema = False
    guards = (requires("seeker"),)

    @get("/bell")
    async def bell(self, tx: TxDep, principal: PrincipalDep) -> Template:
        """How much is unread, of what is worth reading."""
        count = await news.unread(tx, principal.user_id, await _seen_at(tx, principal.user_id))
        return Template("portal/_bell.html", context={"unread": count})

    @get("/news")
    async def page(self, tx: TxDep, principal: PrincipalDep) -> Template:
        context = {"here": "/portal/news"} | portal_device.looking() | await _list(tx, principal.user_id)
        return Template("portal/news.html", context=context)

    @get("/news/list")
    async def part(self, tx: TxDep, principal: PrincipalDep) -> Template:
        return Template("portal/_news.html", context=await _list(tx, principal.user_id))

    @post("/news/read", status_code=204)
    async def read(self, tx: TxDep, principal: PrincipalDep, data: URLEncodedBody[dict[str, str]]) -> Response[None]:
        """All that was on the page; what came since stays unread."""
        moment = news_views.moment(data.get("until", ""))
        if moment is None:
            raise Invalid(_("This names no moment."))
        await way_in.news_read(tx, principal.user_id, min(moment, utcnow()))
        return Response(None, status_code=204, headers={"HX-Trigger": "news-read"})

    @get("/progress")
    async def progress(self, tx: TxDep, principal: PrincipalDep) -> Template:
        found = await own_weeks.of_seeker(tx, principal.user_id)
        context = {"here": "/portal", "weeks": found, "says": news_views.sentences(found)}
        return Template("portal/progress.html", context=context | {"chart": news_views.chart(found.weeks)})
