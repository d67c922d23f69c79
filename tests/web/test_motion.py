"""How much we send: our own JavaScript in all, as it goes over the wire; and how long anything may move."""

from __future__ import annotations

import gzip
import re

from app.web.static import SRC

OUR_JAVASCRIPT = 25_000  # bytes of gzip, all modules together
LONGEST_MOTION = 0.150  # seconds


def test_our_own_javascript_is_small() -> None:
    modules = sorted(SRC.glob("**/*.js"))
    weights = {module.name: len(gzip.compress(module.read_bytes(), compresslevel=5)) for module in modules}
    assert len(weights) > 5
    assert sum(weights.values()) < OUR_JAVASCRIPT, weights


def test_nothing_moves_for_long() -> None:
    for sheet in SRC.glob("**/*.css"):
        for said in re.findall(r"(?:animation|transition)[a-z-]*:([^;}]+)", sheet.read_text()):
            for number, unit in re.findall(r"(?<![\w#-])(\d*\.?\d+)(ms|s)\b", said):
                assert float(number) / (1000 if unit == "ms" else 1) <= LONGEST_MOTION, f"{sheet.name}: {said}"
