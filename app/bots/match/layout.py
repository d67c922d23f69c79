"""Pieces of text with their places on pages → text in reading order. Pure.

A page is read in the order in which it was written, which is right for most files, unless it has real columns: then
each column is read from top to bottom by its own, and runs on over the pages. Two blocks side by side are real columns
when the smaller one holds headings or ways to reach somebody; dates, places or headings beside what they belong to are
margins, and a margin belongs to its rows. A list in two columns under one heading is low, and is read as it was
written. Places are in points from the lower left corner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median

import msgspec

from app.bots.match import dates
from app.bots.match.lines import heading_kind

_MIN_LINES = 4
_MIN_HEIGHT = 0.3  # of the page's text
_GUTTER = 5.0
_REACH = re.compile(r"[\w.+-]+@[\w-]+\.\w|(?:https?://|www\.|linkedin\.com|github\.com)\S|\+?\d[\d\s().-]{8,}\d")
_PAGE_MARK = re.compile(r"(?:page\s+)?\d{1,2}(?:\s*(?:/|of)\s*\d{1,2})?", re.I)


class Piece(msgspec.Struct):
    """A run of one line without a wide gap; `size` of its font, `last_right`: where its last character ends."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    last_right: float = 0.0

    def grow(self, char: str, left: float, bottom: float, right: float, top: float) -> None:
        self.text += char
        self.left, self.right = min(self.left, left), max(self.right, right)
        self.bottom, self.top = min(self.bottom, bottom), max(self.top, top)
        self.last_right = right

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


class Page(msgspec.Struct):
    """Lines in the order they were written; `width` 0: places say nothing (a turned page)."""

    lines: list[list[Piece]]
    width: float

    @property
    def pieces(self) -> list[Piece]:
        return [piece for line in self.lines for piece in line]


class Block(msgspec.Struct):
    """Either the whole width (`right` empty, `gutter` 0) or two columns that part at `gutter`."""

    left: list[str]
    right: list[str] = []
    gutter: float = 0.0
    sizes: tuple[float, float] = (0.0, 0.0)  # the largest font on either side


def text_of(pages: Sequence[Page]) -> str:
    """The text of all pages, a line a row; pieces of one row are parted by a tab."""
    blocks: list[Block] = []
    for page in pages:
        last = next((block.gutter for block in reversed(blocks) if block.gutter), 0.0)
        for block in _blocks(page, last):
            _append(blocks, block)
    following: list[Block | None] = [*blocks[1:], None]
    return "\n".join(line for block, after in zip(blocks, following, strict=True) for line in _read(block, after))


def _append(blocks: list[Block], new: Block) -> None:
    """Columns that go on on the next page are put together; page numbers between them go."""
    marks = not new.gutter and all(_PAGE_MARK.fullmatch(line.strip()) for line in new.left)
    last = blocks[-1] if blocks else None
    if last is not None and last.gutter and (marks or abs(last.gutter - new.gutter) < 2 * _GUTTER):
        last.left, last.right = last.left + ([] if marks else new.left), last.right + new.right
    else:
        blocks.append(new)


def _blocks(page: Page, last_gutter: float) -> Iterator[Block]:
    pieces = page.pieces
    found = _split(pieces, last_gutter) if page.width else None
    if found is None:
        yield Block([_joined(line) for line in page.lines])
        return
    gutter, top, bottom = found
    for part in (
        [piece for piece in pieces if piece.middle > top],
        [piece for piece in pieces if bottom <= piece.middle <= top],
        [piece for piece in pieces if piece.middle < bottom],
    ):
        if part and bottom <= part[0].middle <= top:
            left = [piece for piece in part if piece.left < gutter - 1]
            right = [piece for piece in part if piece.left >= gutter - 1]
            sides = _without_mark(rows(left)), _without_mark(rows(right))
            yield Block(*sides, gutter, (_largest(left), _largest(right)))
        elif part:
            yield from _blocks(Page(_of_lines(page, part), page.width), last_gutter)


def _without_mark(lines: list[str]) -> list[str]:
    """Without the page's number at the foot of a column."""
    return lines[:-1] if lines and _PAGE_MARK.fullmatch(lines[-1].strip()) else lines


def _of_lines(page: Page, part: list[Piece]) -> list[list[Piece]]:
    kept = set(map(id, part))
    return [here for line in page.lines if (here := [piece for piece in line if id(piece) in kept])]


def _largest(pieces: list[Piece]) -> float:
    return max((piece.size for piece in pieces), default=0.0)


def _split(pieces: list[Piece], last_gutter: float) -> tuple[float, float, float] | None:
    """The gutter of the page's columns with the top and bottom between which it is clear, or None."""
    best: tuple[int, float, float, float] | None = None
    low = _MIN_HEIGHT * _height(pieces)
    for gutter in _edges(pieces, last_gutter):
        for left, right in _bands(pieces, gutter):
            goes_on = bool(left or right) and abs(gutter - last_gutter) < 2 * _GUTTER
            size = min(len(rows(left)), len(rows(right)))
            real = _height(left + right) >= low and _real(left, right)
            if (goes_on or real) and (best is None or size > best[0]):
                middles = [piece.middle for piece in (*left, *right)]
                best = (size, gutter, max(middles), min(middles))
    return best[1:] if best else None


