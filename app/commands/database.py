"""`cabrank migrate`, and the migration step of `cabrank up`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from app.process import settings_of


def migrate(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from app.platform.migrate import upgrade

    settings = settings_of(environ)
    upgrade(str(settings.database_url))
    print("the database is at this version")
    return 0
