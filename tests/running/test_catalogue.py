"""One catalogue for the words that people read: complete, and nothing beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import nodes

from app.web import templating
from tests import pseudo
from tests.running.test_set_up import tool

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html"))
SAME = frozenset({"Cabrank", "CAB", "UTC", "PDF", "CSV", "general"})  # names
_TAGS = re.compile(r"</?\w[^>]*>|%\(\w+\)s|\{\w+\}")


def test_the_committed_catalogue_is_what_the_sources_say(tmp_path: Path) -> None:
    fresh = tmp_path / "cabrank.pot"
    tool("catalogue").extract(fresh)
    told = "the words have changed: run `make catalogue`"
    assert fresh.read_text() == (ROOT / "locale" / "cabrank.pot").read_text(), told


def test_the_function_that_says_words_is_bound_to_nothing_else() -> None:
    """`for _ in …` in a module that has it as gettext makes it another thing, or nothing, there."""
    found = []
    for path in (ROOT / "app").rglob("*.py"):
        tree = ast.parse(path.read_text())
        imported = [a for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for a in node.names]
        if "_" not in {alias.asname for alias in imported}:
            continue
        for node in ast.walk(tree):
            stored = isinstance(node, ast.Name) and node.id == "_" and not isinstance(node.ctx, ast.Load)
            if stored or (isinstance(node, ast.arg) and node.arg == "_"):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def _bare(name: str) -> list[str]:
    """What the template itself says: its texts outside of `{% trans %}`, whatever it is given."""
    env = templating.environment()
    source = (ROOT / "templates" / name).read_text()
    said, within = [], False
    for _, kind, value in env.lex(source):
        if kind == "name" and value in ("trans", "endtrans"):
            within = value == "trans"
        elif kind == "data" and not within:
            said.append(value)
        elif kind in ("variable_begin", "block_begin") and not within:
            said.append("\0")  # what comes here is the business of what is put in
    page = "".join(said).replace("\0", "")
    attributes = "<" not in page and '="' in page  # a part that stands within a tag
    return pseudo.bare(f"<i {page}>" if attributes else page, [], SAME)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_nothing_outside_the_catalogue(name: str) -> None:
    assert _bare(name) == []


def test_every_text_that_a_script_says_is_rendered_for_it() -> None:
    rendered = {
        re.sub(r"-(\w)", lambda found: found[1].upper(), key)
        for path in (ROOT / "templates").rglob("*.html")
        for key in re.findall(r"\bdata-([\w-]+)=\"\{[{%]", path.read_text())
    }
    for path in (ROOT / "static" / "src").glob("*.js"):
        for call in re.findall(r"\bsaid\(([^;]*)", path.read_text()):
            names = set(re.findall(r'^"(\w+)"|[?:(] "(\w+)"', call.split(", {")[0]))
            assert {one or other for one, other in names} <= rendered, (path.name, call)


def _said_in_python(path: Path) -> Iterator[tuple[list[str], set[str]]]:
    """Each message and the values that it is given; where those are a dict, the tests of the pages have to do."""
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "_n"):
            messages = [one.value for one in call.args[:2] if isinstance(one, ast.Constant)]
            if messages and all(value.arg for value in call.keywords):
                yield [str(one) for one in messages], {str(value.arg) for value in call.keywords}


def _said_in_template(path: Path) -> Iterator[tuple[list[str], set[str]]]:
    for call in templating.environment().parse(path.read_text()).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "_n", "gettext", "ngettext"):
            messages = [str(one.value) for one in call.args[:2] if isinstance(one, nodes.Const)]
            yield messages, {value.key for value in call.kwargs}


def test_each_message_is_given_the_values_that_it_names() -> None:
    said = [(path, one) for path in (ROOT / "app").rglob("*.py") for one in _said_in_python(path)]
    said += [(path, one) for path in (ROOT / "templates").rglob("*.html") for one in _said_in_template(path)]
    assert len(said) > 1000
    for path, (messages, given) in said:
        named = {name for message in messages for name in re.findall(r"%\((\w+)\)s", message)}
        assert named - given <= {"n"}, (path, messages)
        assert given - named <= {"n", "num"}, (path, messages)


def _spoilt(catalogue: Catalog) -> Iterator[str]:
    """Translations that lost or gained a value or a tag."""
    for message in catalogue:
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        of = [message.id] if isinstance(message.id, str) else list(message.id)
        allowed = [sorted(set(_TAGS.findall(one))) for one in of]
        if message.id and any(one and sorted(set(_TAGS.findall(one))) not in allowed for one in said):
            yield str(of[0])


def test_translations_keep_values_and_tags() -> None:
    for path in (ROOT / "locale").glob("*/LC_MESSAGES/cabrank.po"):
        with path.open("rb") as file:
            assert list(_spoilt(read_po(file))) == []


def test_a_spoilt_translation_is_seen() -> None:
    po = 'msgid "<b>%(n)s</b> sent"\nmsgstr "{}"\n'
    spoilt = ["%(n)s gesendet", "<b>%(m)s</b> gesendet", "<b onclick=1>%(n)s</b>"]
    assert all(list(_spoilt(read_po(BytesIO(po.format(one).encode())))) for one in spoilt)
    assert list(_spoilt(read_po(BytesIO(po.format("<b>%(n)s</b> gesendet").encode())))) == []
