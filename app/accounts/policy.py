"""Rules of accounts without I/O: what a mail address and a password look like, how long a session lives."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal, get_args

from app.errors import FieldError, Invalid
from app.words import gettext as _

Role = Literal["seeker", "employee", "supervisor", "operator"]
Kind = Literal["cookie", "bearer", "ticket"]

ROLES: tuple[Role, ...] = get_args(Role)
LIFETIMES: dict[Kind, timedelta] = {
    "cookie": timedelta(hours=12),
    "bearer": timedelta(hours=24),
    "ticket": timedelta(seconds=30),
}
PASSWORD_MIN, PASSWORD_MAX = 8, 200
_EMAIL = re.compile(r"[^@\s\"<>(),;:\\]{1,64}@[^@\s\"<>(),;:\\]{1,190}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def clean_email(text: str) -> str:
    """The address in lower case. Raises Invalid."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email) or email.endswith(".") or ".." in email:
        raise Invalid(errors=[FieldError("email", _("This isn't a mail address."))])
    return email


def clean_name(text: str) -> str:
    """One line of 1 to 200 characters. Raises Invalid."""
    name = " ".join(_UNPRINTABLE.sub(" ", text).split())
    if not 1 <= len(name) <= 200:
        raise Invalid(errors=[FieldError("name", _("Give a name of 1 to 200 characters."))])
    return name


def check_password(text: str) -> None:
    """Raises Invalid when the password is too short, or so long that hashing it would be an attack."""
    if not PASSWORD_MIN <= len(text) <= PASSWORD_MAX:
        raise Invalid(
            errors=[
                FieldError(
                    "password",
                    _(
                        "Use %(password_min)s to %(password_max)s characters.",
                        password_min=PASSWORD_MIN,
                        password_max=PASSWORD_MAX,
                    ),
                )
            ]
        )


def check_role(text: str) -> Role:
    """The role, or Invalid."""
    for role in ROLES:
        if role == text:
            return role
    raise Invalid(errors=[FieldError("role", _("Choose one of %(roles)s.", roles=", ".join(ROLES)))])
