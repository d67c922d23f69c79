"""The list of skills as data: sound, large enough, nothing said twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.bots.match import skills

FILES = sorted((Path(skills.__file__).parent / "data" / "skills").glob("*.txt"))


def _lines() -> list[tuple[str, str]]:
    return [
        (path.name, line)
        for path in FILES
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and line[0] not in "=[#"
    ]


def _forms(line: str) -> list[str]:
    """As they are searched for: without the marks, in small letters."""
    head, _, rest = line.partition(":")
    listed = [part.strip() for part in rest.partition(">")[0].partition("|")[0].split(",") if part.strip()]
    return [form.lstrip("?").lower() for form in ([] if head.endswith("!") else [head.removeprefix("*")]) + listed]


def test_large_enough() -> None:
    ours = [skill for skill in skills.default().skills.values() if skill.kind != "esco"]
    assert len(ours) >= 1500
    categories = Counter(skill.category for skill in ours)
    assert len(categories) >= 84
    assert min(categories.values()) >= 1


def test_a_name_stands_once() -> None:
    names = Counter(line.partition(":")[0].rstrip("!").removeprefix("*").casefold() for _, line in _lines())
    assert [name for name, times in names.items() if times > 1] == []


def test_a_form_belongs_to_one_skill() -> None:
    forms = Counter(form for _, line in _lines() for form in _forms(line))
    assert [form for form, times in forms.items() if times > 1] == []


def test_what_is_implied_exists() -> None:
    taxonomy = skills.default()
    assert {other for one in taxonomy.skills.values() for other in one.implies} <= set(taxonomy.skills)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_a_line_is_well_formed(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "=[#":
            head, colon, _ = line.partition(":")
            assert colon, line
            assert head == head.strip() != "!", line
            assert all(len(form) > 1 or f"?{form.upper()}" in line for form in _forms(line)), line
            assert all(form == form.strip() and "  " not in form for form in _forms(line)), line
