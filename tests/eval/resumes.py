"""How well resumes are read: values found against values labelled by hand.

Two sets: `own`, fictional resumes written here and made into files on the spot (always there), and `samples`, the
files of ../shared/data/resumes (where present; only their labels are kept here). For the table, run
`python -m tests.eval.resumes [FOLDER OF SAMPLES]`.

A value is right when it equals the label after white space and case are made equal. In lists a value counts once, and
what is found beyond the labels lowers F1: F1 = 2 · right / (labelled + found). "jobs" is the strictest row: employer,
title, from and to of one entry all right together.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from app.bots.match.reader import read_resume
from app.seekers.sniff import sniff
from tests.eval import make

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "shared" / "data" / "resumes"
TODAY = date(2026, 11, 23)
PROMISED = ("name", "mail", "employers", "titles", "dates")


class Row(NamedTuple):
    """One field of one file: `right` of `of` labelled values, `found` values in all."""

    file: str
    field: str
    right: int
    of: int
    found: int


def f1(rows: Iterable[Row]) -> float:
    """Over several rows at once; 1.0 where nothing is labelled and nothing found."""
    kept = list(rows)
    size = sum(row.of + row.found for row in kept)
    return 2 * sum(row.right for row in kept) / size if size else 1.0


def accuracy(rows: Iterable[Row]) -> float:
    """Right of labelled."""
    kept = list(rows)
    return sum(row.right for row in kept) / max(1, sum(row.of for row in kept))


def labels(which: str) -> dict[str, dict[str, Any]]:
    """`which`: own or samples."""
    found: dict[str, dict[str, Any]] = json.loads((HERE / "resume_labels.json").read_text())[which]
    return found


def files(which: str, samples: Path = SAMPLES) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each labelled file."""
    for name in labels(which):
        yield name, make.resume(name) if which == "own" else (samples / name).read_bytes()


def evaluate(which: str = "own", samples: Path = SAMPLES) -> list[Row]:
    """Read every file of a set through the resume process, and compare."""
    wanted = labels(which)
    return [row for name, data in files(which, samples) for row in compare(name, wanted[name], _read(data))]


def totals(data: Path | None) -> dict[str, dict[str, float]]:
    """F1 of each field over the files of a set; the samples where `data` (the shared data) is there."""
    sets = {"own": evaluate("own")}
    if data is not None:
        sets["samples"] = evaluate("samples", data / "resumes")
    fields = {name: list(dict.fromkeys(row.field for row in rows)) for name, rows in sets.items()}
    return {
        name: {field: f1(row for row in rows if row.field == field) for field in fields[name]}
        for name, rows in sets.items()
    }


def _read(data: bytes) -> dict[str, Any]:
    return asyncio.run(read_resume(data, sniff(data).media_type, TODAY)).parsed


def compare(file: str, label: dict[str, Any], parsed: dict[str, Any]) -> list[Row]:
    """One row a labelled field."""
    found = values(parsed)
    rows = []
    for field, wanted in values(label).items():
        if field in label or (field in _OF_JOBS and "jobs" in label):
            right = (Counter(map(_plain, wanted)) & Counter(map(_plain, found[field]))).total()
            rows.append(Row(file, field, right, len(wanted), len(found[field])))
    return rows


_OF_JOBS = ("employers", "titles", "dates")


def values(of: dict[str, Any]) -> dict[str, list[str]]:
    """A label or a parsed resume as lists of values by field."""
    contact = of.get("contact") or {"name": of.get("name", ""), "email": of.get("mail", ""), **of}
    jobs = of.get("jobs") or []
    spans = [f"{job['start']} to {job['end']}" for job in jobs]
    found = {
        "name": [contact["name"]],
        "mail": [contact["email"]],
        "phone": [contact.get("phone", "")],
        "location": [contact.get("location", "")],
        "employers": [job["employer"] for job in jobs],
        "titles": [job["title"] for job in jobs],
        "dates": spans,
        "jobs": [f"{job['employer']} / {job['title']} / {span}" for job, span in zip(jobs, spans, strict=True)],
        "schools": of.get("schools") or [study["institution"] for study in of.get("education") or []],
        "languages": [
            " ".join(said.values()) if isinstance(said, dict) else said for said in of.get("languages") or []
        ],
    }
    return {field: [value for value in said if value] for field, said in found.items()}


def _plain(value: str) -> str:
    return " ".join(value.split()).casefold()


def table(rows: list[Row]) -> str:
    """Misses file by file, then totals by field."""
    lines = [f"  {row.file}: {row.field} {row.right} of {row.of}, {row.found} found" for row in rows if _missed(row)]
    lines += ["", f"  {'field':<12}{'right':>7}{'of':>6}{'found':>7}{'accuracy':>10}{'F1':>7}"]
    for field in dict.fromkeys(row.field for row in rows):
        kept = [row for row in rows if row.field == field]
        right, of, found = (sum(row[at] for row in kept) for at in (2, 3, 4))
        lines.append(f"  {field:<12}{right:>7}{of:>6}{found:>7}{accuracy(kept):>10.3f}{f1(kept):>7.3f}")
    return "\n".join(lines)


def _missed(row: Row) -> bool:
    return not row.right == row.of == row.found


def main(samples: Path = SAMPLES) -> None:
    """Print both tables."""
    for which in ("own", "samples"):
        if which == "samples" and not samples.is_dir():
            print(f"samples: {samples} is not here")
            continue
        print(f"{which}: {len(labels(which))} files\n{table(evaluate(which, samples))}\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
