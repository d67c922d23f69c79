"""`/portal/start`: from the sign-up to the first matches, one page a step. Each can be left and taken up again."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, get, post
from litestar.di import Provide
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from app.accounts import audit
from app.bots.match import service as matching
from app.config import Settings
from app.errors import FieldError, Invalid
from app.platform.db import Tx
from app.seekers import service as seekers
from app.seekers import way_in
from app.seekers.types import Seeker
from app.seekers.way_in import Step
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import profile_form, start_views
from app.web.pages.portal_facts import facts_shown
from app.web.pages.portal_parts import GatesDep, provide_gates
from app.web.pages.portal_profile import bank_shown, resumes_shown
from app.words import gettext as _

# Of the whole profile only what is worth asking before the first matches; the rest stays under Profile.
_ASKED: dict[str, tuple[str, ...]] = {
    "wants": (
        "preferences.titles",
        "preferences.places",
        "preferences.remote",
        "preferences.pay_floor",
        "preferences.employment_types",
        "preferences.work_countries",
        "preferences.needs_sponsor",
        "preferences.excluded_employers",
    ),
    "forms": (
        "profile.first_name",
        "profile.last_name",
        "profile.email",
        "profile.phone",
        "profile.location",
        "profile.authorized_to_work",
        "profile.needs_sponsorship",
        "profile.earliest_start",
        "profile.pay_expectation",
    ),
}


async def _extra(tx: Tx, seeker: Seeker, step: Step, settings: Settings) -> dict[str, Any]:
    """What the step's page shows besides its form."""
    if step == "resume":
        return await resumes_shown(tx, seeker.user_id)
    if step == "check":
        return await facts_shown(tx, seeker.user_id)
    if step == "forms":
        return await bank_shown(tx, seeker.user_id)
    if step == "consent":
        told = {"matching_active": seeker.matching_active, "consent_llm": seeker.consent.llm}
        return told | {"llm": bool(settings.llm_url), "live": settings.live_submission}
    return {}


def _asked(seeker: Seeker, step: Step, sent: dict[str, str], errors: list[FieldError]) -> list[profile_form.Field]:
    wrong = {error.path: error.message for error in errors}
    found = {field.name: field for field in profile_form.fields(seeker, sent if errors else {}, wrong)}
    return [found[name] for name in _ASKED.get(step, ())]


async def _page(
    tx: Tx,
    principal: PrincipalDep,
    settings: Settings,
    gates: GatesDep,
    step: Step,
    sent: dict[str, str] | None = None,
    errors: list[FieldError] | None = None,
) -> Template:
    seeker = await seekers.get(tx, principal.user_id)
    way = await start_views.load(tx, principal.user_id)
    context: dict[str, Any] = {"here": "/portal", "step": step, "way": way, "gates": gates, "errors": errors or []}
    context["mark"] = next(mark for mark in way.marks if mark.name == step)
    context["fields"] = _asked(seeker, step, sent or {}, errors or [])
    context |= await _extra(tx, seeker, step, settings)
    return Template("portal/start.html", context=context, status_code=422 if errors else 200)


async def _save(tx: Tx, principal: PrincipalDep, step: Step, sent: dict[str, str]) -> None:
    """Raises Invalid by field."""
    me = principal.user_id
    if step in _ASKED:
        known = await seekers.get(tx, me)
        told = {name: value for name, value in sent.items() if name.startswith(_ASKED[step])}
        patch = profile_form.patch(told, known.profile.links)
        await seekers.update(tx, me, {part: patch[part] for part in ("profile", "preferences") if patch[part]})
    elif step == "consent":
        await _consent(tx, principal, sent)


async def _consent(tx: Tx, principal: PrincipalDep, sent: dict[str, str]) -> None:
    """Said once, noted with what was said; it can be changed under Profile at any time."""
    if sent.get("how") not in ("auto", "ask"):
        raise Invalid(errors=[FieldError("how", _("Choose one of the two: apply for you, or wait for your word."))])
    me, by_itself, llm = principal.user_id, sent["how"] == "auto", sent.get("consent_llm") == "yes"
    await seekers.update(tx, me, {"consent": {"llm": llm}})
    await (matching.start if by_itself else matching.stop)(tx, me)
    said = {"by_itself": by_itself, "llm": llm}
    await audit.record(tx, actor=me, action="consent.said", subject_type="user", subject_id=me, data=said)


class StartController(Controller):
    """The steps and their forms."""

    path = "/portal/start"
    include_in_schema = False
    guards = (requires("seeker"),)
    dependencies = {"gates": Provide(provide_gates)}  # noqa: RUF012 - the framework's own attribute

    @get("/")
    async def start(self, tx: TxDep, principal: PrincipalDep) -> Redirect:
        """Where it was left."""
        await way_in.begin(tx, principal.user_id)
        way = await start_views.load(tx, principal.user_id)
        return Redirect(f"/portal/start/{way.next}", status_code=303)

    @get("/resume/next")
    async def ready(self, tx: TxDep, principal: PrincipalDep) -> Template:
        """The first step's button, once the resume has been read."""
        context = {"way": await start_views.load(tx, principal.user_id)} | await resumes_shown(tx, principal.user_id)
        return Template("portal/_start_ready.html", context=context)

    @get("/{step:str}")
    async def page(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, gates: GatesDep, step: FromPath[Step]
    ) -> Template:
        return await _page(tx, principal, resources.settings, gates, step)

    @post("/{step:str}", status_code=200)
    async def go_on(
        self,
        request: Request[Any, Any, Any],
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        gates: GatesDep,
        step: FromPath[Step],
        data: URLEncodedBody[dict[str, str]],
    ) -> Template | Redirect:
        """Keep what was said, or put the step off, and go on to the next; after the last to the matches."""
        later = bool(data.get("later"))
        try:
            if not later:
                await _save(tx, principal, step, data)
        except Invalid as error:
            return await _page(tx, principal, resources.settings, gates, step, data, error.errors)
        await way_in.mark(tx, principal.user_id, step, "later" if later else "done")
        following = start_views.after(step)
        return Redirect(f"/portal/start/{following}" if following else "/portal/matches", status_code=303)
