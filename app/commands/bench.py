"""`cabrank bench NAME`: each measurement is a module of app/bench with `run(environ, as_json)`."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Mapping

from app.errors import NotFound


def names() -> list[str]:
    """The measurements that exist."""
    try:
        package = importlib.import_module("app.bench")
    except ModuleNotFoundError:
        return []
    found = [module.name for module in pkgutil.iter_modules(package.__path__) if not module.ispkg]
    return sorted(name.replace("_", "-") for name in found)


def bench(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    known = names()
    if given.name not in known:
        raise NotFound(f"There is no measurement {given.name!r}; there is {', '.join(known) or 'none yet'}")
    module = importlib.import_module(f"app.bench.{given.name.replace('-', '_')}")
    code: int = module.run(environ, as_json=given.json)
    return code
