"""Settings, read once from the environment. A wrong value stops the start with one line."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec


class ConfigError(Exception):
    """One line: the variable, what it got, what it takes."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of contracts.md §6, with its default. Seconds unless the name says otherwise."""

    home: Path
    database_url: str | None = None
    redis_url: str | None = None
    object_store_url: str | None = None
    bind: str = "127.0.0.1:8000"
    public_url: str = "http://127.0.0.1:8000"
    secret_keys: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    auto_apply_score: int = 90
    review_floor: int = 60
    daily_applications: int = 20
    sla_seconds: int = 1200
    sla_small_seconds: int = 900
    sla_warning_seconds: int = 300
    heartbeat_seconds: int = 10
    presence_ttl_seconds: int = 35
    delivery_grace_seconds: int = 10
    disconnect_grace_seconds: int = 180
    strike_warning: int = 3
    strike_lock: int = 4
    strike_days: int = 30
    match_seconds: int = 300
    status_seconds: int = 300
    email_seconds: int = 180
    ats_seconds: int = 600
    analytics_seconds: int = 900
    live_submission: bool = False
    practice_origin: str | None = None
    practice_bind: str = "127.0.0.1:8099"
    llm_url: str | None = None
    llm_model: str | None = None
    llm_key: str | None = None
    embedding_model: str | None = None
    chromium: str | None = None
    log_format: str = "auto"

    @property
    def run_dir(self) -> Path:
        """Sockets and pid files; 0700."""
        return self.home / "run"

    @property
    def embedder_socket(self) -> Path:
        return self.run_dir / "embedder.sock"

    def __repr__(self) -> str:  # secrets never reach a log by way of a repr
        return f"Settings(home={self.home!s}, bind={self.bind!r})"


Reader = Callable[[str], Any]


def _whole(low: int, high: int) -> Reader:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def _switch(text: str) -> bool:
    words = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}
    if text.lower() not in words:
        raise ValueError("on or off")
    return words[text.lower()]


def _url(*schemes: str) -> Reader:
    takes = f"a URL that starts with {' or '.join(s + '://' for s in schemes)}"

    def read(text: str) -> str:
        try:
            parts = urlsplit(text)
        except ValueError:
            raise ValueError(takes) from None
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(takes)
        return text.rstrip("/") if parts.scheme.startswith("http") else text

    return read


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("host:port, such as 127.0.0.1:8000")
    return text


def is_loopback(host: str) -> bool:
    """Whether a host name or a literal address is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _on_loopback(reader: Reader) -> Reader:
    """What `reader` takes, on this machine: the practice board is for nobody else, and bots reach it past the guard."""

    def read(text: str) -> str:
        value: str = reader(text)
        if not is_loopback(urlsplit(value if "://" in value else f"//{value}").hostname or ""):
            raise ValueError("a loopback address such as 127.0.0.1:8099")
        return value

    return read


def _keys(text: str) -> tuple[str, ...]:
    keys = _list(text)
    try:
        good = all(len(base64.urlsafe_b64decode(key)) == 32 for key in keys)
    except (binascii.Error, ValueError):
        good = False
    if not good:
        raise ValueError("Fernet keys with commas between them: 32 bytes each, in URL-safe base64")
    return keys


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _one_of(*words: str) -> Reader:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(" or ".join(words))
        return text

    return read


_SECONDS = _whole(1, 86_400)
_READERS: dict[str, tuple[str, Reader]] = {
    "DATABASE_URL": ("database_url", _url("postgresql", "postgres", "postgresql+asyncpg")),
    "REDIS_URL": ("redis_url", _url("redis", "rediss", "unix")),
    "OBJECT_STORE_URL": ("object_store_url", _url("s3", "gs", "az", "file")),
    "CABRANK_HOME": ("home", Path),
    "CABRANK_BIND": ("bind", _address),
    "CABRANK_PUBLIC_URL": ("public_url", _url("http", "https")),
    "CABRANK_SECRET_KEYS": ("secret_keys", _keys),
    "CABRANK_ALLOWED_ORIGINS": ("allowed_origins", _list),
    "CABRANK_AUTO_APPLY_SCORE": ("auto_apply_score", _whole(0, 100)),
    "CABRANK_REVIEW_FLOOR": ("review_floor", _whole(0, 100)),
    "CABRANK_DAILY_APPLICATIONS": ("daily_applications", _whole(0, 1000)),
    "CABRANK_STRIKE_WARNING": ("strike_warning", _whole(1, 100)),
    "CABRANK_STRIKE_LOCK": ("strike_lock", _whole(1, 100)),
    "CABRANK_STRIKE_DAYS": ("strike_days", _whole(1, 3650)),
    "CABRANK_LIVE_SUBMISSION": ("live_submission", _switch),
    "CABRANK_PRACTICE_ORIGIN": ("practice_origin", _on_loopback(_url("http", "https"))),
    "CABRANK_PRACTICE_BIND": ("practice_bind", _on_loopback(_address)),
    "CABRANK_LLM_URL": ("llm_url", _url("http", "https")),
    "CABRANK_LLM_MODEL": ("llm_model", str),
    "CABRANK_LLM_KEY": ("llm_key", str),
    "CABRANK_EMBEDDING_MODEL": ("embedding_model", str),
    "CABRANK_CHROMIUM": ("chromium", str),
    "CABRANK_LOG_FORMAT": ("log_format", _one_of("auto", "json", "people")),
}
_READERS.update(
    (f"CABRANK_{name.upper()}", (name, _SECONDS))
    for name in (
        "sla_seconds",
        "sla_small_seconds",
        "sla_warning_seconds",
        "heartbeat_seconds",
        "presence_ttl_seconds",
        "delivery_grace_seconds",
        "disconnect_grace_seconds",
        "match_seconds",
        "status_seconds",
        "email_seconds",
        "ats_seconds",
        "analytics_seconds",
    )
)


def _read(name: str, text: str) -> tuple[str, Any]:
    field, reader = _READERS[name]
    try:
        return field, reader(text)
    except ValueError as why:
        shown = "(hidden)" if name.endswith(("_KEY", "_KEYS", "_URL")) else repr(text)
        raise ConfigError(f"{name}: got {shown}, takes {why}") from None


def _consistent(settings: Settings) -> Settings:
    if settings.presence_ttl_seconds < 3 * settings.heartbeat_seconds + 5:
        need = 3 * settings.heartbeat_seconds + 5
        raise ConfigError(
            f"CABRANK_PRESENCE_TTL_SECONDS: got {settings.presence_ttl_seconds}, takes at least {need}"
            " (three heartbeats and 5 s, so that one lost beat takes nobody offline)"
        )
    if settings.sla_warning_seconds >= min(settings.sla_seconds, settings.sla_small_seconds):
        raise ConfigError(
            f"CABRANK_SLA_WARNING_SECONDS: got {settings.sla_warning_seconds},"
            " takes less than CABRANK_SLA_SECONDS and CABRANK_SLA_SMALL_SECONDS"
        )
    if settings.review_floor > settings.auto_apply_score:
        raise ConfigError(
            f"CABRANK_REVIEW_FLOOR: got {settings.review_floor},"
            f" takes at most CABRANK_AUTO_APPLY_SCORE ({settings.auto_apply_score})"
        )
    return settings


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Empty values count as unset. Raises ConfigError with one line."""
    given = dict(_read(name, environ[name]) for name in _READERS if environ.get(name))
    given["home"] = Path(given.get("home", "var")).absolute()
    given.setdefault("public_url", f"http://{given.get('bind', '127.0.0.1:8000')}")
    return _consistent(Settings(**given))
