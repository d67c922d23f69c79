"""Jinja with autoescape everywhere, and what every template may ask for: `principal`, `csrf_token`, `static(name)`.

Words: `_("…")` and `_n("one", "many", n)` are text, the message escaped as its values are; only what stands in the
template itself may be markup, between `{% trans %}` and `{% endtrans %}`. `date_words` names days and months.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from litestar import Litestar
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from markupsafe import Markup, escape

from app import words
from app.web import static, zones
from app.web.csrf import mask
from app.web.roots import ROOT
from app.web.states import stated


class _Bound:
    """A template that knows who is asking, on pages that don't say so too."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def render(self, *_: Any, **context: Any) -> str:
        request = context.get("request")
        principal = request.scope.get("user") if request is not None else None
        token = mask(principal.csrf) if principal is not None else ""
        return self._template.render({"principal": principal, "csrf_token": token} | context)


class Engine(JinjaTemplateEngine):
    """Litestar's engine over our environment."""

    def get_template(self, template_name: str) -> Any:
        return _Bound(super().get_template(template_name))

    def render_string(self, template_string: str, context: Mapping[str, Any]) -> str:
        return _Bound(self.engine.from_string(template_string)).render(**context)


def environment() -> Environment:
    """A name that a template misspells is an error, not an empty string."""
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a page has thirty files: none is looked at again while the process runs
    )
    env.globals["static"] = static.url
    env.globals |= {"local": zones.local, "absolute": zones.absolute, "zone": zones.name}
    _speak(env)
    return env


def _speak(env: Environment) -> None:
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    env.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension's: blocks hand their values over
    env.globals |= {
        "gettext": block,
        "ngettext": counted_block,
        "_": text,
        "_n": counted,
        "language": words.language,
        "date_words": words.date_words,
        "stated": stated,
        "ordinal": words.ordinal,
    }


def text(message: str, /, **values: Any) -> Markup:
    """The message, translated and escaped, with its values, escaped unless they are markup of ours."""
    said = _escaped(words.gettext(message))
    return _filled(said, values) if values else Markup(said)  # noqa: S704 - it is escaped


def counted(one: str, many: str, n: float, /, **values: Any) -> Markup:
    """The message for `n` things, as `text`; both may name `%(n)s`."""
    return _filled(_escaped(words.plural(one, many, n)), {"n": n} | values)


def block(message: str, /, **values: Any) -> Markup:
    """What `{% trans %}` makes of its text, which is a template's own markup."""
    return _filled(words.gettext(message), values)


def counted_block(one: str, many: str, n: float, /, **values: Any) -> Markup:
    """The same for `n` things."""
    return _filled(words.plural(one, many, n), values)


@lru_cache(maxsize=5000)
def _escaped(said: str) -> str:
    return str(escape(said))


def _filled(said: str, values: Mapping[str, Any]) -> Markup:
    """What `Markup(said) % values` is, sooner: a window of the board has hundreds of these."""
    return Markup(said % {name: escape(value) for name, value in values.items()})  # noqa: S704 - all of it is escaped


def warm(app: Litestar) -> None:
    """Compile every template now, half a second in all: who asks for a page first must not wait for it."""
    engine = app.template_engine
    if isinstance(engine, Engine):
        for name in engine.engine.list_templates():
            engine.engine.get_template(name)


def template_config() -> TemplateConfig[Engine]:
    return TemplateConfig(engine=Engine(engine_instance=environment()))
