"""Where a Chromium is: the setting, an installed one, Playwright's own. Standard library only: set-up uses it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

# What a window starts though nobody sees it: two renderers for the address bar, and one in reserve. 0.7 s of CPU and
# 150 MB for each context.
UNSEEN = "WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def _playwrights_own() -> list[Path]:
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/**/MacOS/*")
    return sorted(path for pattern in patterns for path in Path(folder).glob(pattern))


def find(configured: str | None) -> Path | None:
    """The Chromium to start, or None. A configured one that can't be run counts as none: it is never passed over."""
    if configured:
        found = shutil.which(configured)
        return Path(found) if found else None
    installed = [Path(path) for path in map(shutil.which, _NAMES) if path]
    own = [path for path in _playwrights_own() if os.access(path, os.X_OK)]
    return next(iter([*installed, *own[::-1]]), None)
