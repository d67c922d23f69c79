"""`/api/scales/`: what makes a score a chance, how well each said what people found, and which one is in force."""

from __future__ import annotations

from litestar import Controller, get, post
from litestar.params import FromPath

from app.bots.match import scales
from app.bots.match.scales import ScaleView
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires
from app.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, sliced


class ScalesController(Controller):
    path = "/api/scales"
    tags = ("operations",)
    guards = (requires("operator"),)

    @get("/")
    async def listed(self, tx: TxDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[ScaleView]:
        """The newest first, each with its figures on held-out labels beside those of the one before."""
        return sliced(await scales.every(tx), cursor, limit, lambda one: one.version)

    @post("/refit", status_code=202)
    async def refit(self, tx: TxDep, principal: PrincipalDep) -> None:
        """Learn one now; it is kept only where it is better."""
        await scales.ask_refit(tx, actor=principal.user_id, by_person=True)

    @post("/{version:str}/use", status_code=200)
    async def use(self, tx: TxDep, principal: PrincipalDep, version: FromPath[str]) -> ScaleView:
        """Put this one in force; everything is scored anew, and what was acted on stays as it was."""
        return await scales.use(tx, version, actor=principal.user_id)
