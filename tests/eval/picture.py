"""How far the score parts occupations, drawn: one row of bars for the same, adjacent and distant ones."""

from __future__ import annotations

from collections.abc import Sequence

from app.bots.match.ranking import Score
from tests.eval.occupations import Side, relation

_COLOURS = {"same": "#2f7d4f", "adjacent": "#b7791f", "distant": "#a94442"}
_WIDTH, _HEIGHT, _LEFT, _BINS = 720, 120, 90, 20


def separation(done: Sequence[tuple[Side, Side, Score]]) -> str:
    """An SVG: of each relation, the share of its pairs in each twentieth of the scores."""
    rows = [_row(n, name, _shares(done, name)) for n, name in enumerate(_COLOURS)]
    gate = _LEFT + _WIDTH * 0.9
    height = len(rows) * _HEIGHT + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 20} {height}" '
        f'font-family="sans-serif" font-size="13">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join(rows)
        + f'\n<line x1="{gate}" x2="{gate}" y1="0" y2="{height - 30}" stroke="#333" stroke-dasharray="4 3"/>'
        + "".join(_tick(score, height) for score in range(0, 101, 10))
        + "\n</svg>\n"
    )


def _shares(done: Sequence[tuple[Side, Side, Score]], name: str) -> list[float]:
    scores = [score.score for posting, resume, score in done if relation(posting.occupation, resume.occupation) == name]
    counts = [0] * _BINS
    for score in scores:
        counts[min(_BINS - 1, int(score / 100 * _BINS))] += 1
    return [count / max(1, len(scores)) for count in counts]


def _row(number: int, name: str, shares: list[float]) -> str:
    bottom, step = (number + 1) * _HEIGHT, _WIDTH / _BINS
    bars = "".join(
        f'<rect x="{_LEFT + at * step + 1:.1f}" width="{step - 2:.1f}" y="{bottom - share * 100:.1f}" '
        f'height="{share * 100:.1f}" fill="{_COLOURS[name]}"/>'
        for at, share in enumerate(shares)
    )
    return f'<text x="8" y="{bottom - 8}">{name}</text>{bars}'


def _tick(score: int, height: int) -> str:
    return f'<text x="{_LEFT + _WIDTH * score / 100 - 8}" y="{height - 10}">{score}</text>'
