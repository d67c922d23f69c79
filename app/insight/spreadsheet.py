"""Tables for spreadsheets: RFC 4180, and nothing in them that a spreadsheet would reckon."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

Cell = str | int | float | datetime | None
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Lines that end in CRLF; None is an empty cell, and a text that begins like a formula is quoted with '."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(header)
    lines.writerows([_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
