"""How long anything may move."""

from __future__ import annotations

import re

from app.web.static import SRC

LONGEST_MOTION = 0.150  # seconds


def test_nothing_moves_for_long() -> None:
    for sheet in SRC.glob("**/*.css"):
        for said in re.findall(r"(?:animation|transition)[a-z-]*:([^;}]+)", sheet.read_text()):
            for number, unit in re.findall(r"(?<![\w#-])(\d*\.?\d+)(ms|s)\b", said):
                assert float(number) / (1000 if unit == "ms" else 1) <= LONGEST_MOTION, f"{sheet.name}: {said}"
