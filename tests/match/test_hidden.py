"""Text that nobody sees is told apart, in PDFs and DOCX; text that can be seen never is."""

from __future__ import annotations

from datetime import date

import pytest

from app.bots.match.docx import docx_text
from app.bots.match.pdf import pdf_text
from app.bots.match.reader import read_resume
from app.bots.match.unreadable import Unreadable
from app.seekers.sniff import DOCX, PDF
from tests.eval import make
from tests.match.pdf_files import pdf, shown

TODAY = date(2026, 11, 23)
SEEN = shown("Jane Roe, Staff Nurse", 50, 700)
STUFFED = "Kubernetes Terraform Kafka"
DARK = "q 0.1 0.1 0.3 rg 0 0 200 800 re f Q\n"
HIDDEN = {
    "white on white": shown(STUFFED, 50, 650, more="1 1 1 rg"),
    "nearly white": shown(STUFFED, 50, 650, more="0.98 0.98 0.98 rg"),
    "invisible": shown(STUFFED, 50, 650, more="3 Tr"),
    "tiny": shown(STUFFED, 50, 650, size=1),
    "tiny by its matrix": f"q BT /F1 10 Tf 0.1 0 0 0.1 50 650 Tm ({STUFFED}) Tj ET Q",
    "off the page": shown(STUFFED, 50, -200),
    "dark on dark": DARK + shown(STUFFED, 20, 650, more="0.1 0.1 0.3 rg"),
    "white on a white box": "q 1 1 1 rg 20 600 400 100 re f Q\n" + shown(STUFFED, 50, 650, more="1 1 1 rg"),
}
VISIBLE = {
    "black": shown(STUFFED, 50, 650),
    "light grey": shown(STUFFED, 50, 650, more="0.75 0.75 0.75 rg"),
    "white on a dark sidebar": DARK + shown(STUFFED, 20, 650, more="1 1 1 rg"),
    "small print": shown(STUFFED, 50, 650, size=5),
    "a font of one point, enlarged": f"q BT /F1 1 Tf 11 0 0 11 50 650 Tm ({STUFFED}) Tj ET Q",
    "outlined": shown(STUFFED, 50, 650, more="1 Tr 1 1 1 rg 0 0 0 RG"),
    "white on a picture": "q 600 0 0 300 0 500 cm /Im1 Do Q\n" + shown(STUFFED, 50, 650, more="1 1 1 rg"),
}


@pytest.mark.parametrize("way", HIDDEN)
async def test_hidden_in_a_pdf(way: str) -> None:
    found = await read_resume(pdf(SEEN + HIDDEN[way]), PDF, TODAY)
    assert found.error is None
    assert found.hidden == found.parsed["hidden"] == STUFFED
    assert "Jane Roe" in found.text
    assert "Kubernetes" not in found.text
    assert "Kubernetes" not in found.parsed["skills"]


@pytest.mark.parametrize("way", VISIBLE)
def test_visible_in_a_pdf(way: str) -> None:
    found = pdf_text(pdf(SEEN + VISIBLE[way], picture=True))
    assert STUFFED in found.text
    assert found.hidden == ""


def test_what_text_recognition_found_under_a_scan_is_its_text() -> None:
    found = pdf_text(pdf("q 600 0 0 800 0 0 cm /Im1 Do Q\n" + shown("Jane Roe", 50, 700, more="3 Tr"), picture=True))
    assert found.text == "Jane Roe"
    assert found.hidden == ""


def test_a_scan_without_text_recognition() -> None:
    with pytest.raises(Unreadable) as why:
        pdf_text(pdf("q 600 0 0 800 0 0 cm /Im1 Do Q", picture=True))
    assert why.value.code == "scan"


@pytest.mark.parametrize("way", HIDDEN)
def test_a_file_of_hidden_text_alone_says_so(way: str) -> None:
    with pytest.raises(Unreadable) as why:
        pdf_text(pdf(HIDDEN[way]))
    assert why.value.code == "all_hidden"


async def test_no_more_than_2000_characters_are_reported() -> None:
    page = SEEN + "".join(shown(f"{STUFFED} {line}", 50, 650 - line, more="1 1 1 rg") for line in range(300))
    found = await read_resume(pdf(page), PDF, TODAY)
    assert len(found.hidden) == 2000
    assert found.hidden.startswith(STUFFED)


WHITE = '<w:color w:val="FFFFFF"/>'
STYLE = f'<w:style w:type="character" w:styleId="Ghost"><w:rPr>{WHITE}</w:rPr></w:style>'
CHILD = '<w:style w:type="character" w:styleId="Child"><w:basedOn w:val="Ghost"/></w:style>'
HIDDEN_RUNS = {
    "white": WHITE,
    "nearly white": '<w:color w:val="FEFEFE"/>',
    "vanished": "<w:vanish/>",
    "tiny": '<w:sz w:val="2"/>',
    "by its style": '<w:rStyle w:val="Child"/>',
}
VISIBLE_RUNS = {
    "grey": '<w:color w:val="BFBFBF"/>',
    "automatic": '<w:color w:val="auto"/>',
    "white, marked": WHITE + '<w:highlight w:val="darkBlue"/>',
    "white, shaded": WHITE + '<w:shd w:val="clear" w:fill="1F3044"/>',
    "not vanished": '<w:vanish w:val="0"/>',
}


def _document(properties: str) -> bytes:
    runs = [["Jane Roe ", ""], [STUFFED, properties], [" Staff Nurse", ""]]
    return make.docx([{"runs": runs}], styles=STYLE + CHILD)


@pytest.mark.parametrize("way", HIDDEN_RUNS)
async def test_hidden_in_a_docx(way: str) -> None:
    found = await read_resume(_document(HIDDEN_RUNS[way]), DOCX, TODAY)
    assert found.error is None
    assert found.hidden == found.parsed["hidden"] == STUFFED
    assert found.text.split() == ["Jane", "Roe", "Staff", "Nurse"]


@pytest.mark.parametrize("way", VISIBLE_RUNS)
def test_visible_in_a_docx(way: str) -> None:
    found = docx_text(_document(VISIBLE_RUNS[way]))
    assert STUFFED in found.text
    assert found.hidden == ""


def test_white_text_in_a_dark_cell_is_seen() -> None:
    cell = [{"runs": [[STUFFED, WHITE]]}]
    assert docx_text(make.docx([{"table": [[cell]], "fill": "1F3044"}])).text == STUFFED
    with pytest.raises(Unreadable) as why:
        docx_text(make.docx([{"table": [[cell]], "fill": "FFFFFF"}]))
    assert why.value.code == "all_hidden"
