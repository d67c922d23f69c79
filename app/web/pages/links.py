"""Addresses that others chose, as links. Pure."""

from __future__ import annotations

from typing import Any


def safe_link(url: Any) -> str:
    """Only web addresses become links."""
    return str(url) if str(url or "").startswith(("https://", "http://")) else ""
