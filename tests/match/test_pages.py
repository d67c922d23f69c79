"""A PDF's pages as pictures, in a process that a hostile file can't leave."""

from __future__ import annotations

import struct

import pytest

from app.bots.match.pages import page_count, page_picture
from app.seekers.render import render_pdf


async def test_each_page_is_a_picture() -> None:
    pdf = await render_pdf("Jane Roe\n" + "- a line\n" * 90)
    assert await page_count(pdf) == 2
    shown = await page_picture(pdf, 2)
    assert shown is not None
    assert shown.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", shown[16:24])
    assert width == 1200
    assert 1600 < height < 1800
    assert await page_picture(pdf, 3) is None


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 and nothing else", b"\x00" * 1000])
async def test_what_is_no_pdf_has_no_pages(data: bytes) -> None:
    assert await page_count(data) == 0
    assert await page_picture(data, 1) is None
