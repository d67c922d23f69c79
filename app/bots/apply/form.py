"""What a page asks. Pure: the raw reading of the DOM (dom.py) in, plain structs out."""

import re
from typing import Any, Final, Literal

import msgspec

from app.applications.fitting import Option

Kind = Literal[
    "text",
    "email",
    "tel",
    "url",
    "number",
    "date",
    "textarea",
    "select",
    "radio",
    "checkbox",
    "checkboxes",
    "file",
    "combobox",
    "unknown",
]
_STEP: Final = re.compile(r"^(save\s*(and|&)\s*)?(continue|next|next step|proceed|go on)\b", re.I)
_FINAL: Final = re.compile(r"\b(submit|send|apply|finish|complete)\b", re.I)


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `index` finds it again on this page; `current` is what stands in it ([] for nothing)."""

    index: int
    name: str
    label: str
    kind: Kind
    required: bool = False
    options: tuple[Option, ...] = ()
    current: tuple[str, ...] = ()
    autocomplete: str = ""
    accept: str = ""
    max_length: int | None = None
    invalid: bool = False


class Button(msgspec.Struct, frozen=True):
    """Something that may send the page. `enabled` is False where it can't be clicked."""

    index: int
    label: str
    enabled: bool


class FormPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a form. `steps` is (this one, all) where the page says so. `obstacles` are what a bot leaves alone:
    captcha, login, frame. `links` lead on to an application form where the page holds none."""

    url: str
    title: str
    fields: tuple[Field, ...]
    buttons: tuple[Button, ...]
    action: str = ""
    method: str = "get"
    steps: tuple[int, int] | None = None
    obstacles: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def clean(text: str) -> str:
    """A label as a person reads it: one line, no star, no "(required)"."""
    line = " ".join(text.split())
    return re.sub(r"\s*(\*|✱|\(required\)|\brequired$)\s*$", "", line, flags=re.I).strip()


def starred(text: str) -> bool:
    """Whether a label says that an answer is required."""
    return bool(re.search(r"(\*|✱|\(required\))\s*$", " ".join(text.split()), re.I))


def _field(raw: dict[str, Any]) -> Field:
    label = str(raw.get("label") or "")
    return Field(
        index=raw["index"],
        name=str(raw.get("name") or ""),
        label=clean(label),
        kind=raw["kind"],
        required=bool(raw.get("required")) or starred(label),
        options=tuple(Option(str(o["value"]), clean(str(o["label"]))) for o in raw.get("options") or ()),
        current=tuple(str(value) for value in raw.get("current") or () if str(value) != ""),
        autocomplete=str(raw.get("autocomplete") or ""),
        accept=str(raw.get("accept") or ""),
        invalid=bool(raw.get("invalid")),
        max_length=raw.get("maxLength") if (raw.get("maxLength") or 0) > 0 else None,
    )


def read(raw: dict[str, Any]) -> FormPage:
    """The page that dom.READ_FORM described."""
    steps = raw.get("steps")
    return FormPage(
        url=str(raw["url"]),
        title=str(raw.get("title") or ""),
        fields=tuple(_field(field) for field in raw["fields"]),
        buttons=tuple(Button(b["index"], clean(str(b["label"])), bool(b["enabled"])) for b in raw["buttons"]),
        action=str(raw.get("action") or ""),
        method=str(raw.get("method") or "get").lower(),
        steps=(steps[0], steps[1]) if steps else None,
        obstacles=tuple(raw.get("obstacles") or ()),
        links=tuple(raw.get("links") or ()),
        problems=tuple(clean(text) for text in raw.get("problems") or ()),
    )


def is_application(page: FormPage) -> bool:
    """Whether this is a form to apply with, and not a search box or a sign-up for news."""
    asks = any(field.kind in ("email", "file") for field in page.fields)
    return asks and len(page.fields) >= 3


def same_field(one: Field, other: Field) -> bool:
    """Whether two readings of a page mean the same control."""
    return (one.name, one.label, one.kind) == (other.name, other.label, other.kind)


def forward(page: FormPage) -> Button | None:
    """The button that takes this page on: the one that says so, else the only one; None where there is none."""
    usable = [button for button in page.buttons if button.enabled]
    named = [b for b in usable if _FINAL.search(b.label) or _STEP.search(b.label)]
    if named:
        return named[-1]
    return usable[0] if len(usable) == 1 else None


def is_step(page: FormPage, button: Button) -> bool:
    """Whether this button surely leads to a further page of the form.

    Only where the button says "continue" *and* the page counts its steps and this is not the last. Anything less is
    taken for the sending itself: arming once too early costs a person a look, once too late a double application.
    """
    counted = page.steps is not None and page.steps[0] < page.steps[1]
    return counted and bool(_STEP.search(button.label)) and not _FINAL.search(button.label)
