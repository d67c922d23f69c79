"""Where the templates and static files lie: beside the package, in a checkout and in an image alike."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
