"""Foreign HTML made fit to keep."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.postings.text import CUT_NOTE, FLAT_NOTE, HTML_LIMIT, TEXT_LIMIT, describe, line, unescaped

HOSTILE = (
    "<p>hello <svg><script>steal()</script></svg><math><style>*{}</style></math>"
    "<a href='javascript:steal()' hx-get='/x' data-hx-post='/y' onclick=steal()>one</a>"
    "<a href='https://employer.example/a?b>c' hx-on:click=steal() style='x'>two</a>"
    "<img src=x onerror=steal()><iframe src='//x'></iframe><script>steal()</script></p>"
)


def test_nothing_that_runs_or_asks_is_kept() -> None:
    html, text, note = describe(HOSTILE)
    for bad in ("script", "steal", "svg", "math", "style", "hx-", "onclick", "onerror", "iframe", "img", "javascript"):
        assert bad not in html, bad
    assert 'href="https://employer.example/a?b' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert text == "hello onetwo"
    assert note is None


def test_text_keeps_its_shape() -> None:
    html = "<h2>You will</h2><ul><li><p>build</p></li><li>run&nbsp;it</li></ul><p>Pay:<br>50&amp;60</p>"
    assert describe(html)[1] == "You will\n\n- build\n\n- run it\n\nPay:\n50&60"


def test_escaped_html_is_unescaped_once() -> None:
    assert unescaped("&lt;p&gt;R&amp;amp;D&lt;/p&gt;") == "<p>R&amp;D</p>"
    assert unescaped("<p>a &lt;b&gt; c</p>") == "<p>a &lt;b&gt; c</p>"


def test_two_megabytes_are_cut_with_a_note() -> None:
    html, text, note = describe("<p>" + "word " * 400_000 + "</p>")
    assert note == CUT_NOTE
    assert TEXT_LIMIT - 10 < len(text) <= TEXT_LIMIT
    assert len(html) <= HTML_LIMIT + 100


@pytest.mark.parametrize(
    "raw",
    [
        "<b>" * 130_000, "<div>" * 80_000, "<div></p>" * 40_000, "</p>" * 100_000, "<p>" * 130_000, "<li>  " * 60_000,
        "<a <b " * 70_000, "<" * 400_000, "<a" * 200_000, " " * 400_000, "<svg " * 10_000 + ">", "<table><td>" * 30_000,
        "<script>" * 40_000, "&" * 400_000, "&a" * 200_000, '<a href="' * 40_000,
    ],
    ids=lambda raw: raw[:12],
)  # fmt: skip
def test_no_shape_of_html_takes_long(raw: str) -> None:
    began = time.process_time()  # not the wall's: other tests run beside this one
    describe(raw)
    assert time.process_time() - began < 4  # a naive cleaner takes 10 to 30 s on several of these


def test_a_tangle_becomes_its_text() -> None:
    html, text, note = describe("<div>" * 300 + "Cook <script>bad()</script>&amp; serve" + "</div>" * 300)
    assert note == FLAT_NOTE
    assert text == "Cook & serve"
    assert html == "<p>Cook &amp; serve</p>"


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_stored(raw: str) -> None:
    html, text, _ = describe(raw)
    for value in (html, text, line(raw)):
        assert "\x00" not in value
        value.encode()


def test_a_line_is_one_line() -> None:
    assert line("  Senior\n\tCook \x00") == "Senior Cook"
    assert line(4285367) == "4285367"
    assert line(None) == line(True) == line(["x"]) == line({}) == ""
    assert len(line("x" * 1000)) == 300
