"""The session's cookie: HttpOnly, SameSite=Lax, and Secure with the `__Host-` prefix behind TLS."""

from __future__ import annotations

from litestar.datastructures import Cookie

from app.config import Settings


def tls(settings: Settings) -> bool:
    return settings.public_url.startswith("https:")


def name(settings: Settings) -> str:
    """`__Host-` keeps a sibling host from planting a cookie of its own."""
    return "__Host-cabrank" if tls(settings) else "cabrank"


def session_cookie(settings: Settings, token: str) -> Cookie:
    return Cookie(key=name(settings), value=token, path="/", httponly=True, samesite="lax", secure=tls(settings))


def gone_cookie(settings: Settings) -> Cookie:
    """Takes the session's cookie away."""
    return Cookie(
        key=name(settings), value="", max_age=0, path="/", httponly=True, samesite="lax", secure=tls(settings)
    )
