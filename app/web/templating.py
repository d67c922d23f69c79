"""Jinja with autoescape everywhere, and what every template may ask for: `principal`, `csrf_token`, `static(name)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from app.web import static, zones
from app.web.csrf import mask
from app.web.roots import ROOT


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
    )
    env.globals["static"] = static.url
    env.globals |= {"local": zones.local, "absolute": zones.absolute, "zone": zones.name}
    return env


def template_config() -> TemplateConfig[Engine]:
    return TemplateConfig(engine=Engine(engine_instance=environment()))
