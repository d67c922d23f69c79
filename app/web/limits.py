"""Limits on who tries what how often, shared by all processes."""

from __future__ import annotations

from typing import Any

from litestar import Request


async def sign_in(request: Request[Any, Any, Any], email: str) -> None:
    """Raises RateLimited."""


async def sign_up(request: Request[Any, Any, Any]) -> None:
    """Raises RateLimited."""
