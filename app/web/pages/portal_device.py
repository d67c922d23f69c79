"""The switch "Tell me on this device": the browser says what it can and may, and gets the words for it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Controller, post
from litestar.params import URLEncodedBody
from litestar.response import Template
from msgspec import Meta

from app.accounts.sessions import Principal
from app.errors import AppError, FieldError, Invalid
from app.platform.db import Tx
from app.platform.egress.guard import Guard
from app.push import service as push
from app.push.service import Device
from app.web import limits
from app.web.deps import AnyRequest, PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.resources import Resources
from app.words import gettext as _
from app.words import later

# What a browser lets nobody switch on, with what there is to do about it.
_HEADS: Final[dict[str, str]] = {
    "denied": later("Blocked by this browser"),
    "insecure": later("This address is not secure"),
    "cannot": later("This browser can't be told"),
}
_SAYS: Final[dict[str, str]] = {
    "on": later(
        "On. What the bell counts is told on this device, too, even while Cabrank is closed. Signing out ends it."
    ),
    "off": later(
        "Off. An employer's answer or a question for you can be told on this device, even while Cabrank is closed."
    ),
    "denied": later(
        "Open the settings of this site (the sign beside the address), allow notifications and load this page again. "
        "A private window always blocks them. Until then your news is here."
    ),
    "insecure": later(
        "Browsers show notifications only over https. Ask whoever runs Cabrank. Until then your news is here."
    ),
    "cannot": later("It has no push notifications. Another browser may have them. Until then your news is here."),
}
_WRONG: Final[dict[str, str]] = {
    "granted": later("Still off: this browser could not reach its notification service. Try again in a moment."),
    "default": later("Still off: the browser's question was closed. Switch it on again and choose Allow."),
}


class Said(msgspec.Struct, frozen=True):
    """What the page says: the act, what the browser lets it do, and the subscription that the browser has or had.

    `look`: only ask how it stands. `can`: the permission; or, where there is no push, whether the address is secure.
    """

    act: Literal["look", "on", "off"]
    can: Literal["granted", "default", "denied"] | bool
    device: Device | None = None

    def state(self) -> str:
        """The permission, or why there is none to ask for."""
        if isinstance(self.can, bool):
            return "cannot" if self.can else "insecure"
        return self.can


class Turned(msgspec.Struct):
    """The page's form: what it says, as JSON."""

    said: Annotated[str, Meta(max_length=4000)]


def read(text: str) -> Said:
    """Raises Invalid for what the page doesn't say."""
    try:
        return msgspec.json.decode(text, type=Said)
    except msgspec.DecodeError:  # a ValidationError is one
        raise Invalid(errors=[FieldError("said", _("This is not a browser's subscription."))]) from None


def looking() -> dict[str, str]:
    """Before the browser was asked: as high as what comes, so that the news below doesn't jump."""
    return {"state": "looking", "head": "", "says": _("Asking this browser what it can do for you …"), "key": ""}


def shown(can: str, *, on: bool, wrong: str = "") -> dict[str, Any]:
    """What the part says. Pure."""
    if can in _HEADS:
        return {"state": can, "head": _(_HEADS[can]), "says": _(_SAYS[can])}
    state = "on" if on else "off"
    return {"state": state, "head": "", "says": wrong or _(_SAYS[state])}


class DeviceController(Controller):
    """`/portal/device`."""

    path = "/portal/device"
    include_in_schema = False
    guards = (requires("seeker"),)

    @post("/", status_code=200)
    async def turn(
        self,
        request: AnyRequest,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        data: URLEncodedBody[Turned],
    ) -> Template:
        """Switch it on or off, or look; the answer is the switch as it stands now."""
        said, wrong = read(data.said), ""
        if said.act == "on":
            wrong = await _on(request, tx, principal, resources, said)
        elif said.act == "off" and said.device is not None:
            await push.forget(tx, principal.user_id, said.device.endpoint)
        on = await _is_on(tx, principal, said.device)
        context = shown(said.state(), on=on, wrong=wrong) | {"key": await push.public_key(tx, resources.vault)}
        return Template("portal/_device.html", context=context)


async def _on(request: AnyRequest, tx: Tx, principal: Principal, resources: Resources, said: Said) -> str:
    """What is wrong with it, in words; nothing where it is on."""
    if said.device is None:
        return _(_WRONG.get(said.state(), ""))
    try:
        await limits.push(request, principal.user_id)
        await push.subscribe(
            tx,
            resources.vault,
            Guard(resources.settings.practice_origin),
            seeker_id=principal.user_id,
            session_id=principal.session_id,
            device=said.device,
        )
    except AppError as why:
        told = " ".join(error.message for error in why.errors) or why.detail
        return _("Still off: %(why)s", why=told)
    return ""


async def _is_on(tx: Tx, principal: Principal, device: Device | None) -> bool:
    return device is not None and await push.seen(tx, principal.user_id, principal.session_id, device.endpoint)
