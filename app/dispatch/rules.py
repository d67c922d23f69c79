"""The rules of the policy, from the settings."""

from __future__ import annotations

from app.config import Settings
from app.dispatch.policy.types import Rules


def rules_of(settings: Settings) -> Rules:
    """The numbers that people may set; the rest keep the policy's defaults."""
    return Rules(
        sla_seconds=settings.sla_seconds,
        sla_small_seconds=settings.sla_small_seconds,
        sla_warning_seconds=settings.sla_warning_seconds,
        delivery_grace_seconds=settings.delivery_grace_seconds,
        disconnect_grace_seconds=settings.disconnect_grace_seconds,
        strike_warning=settings.strike_warning,
        strike_lock=settings.strike_lock,
        strike_days=settings.strike_days,
    )
