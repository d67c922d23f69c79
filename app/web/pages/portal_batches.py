"""Several matches applied for at once: first what will be sent to whom, then how it goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from app.applications import batches
from app.applications import service as applications
from app.applications.batches import FREE, Plan
from app.bots.match import service as matching
from app.config import Settings
from app.errors import Invalid
from app.platform.db import Tx
from app.postings import service as postings
from app.seekers import service as seekers
from app.web import batching
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.words import gettext as _

# Gentle to the employers' sites, and slow enough to be stopped half-way.
PLAN = Plan(max_concurrent=3, delay_seconds=30)


def _numbers(sent: dict[str, str]) -> list[int]:
    """The postings ticked: fields are named `job.NUMBER`."""
    told = [name.removeprefix("job.") for name in sent if name.startswith("job.")]
    found = [int(number) for number in told if number.isdecimal() and len(number) < 10]
    if not found:
        raise Invalid(_("Select at least one posting."))
    return found[: batches.MOST]


async def _preview(tx: Tx, me: UUID, numbers: list[int], left: int) -> dict[str, Any]:
    """Each posting with what becomes of it, and what is sent."""
    lines, seeker = [], await seekers.get(tx, me)
    for number in dict.fromkeys(numbers):
        posting = await postings.by_number(tx, number)
        app = await applications.of_pair(tx, me, posting.id)
        match = await matching.match(tx, me, posting.id)
        why = batches.CLOSED if posting.state != "open" else batches.ALREADY if app and app.status not in FREE else ""
        lines.append({"posting": posting, "why": why, "score": int(match.score) if match else None})
    goes = [line for line in lines if not line["why"]]
    resume = await seekers.latest_resume(tx, me)
    return {"lines": lines, "goes": goes, "left": left, "resume": resume, "plan": PLAN, "profile": seeker.profile}


async def _shown(tx: Tx, me: UUID, settings: Settings, batch_id: UUID | None) -> Template:
    """The batch as it stands; an empty place where there is none."""
    view = await batching.view(tx, me, batch_id) if batch_id else None
    left = await batching.left_today(tx, me, settings)
    return Template("portal/_batch.html", context={"view": view, "left": left})


class BatchesController(Controller):
    """`/portal/batches` and its parts."""

    path = "/portal/batches"
    include_in_schema = False
    guards = (requires("seeker"),)

    @post("/preview", status_code=200)
    async def preview(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: URLEncodedBody[dict[str, str]]
    ) -> Template:
        """What will be sent to whom. Nothing is kept yet."""
        left = await batching.left_today(tx, principal.user_id, resources.settings)
        context = await _preview(tx, principal.user_id, _numbers(data), left)
        context["live"] = resources.settings.live_submission
        return Template("portal/_batch_confirm.html", context=context)

    @post("/", status_code=200)
    async def begin(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: URLEncodedBody[dict[str, str]]
    ) -> Template:
        """Begin. A second press finds the first one's applications and sends nothing twice."""
        view = await batching.begin(tx, principal.user_id, _numbers(data), PLAN, resources.settings)
        return await _shown(tx, principal.user_id, resources.settings, view.batch.id)

    @get("/current")
    async def current(self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Template:
        """The batch that is under way; an empty place where none is."""
        found = await batches.latest_open(tx, principal.user_id)
        return await _shown(tx, principal.user_id, resources.settings, found.id if found else None)

    @get("/{batch_id:uuid}")
    async def part(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, batch_id: FromPath[UUID]
    ) -> Template:
        return await _shown(tx, principal.user_id, resources.settings, batch_id)

    @post("/{batch_id:uuid}/cancel", status_code=200)
    async def cancel(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, batch_id: FromPath[UUID]
    ) -> Template:
        """What has not begun never does."""
        await batches.cancel(tx, principal.user_id, batch_id)
        return await _shown(tx, principal.user_id, resources.settings, batch_id)
