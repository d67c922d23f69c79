"""The operator's list of scales, a part of the page of operations."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app.bots.match import scales, score_labels
from app.bots.match.scale import Quality
from app.bots.match.scales import ScaleView
from app.platform.db import Tx
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires
from app.web.pages.toasts import toast
from app.words import gettext as _
from app.words import later

SHOWN = 12
# The parts of a score, as the panel names the weights of a scale.
PARTS = (
    later("requirements"),
    later("work"),
    later("title"),
    later("years"),
    later("education"),
    later("language"),
)
WORDS = {
    "active": later("in force"),
    "candidate": later("better, waits for you"),
    "retired": later("was in force"),
    "refused": later("not better"),
}


def figures(one: ScaleView) -> list[tuple[str, str, str]]:
    """(what, before, after) for each figure, in words; none of the packaged scale."""
    if one.before is None or one.after is None:
        return []
    return list(zip((_("log loss"), _("right at 90"), _("AUC")), _words(one.before), _words(one.after), strict=True))


def _words(quality: Quality) -> tuple[str, str, str]:
    return (
        f"{quality.log_loss:.3f}",
        _("%(good)s of %(all)s", good=quality.auto_good, all=quality.auto),
        f"{quality.auc:.3f}",
    )


async def context(tx: Tx) -> dict[str, Any]:
    """What the panel shows."""
    found = await scales.every(tx)
    shown = found if len(found) <= SHOWN else [*found[: SHOWN - 1], found[-1]]
    counts = score_labels.counts(await score_labels.to_learn_from(tx))
    needed = {"all": score_labels.LEAST, "each": score_labels.LEAST_OF_A_KIND}
    told = [(one, figures(one)) for one in shown]
    return {"scales": told, "scale_words": WORDS, "labels": counts, "needed": needed}


class ScalesPage(Controller):
    path = "/operations/scales"
    include_in_schema = False
    guards = (requires("operator"),)

    @get("/")
    async def panel(self, tx: TxDep) -> Template:
        return Template("operations/_scales.html", context=await context(tx))

    @post("/refit", status_code=204)
    async def refit(self, tx: TxDep, principal: PrincipalDep) -> Response[None]:
        """Learn one now."""
        await scales.ask_refit(tx, actor=principal.user_id, by_person=True)
        return toast(_("A scale is learned now, and kept only where it is better."))

    @post("/{version:str}/use", status_code=200)
    async def use(self, tx: TxDep, principal: PrincipalDep, version: FromPath[str]) -> Template:
        """Put this one in force."""
        await scales.use(tx, version, actor=principal.user_id)
        return Template("operations/_scales.html", context=await context(tx))
