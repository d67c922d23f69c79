"""Runs of words that two texts share: a posting pasted into a resume is not experience. Pure."""

from __future__ import annotations

import re
import zlib

_RUN = 6  # words; shorter runs are shared by texts that don't know each other
_WORD = re.compile(r"[^\W_]+(?:[+#.][^\W_]*)*")
_LEAST = 12  # of fewer runs a share says nothing


def shingles(text: str) -> frozenset[int]:
    """Each run of six words of one line, hashed, the same in every process."""
    return frozenset(run for line in text.split("\n") for run in _runs(line))


def _runs(line: str) -> list[int]:
    words = _WORD.findall(line.casefold())
    return [zlib.crc32(" ".join(words[at : at + _RUN]).encode()) for at in range(len(words) - _RUN + 1)]


def copied(posting: frozenset[int], resume: frozenset[int]) -> float:
    """The share of a posting's runs that stand in the resume too, 0-1."""
    return len(posting & resume) / len(posting) if len(posting) >= _LEAST else 0.0