def _height(pieces: list[Piece]) -> float:
    return max(piece.top for piece in pieces) - min(piece.bottom for piece in pieces) if pieces else 0.0


def _edges(pieces: list[Piece], last_gutter: float) -> list[float]:
    """Where several pieces begin: the left edges of columns."""
    found: dict[int, int] = {}
    for piece in pieces:
        found[round(piece.left)] = found.get(round(piece.left), 0) + 1
    leftmost = min((piece.left for piece in pieces), default=0.0)
    often = sorted((x for x, count in found.items() if count >= 3 and x > leftmost + 40), key=lambda x: -found[x])
    edges = [float(x) for x in often[:24]]
    return [last_gutter, *edges] if last_gutter else edges


def _bands(pieces: list[Piece], gutter: float) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """Left and right of a gutter, in each stretch of the page in which nothing stands in it, from the top down.

    A stretch begins where both sides have begun. Where something lies across below, it ends where the first side ends:
    what then stands on one side alone, a heading say, belongs to what lies across.
    """
    ordered = sorted(pieces, key=lambda piece: -piece.middle)
    band: list[Piece] = []
    for piece in [*ordered, None]:
        across = piece is not None and piece.left < gutter - 1 and piece.right > gutter - _GUTTER
        if piece is not None and not across:
            band.append(piece)
            continue
        left = [piece for piece in band if piece.left < gutter - 1]
        right = [piece for piece in band if piece.left >= gutter - 1]
        yield _trimmed(left, right, below=across)
        band = []


def _trimmed(left: list[Piece], right: list[Piece], *, below: bool) -> tuple[list[Piece], list[Piece]]:
    if not left or not right:
        return left, right
    top = min(left[0].top, right[0].top)
    bottom = max(left[-1].bottom, right[-1].bottom) if below else 0.0
    first, second = ([piece for piece in side if bottom <= piece.middle <= top] for side in (left, right))
    return first, second


def _real(left: list[Piece], right: list[Piece]) -> bool:
    """Whether two blocks side by side are columns, and neither of them a margin of the other."""
    sides = [[piece.text.strip() for piece in side] for side in (left, right)]
    if min(len(rows(left)), len(rows(right))) < _MIN_LINES or not _beside(left, right):
        return False
    small = min((0, 1), key=lambda at: sum(map(len, sides[at])))
    return not _is_margin(sides[small], (left, right)[small])


def _beside(left: list[Piece], right: list[Piece]) -> bool:
    shared = min(left[0].top, right[0].top) - max(left[-1].bottom, right[-1].bottom)
    whole = min(left[0].top - left[-1].bottom, right[0].top - right[-1].bottom)
    return shared > whole / 2


def _is_margin(texts: list[str], pieces: list[Piece]) -> bool:
    usual = median(piece.size for piece in pieces)
    heads = sum(
        heading_kind(text) is not None or (piece.size > 1.12 * usual and not text[-1:].isdigit())
        for text, piece in zip(texts, pieces, strict=True)
    )
    dated = sum(bool(dates.find_range(text) or dates.find_single(text)) for text in texts)
    reached = sum(bool(_REACH.search(text)) for text in texts)
    if heads > 0.6 * len(texts) or dated > 0.35 * len(texts):
        return True
    return not heads and reached < 2


def rows(pieces: list[Piece]) -> list[str]:
    """One column's pieces as lines from the top down; what stands on one base line is one line."""
    found: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.middle):
        last = found[-1][0] if found else None
        if last is not None and abs(last.middle - piece.middle) < 0.35 * min(last.size, piece.size):
            found[-1].append(piece)
        else:
            found.append([piece])
    return [_joined(sorted(row, key=lambda piece: piece.left)) for row in found]


def _joined(line: list[Piece]) -> str:
    return "\t".join(piece.text.strip() for piece in line)


def _read(block: Block, after: Block | None) -> list[str]:
    if not block.gutter:
        return block.left
    first, second = heads_first(block.left, block.right, right_first=block.sizes[1] > block.sizes[0] * 1.05)
    # What follows without a heading goes on with the larger column, which therefore comes last.
    goes_on = after is not None and bool(after.left) and heading_kind(after.left[0]) is None
    if goes_on and sum(map(len, first[1])) > sum(map(len, second[1])):
        first, second = second, first
        return [*second[0], *first[0], *first[1], *second[1]]
    return [*first[0], *second[0], *first[1], *second[1]]


def heads_first(
    left: list[str], right: list[str], *, right_first: bool
) -> tuple[tuple[list[str], list[str]], tuple[list[str], list[str]]]:
    """Both columns as (lines above its first heading, the rest): a name or an address over the headings belongs to the
    top, not under the last heading of the other column. `right_first`: the name is likely on the right."""
    columns = [_headed(left), _headed(right)]
    if right_first:
        columns.reverse()
    return columns[0], columns[1]


def _headed(lines: list[str]) -> tuple[list[str], list[str]]:
    at = next((n for n, line in enumerate(lines) if heading_kind(line) is not None), len(lines))
    return (lines[:at], lines[at:]) if at < len(lines) else ([], lines)
