"""Who may call what. Every route declares a rule: `check_rules` refuses to start where one forgot to."""

from __future__ import annotations

from litestar import Litestar
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler

from app.accounts.policy import ROLES, Role
from app.accounts.sessions import Principal
from app.errors import Forbidden, Unauthenticated
from app.web.resources import Connection
from app.words import gettext as _
from app.words import later


class Restricted(Forbidden):
    title = later("Your account is locked")


class Rule:
    """A guard that names the roles it lets through; `None` means everybody, signed in or not."""

    def __init__(self, roles: tuple[Role, ...] | None, *, restricted: bool = False) -> None:
        self.roles = roles
        self.restricted = restricted

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        if self.roles is not None:
            self.check(connection.scope.get("user"))

    def check(self, principal: Principal | None) -> None:
        """Raises Unauthenticated, Forbidden."""
        if principal is None:
            raise Unauthenticated
        if self.roles is None or principal.role not in self.roles:
            raise Forbidden
        if principal.restricted and not self.restricted:
            raise Restricted(_("While it is locked you can read your strikes and file an appeal."))


def requires(*roles: Role, restricted: bool = False) -> Rule:
    """Signed in with one of the roles; a locked employee only where `restricted` is set."""
    return Rule(roles or ROLES, restricted=restricted)


public = Rule(None)
signed_in = Rule(ROLES)
even_restricted = Rule(ROLES, restricted=True)


def rules_of(handler: BaseRouteHandler) -> list[Rule]:
    """The rules that stand before a handler; all of them must let a request through."""
    return [guard for guard in handler.resolve_guards() if isinstance(guard, Rule)]


def check_rules(app: Litestar) -> None:
    """Raises ImproperlyConfiguredException naming the routes without a rule."""
    missing = sorted(
        f"{route.path} {handler}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[union-attr]  # HTTP routes have the list, others the one
        if not _is_options(handler) and not isinstance(handler, ASGIRouteHandler) and not rules_of(handler)
    )
    if missing:
        raise ImproperlyConfiguredException(f"routes without a rule (guards=[requires(...)]): {', '.join(missing)}")


def _is_options(handler: BaseRouteHandler) -> bool:
    return getattr(handler, "http_methods", None) == {"OPTIONS"}
