"""Matched and missing skills are marked as whole words; the text itself is never changed."""

from hypothesis import given
from hypothesis import strategies as st

from app.web.pages.marks import Block, Piece, blocks


def test_a_posting_is_cut_into_headings_text_and_lists() -> None:
    text = "We own the ledger.\n\nWhat you bring\n- Python, asyncio\n- Go\n\nWe pay well."
    found = blocks(text, ["python"], ["Go"])
    assert [block.kind for block in found] == ["text", "head", "list", "text"]
    assert found[2] == Block("list", [[Piece("Python", "hit"), Piece(", asyncio")], [Piece("Go", "miss")]])


def test_marks_are_whole_words() -> None:
    found = blocks("JavaScript, Java, C++ and Go; we are going for gold.", ["java", "c++"], ["go"])
    marked = [(piece.text, piece.mark) for piece in found[0].lines[0] if piece.mark]
    assert marked == [("Java", "hit"), ("C++", "hit"), ("Go", "miss")]


def test_a_skill_that_is_there_is_not_missing() -> None:
    assert [piece.mark for piece in blocks("SQL.", ["sql"], ["SQL"])[0].lines[0]] == ["hit", ""]


@given(st.text(), st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4))
def test_no_word_is_lost(text: str, matched: list[str], missing: list[str]) -> None:
    shown = "".join(piece.text for block in blocks(text, matched, missing) for line in block.lines for piece in line)
    plain = "".join(line.removeprefix("- ").strip() for line in text.split("\n"))
    assert shown == plain
