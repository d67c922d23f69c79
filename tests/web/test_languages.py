"""Which language is spoken, what a message may do to a page, and what was stored in English."""

from __future__ import annotations

from datetime import date
from gettext import NullTranslations

import pytest
from litestar import Litestar
from markupsafe import Markup

from app import words
from app.web import templating
from tests.web.conftest import client_of

SAID = {
    "Sign in": "Anmelden & <i>los</i>",
    "%(n)s of %(all)s": "%(n)s/%(all)s",
    "Mon": "Mo",
    "Nov": "Nov.",
    "%a %d %b": "%a, %d. %b",
    "Show work with %(skills)s.": "Zeige Arbeit mit %(skills)s.",
    "The posting is in %(language)s and the resume shows no %(language)s": "%(language)s fehlt",
}


class German(NullTranslations):
    def gettext(self, message: str) -> str:
        return SAID.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"{{{msgid1 if n == 1 else msgid2}}}"


@pytest.fixture(autouse=True)
def _german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "catalogues", lambda: {"de": German(), "pt-br": NullTranslations()})


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9", "de"),
        ("fr, en;q=0.8, de;q=0.9", "de"),
        ("pt-BR", "pt-br"),
        ("pt", "en"),
        ("en-GB, de;q=0.5", "en"),
        ("de;q=0, en", "en"),
        ("de;q=often, *", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_language_is_the_most_wished_for_that_there_is(accept: str, language: str) -> None:
    with words.speaking(accept):
        assert words.language() == language
    assert words.language() == "en"


def _rendered(source: str, **context: object) -> str:
    with words.speaking("de"):
        return templating.environment().from_string(source).render(context)


def test_neither_messages_nor_values_become_markup() -> None:
    assert _rendered('{{ _("Sign in") }}') == "Anmelden &amp; &lt;i&gt;los&lt;/i&gt;"
    page = _rendered('{{ _("%(n)s of %(all)s", n=a, all=b) }}', a="<b>", b=Markup("<time>"))
    assert page == "&lt;b&gt;/<time>"
    page = _rendered('{{ _n("%(n)s by %(who)s", "%(n)s of %(who)s", 2, who=who) }}', who='"><script>')
    assert page == "{2 of &#34;&gt;&lt;script&gt;}"
    page = _rendered("{% trans who %}<b>by</b> {{ who }}, 100 %{% endtrans %}", who="<i>")
    assert page == "<b>by</b> &lt;i&gt;, 100 %"
    block = "{% trans n=2, message=who %}{{ n }} {{ message }}{% pluralize %}<b>{{ n }}</b> {{ message }}{% endtrans %}"
    assert _rendered(block, who="<i>") == "{<b>2</b> &lt;i&gt;}"
    assert _rendered('{{ _("%(message)s", message=who) }}', who="<i>") == "&lt;i&gt;"


def test_days_and_months_are_said_in_it() -> None:
    with words.speaking("de"):
        assert words.date_words(date(2026, 11, 23), "%a %d %b") == "Mo, 23. Nov."
    assert words.date_words(date(2026, 11, 23), "%a %d %b") == "Mon 23 Nov"


def test_a_stored_sentence_is_said_again() -> None:
    known = ("Show work with %(skills)s.", "The posting is in %(language)s and the resume shows no %(language)s")
    with words.speaking("de"):
        assert words.retold("Show work with Go and C (100 %).", known) == "Zeige Arbeit mit Go and C (100 %)."
        assert words.retold("The posting is in French and the resume shows no French", known) == "French fehlt"
        assert words.retold("The posting is in French and the resume shows no German", known).startswith("The posting")
        assert words.retold("Show work with", known) == "Show work with"
    assert words.retold("Show work with Go.", known) == "Show work with Go."


async def test_a_page_is_answered_in_the_language_asked_for(running: Litestar) -> None:
    async with client_of(running) as client:
        client.headers["accept"] = "text/html"
        page = (await client.get("/sign-in", headers={"accept-language": "de-CH, en;q=0.1"})).text
        assert '<html lang="de"' in page
        assert "<h1>Anmelden &amp; &lt;i&gt;los&lt;/i&gt;</h1>" in page
        page = (await client.get("/sign-in", headers={"accept-language": "fr"})).text
        assert '<html lang="en"' in page
        assert "<h1>Sign in</h1>" in page
