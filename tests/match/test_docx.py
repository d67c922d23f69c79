"""A DOCX is read in the document's order, each text once."""

from __future__ import annotations

from app.bots.match.docx import docx_text
from tests.eval import make


def _lines(*body: object, **parts: list[object]) -> list[str]:
    return [line for line in docx_text(make.docx(list(body), **parts)).text.split("\n") if line.strip()]


def test_header_body_footer() -> None:
    assert _lines("body", header=["head"], footer=["foot"]) == ["head", "body", "foot"]


def test_a_text_box_is_read_once_and_where_it_stands() -> None:
    assert _lines("before", {"box": ["one", "two"]}, "after") == ["before", "one", "two", "after"]


def test_a_row_of_short_cells_is_one_line() -> None:
    assert _lines({"table": [[["2018 – 2020"], ["Nurse"]], [["2016"], ["Carer"]]]}) == [
        "2018 – 2020\tNurse",
        "2016\tCarer",
    ]


def test_cells_of_several_lines_are_read_one_after_the_other() -> None:
    assert _lines({"table": [[["Skills", "Python"], ["Experience", "Nurse"]]]}) == [
        "Skills", "Python", "Experience", "Nurse",
    ]  # fmt: skip


def test_a_name_beside_a_sidebar_comes_first() -> None:
    sidebar, main = ["Skills", "Python"], ["Jane Roe", "Experience", "Nurse"]
    assert _lines({"table": [[sidebar, main]]}) == ["Jane Roe", "Skills", "Python", "Experience", "Nurse"]


def test_a_table_in_a_cell_and_a_list() -> None:
    inner = {"table": [[["a"], ["b"]]]}
    assert _lines({"table": [[[inner, {"bullet": "c"}]]]}) == ["a\tb", "• c"]


def test_tabs_are_kept() -> None:
    assert _lines("Nurse\t2018") == ["Nurse\t2018"]
