"""Reading order: columns by themselves, margins with their rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pypdfium2

from app.bots.match.pdf import pdf_text
from tests.match.pdf_files import column, pdf, shown

MAIN = [
    "Experience",
    "Staff Nurse, Moor Edge Hospital",
    "2018 - 2024",
    "Cared for patients",
    "on two wards",
    "Education",
]
SIDE = ["Skills", "Wound care", "Triage", "Languages", "English", "Welsh"]


def _page(left: list[str], right: list[str], *, head: str = "", turns: bool = True) -> str:
    """Both columns, written line by line in turns as a table is, or one after the other."""
    first, second = column(left, 40, 700), column(right, 330, 700)
    pairs = [part for pair in zip(first, second, strict=True) for part in pair]
    return (shown(head, 40, 760, size=20) if head else "") + "".join(pairs if turns else first + second)


def _lines(*pages: str) -> list[str]:
    return pdf_text(pdf(*pages)).text.split("\n")


def test_columns_are_read_one_after_the_other() -> None:
    assert _lines(_page(MAIN, SIDE, head="Jane Roe")) == ["Jane Roe", *MAIN, *SIDE]


def test_a_name_in_the_right_column_comes_first() -> None:
    left = column(SIDE, 40, 760)
    right = [shown("Jane Roe", 330, 760, size=20), *column(MAIN, 330, 730)]
    assert _lines("".join(left + right)) == ["Jane Roe", *MAIN, *SIDE]


def test_columns_run_on_over_pages() -> None:
    second = [f"line {word}" for word in ("one", "two", "three", "four", "five", "six")]
    found = _lines(
        _page(MAIN, SIDE, head="Jane Roe"), _page(second, ["German", "Irish", "Dutch", "Malay", "Thai", "Lao"])
    )
    assert found[1:] == [*MAIN, *second, *SIDE, "German", "Irish", "Dutch", "Malay", "Thai", "Lao"]


def test_page_numbers_do_not_cut_a_column() -> None:
    foot = shown("1 / 2", 290, 40)
    found = _lines(_page(MAIN, SIDE, head="Jane Roe") + foot, _page(MAIN, SIDE) + foot)
    assert found == ["Jane Roe", *MAIN, *MAIN, *SIDE, *SIDE]


def test_dates_beside_entries_stay_beside_them() -> None:
    dates = ["2018 - 2020", "2016 - 2018", "2014 - 2016", "2012 - 2014", "2010 - 2012", "2008 - 2010"]
    work = [f"Nurse at Hospital {name}" for name in "ABCDEF"]
    assert _lines(_page(dates, work)) == [f"{when}\t{what}" for when, what in zip(dates, work, strict=True)]


def test_headings_beside_their_sections_stay_beside_them() -> None:
    heads = ["Experience", "Education", "Skills", "Languages", "Certifications", "References"]
    found = _lines(_page(heads, ["a b c", "d e f", "g h i", "j k l", "m n o", "p q r"]))
    assert found[:2] == ["Experience\ta b c", "Education\td e f"]


def test_words_without_spaces_are_parted_where_they_stand_apart() -> None:
    """Letters set tight: the gaps are narrower than what pdfium takes for a space, and wider than all others."""
    page = pdf("BT /F1 12 Tf -1 Tc 1 0 0 1 40 700 Tm [(Led) -200 (the) -200 (largest) -200 (team)] TJ ET")
    assert pypdfium2.PdfDocument(page)[0].get_textpage().get_text_bounded() == "Ledthelargestteam"
    assert pdf_text(page).text == "Led the largest team"


def _letters(text: str) -> Counter[str]:
    return Counter(filter(str.isalnum, text))


def test_no_letter_of_real_resumes_is_lost_or_called_hidden(shared_data: Path) -> None:
    for file in sorted((shared_data / "resume_match").rglob("*.pdf"))[::8]:
        found = pdf_text(file.read_bytes())
        document = pypdfium2.PdfDocument(file)
        plain = "".join(page.get_textpage().get_text_bounded() for page in document)
        assert _letters(found.text) == _letters(plain), file.name
        assert found.hidden == ""
