"""The supervisor's page of figures: what goes on now, and what a range of days came to beside the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Controller, get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template

from app.dispatch import service as dispatch
from app.errors import Invalid
from app.insight import figures, kpis
from app.insight.buckets import Range
from app.insight.fairness import fairness
from app.platform.db import Tx
from app.web import zones
from app.web.deps import TxDep
from app.web.guards import requires
from app.web.pages import fairness_views, kpi_views
from app.web.pages.periods import NAMES, Asked, Cut, Pick, period
from app.words import gettext as _

Start = Annotated[str, QueryParameter(name="from", max_length=10)]
End = Annotated[str, QueryParameter(name="to", max_length=10)]
Zone = Annotated[str, QueryParameter(name="zone", max_length=60)]
Range_ = Annotated[Pick, QueryParameter(name="range")]


def _addresses(asked: Asked, over: Range | None) -> dict[str, Any]:
    """Where the page's parts come from, and the file of the same series."""
    exact = {"from": over.start.isoformat(), "to": over.end.isoformat(), "bucket": over.bucket} if over else {}
    return {
        "asked": asked,
        "query": asked.query(),
        "picks": [(name, words, asked.query(range=name, **{"from": "", "to": ""})) for name, words in NAMES.items()],
        "wall_query": asked.query(wall="" if asked.wall else "1"),
        "file": urlencode(exact | {"zone": asked.zone, "format": "csv"}),
    }


async def _figures(tx: Tx, asked: Asked) -> dict[str, Any]:
    over = period(asked, await dispatch.database_time(tx))
    shown = kpi_views.shown(await kpis.kpis(tx, over), NAMES.get(asked.pick, ""))
    spread = fairness_views.panel(await fairness(tx, over.start, over.end), _("the range shown"))
    context = {"shown": shown, "zone": over.zone, "bucket": over.bucket, "fairness": spread}
    return context | _addresses(asked, over)


def _checked(asked: Asked, now: datetime) -> tuple[Range | None, str]:
    """The range, or what is wrong with it in a sentence."""
    try:
        return period(asked, now), ""
    except Invalid as why:
        return None, " ".join(error.message for error in why.errors) or why.detail


class KpisController(Controller):
    """`/kpis` and its parts. Each part takes the page's own query."""

    path = "/kpis"
    include_in_schema = False
    guards = (requires("supervisor"),)

    @get("/")
    async def page(
        self,
        tx: TxDep,
        pick: Range_ = "7",
        start: Start = "",
        end: End = "",
        bucket: FromQuery[Cut] = "",
        zone: Zone = "",
        wall: FromQuery[bool] = False,
    ) -> Template:
        """The frame at once; the figures follow by themselves, for a long range takes its time."""
        asked = Asked(pick=pick, start=start, end=end, bucket=bucket, zone=zone or zones.name(), wall=wall)
        over, problem = _checked(asked, await dispatch.database_time(tx))
        context = {"here": "/kpis", "problem": problem}
        name = "kpis/wall.html" if wall else "kpis/index.html"
        return Template(name, context=context | _addresses(asked, over), status_code=400 if problem else 200)

    @get("/live")
    async def live(self, tx: TxDep) -> Template:
        return Template("kpis/_live.html", context={"live": await figures.live(tx, pools=True)})

    @get("/figures")
    async def figures(
        self,
        tx: TxDep,
        pick: Range_ = "7",
        start: Start = "",
        end: End = "",
        bucket: FromQuery[Cut] = "",
        zone: Zone = "",
        wall: FromQuery[bool] = False,
    ) -> Template:
        asked = Asked(pick=pick, start=start, end=end, bucket=bucket, zone=zone or zones.name(), wall=wall)
        return Template("kpis/_figures.html", context=await _figures(tx, asked))
