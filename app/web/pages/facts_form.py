"""What was read of a resume as one form, and a sent form as what the seeker wants it to say. Pure.

Names in the form: `email`; `positions.<id>.title` and `positions.<id>.gone`, with the ids that the seekers' room gives,
or any other for a row that is new; `skills.<n>`, a box for each skill; `more_skills`, with commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from app.errors import FieldError
from app.seekers.corrections import Corrections, Shown, Wanted
from app.seekers.facts import TEXTS, Facts, Language, Position, Study
from app.seekers.reading import Reading
from app.words import gettext as _
from app.words import later

# Name, words, autocomplete, kind of input.
_TEXTS: Final = (
    ("name", later("Name"), "name", "text"),
    ("email", later("Mail address"), "email", "email"),
    ("phone", later("Phone"), "tel", "tel"),
    ("location", later("Place"), "", "text"),
)
_DATE = "2019-03"
# Field, words, placeholder.
ENTRY_FIELDS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "positions": (
        ("title", later("Title"), ""),
        ("employer", later("Employer"), ""),
        ("start", later("From"), _DATE),
        ("end", later("To"), later("2021, present")),
    ),
    "studies": (
        ("institution", later("School"), ""),
        ("degree", later("Degree"), ""),
        ("subject", later("Subject"), ""),
        ("start", later("From"), _DATE),
        ("end", later("To"), later("2021, present")),
    ),
    "languages": (("name", later("Language"), ""), ("level", later("How well"), later("native, fluent, B2 …"))),
}
_KINDS: Final[dict[str, type[Any]]] = {"positions": Position, "studies": Study, "languages": Language}
_ROW = re.compile(r"(positions|studies|languages)\.(\w{1,20})\.(\w{1,20})")
_WHERE_SHOWN: Final = {"skills": "more_skills", "links": "links"}


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One field as the template draws it. `check`: the parser wasn't sure; `read`: what it read, where that differs."""

    name: str
    words: str
    value: str
    auto: str = ""
    kind: str = "text"
    hint: str = ""
    wrong: str = ""
    check: bool = False
    read: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of fields that can be taken out as a whole."""

    id: str
    fields: list[Input]
    gone: bool
    new: bool


class Box(msgspec.Struct, frozen=True):
    """A skill with its box."""

    name: str
    words: str
    ticked: bool


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """The whole form. `wrong`: by section, what is wrong with it as a whole; `faults`: (where, what) of all of them."""

    resume: str
    revision: int
    corrected: bool
    texts: list[Input]
    summary: Input
    years: Input
    links: Input
    rows: dict[str, list[Entry]]
    boxes: list[Box]
    more_skills: Input
    check: dict[str, bool]
    wrong: dict[str, str]
    faults: list[tuple[str, str]]
    to_check: int


def form(found: Reading, counted: float, sent: Mapping[str, str], errors: Sequence[FieldError] = ()) -> Form:
    """`counted`: years that the positions cover. `sent`: what was just sent, where it was refused."""
    return _Filled(found, counted, sent, {_path(error.path, sent): error.message for error in errors}).form()


def _path(path: str, sent: Mapping[str, str]) -> str:
    """A path of the facts as a name in the form."""
    field, __, rest = path.partition(".")
    number, __, name = rest.partition(".")
    if field in _KINDS and name:
        return f"{field}.{_kept(sent, field)[int(number)]}.{name}"
    return _WHERE_SHOWN.get(field, field)


class _Filled:
    def __init__(self, found: Reading, counted: float, sent: Mapping[str, str], wrong: Mapping[str, str]) -> None:
        self.found, self.counted, self.sent, self.wrong = found, counted, sent, wrong
        self.own: Corrections = found.own

    def form(self) -> Form:
        rows = {"positions": self.positions(), "studies": self.studies(), "languages": self.languages()}
        texts = [self.text(*one) for one in _TEXTS]
        summary = self.text("summary", later("Summary"), "", "text")
        fields = [*texts, summary, *(field for kind in rows.values() for entry in kind for field in entry.fields)]
        whole = {name: name in self.found.doubts for name in ("skills", "links", "languages")}
        return Form(
            resume=str(self.found.resume.id),
            revision=self.own.revision,
            corrected=bool(self.own),
            texts=texts,
            summary=summary,
            years=self.years(),
            links=self.input("links", later("Links, one a line"), "\n".join(self.found.facts.links)),
            rows=rows,
            boxes=self.boxes(),
            more_skills=self.input(
                "more_skills", later("More skills, with commas"), "", hint=_("Terraform, Welsh, first aid")
            ),
            check=whole,
            wrong={name: self.wrong.get(name, "") for name in _KINDS},
            faults=list(self.wrong.items()),
            to_check=sum(field.check for field in fields) + sum(whole.values()),
        )

    def input(self, name: str, words: str, value: str, **more: Any) -> Input:
        return Input(
            name=name, words=_(words), value=self.sent.get(name, value), wrong=self.wrong.get(name, ""), **more
        )

    def text(self, name: str, words: str, auto: str, kind: str) -> Input:
        read, own = getattr(self.found.read, name), self.own.texts.get(name)
        return self.input(
            name,
            words,
            getattr(self.found.facts, name),
            auto=auto,
            kind=kind,
            hint="" if read else _("not found"),
            check=name in self.found.doubts and own is None,
            read=read if own is not None and own != read else "",
        )

    def years(self) -> Input:
        own = self.own.years
        years = f"{self.counted:g}"
        counted = _("%(years)s, counted from the positions", years=years) if self.counted else _("not known")
        return self.input("years", later("Years of experience"), "" if own is None else f"{own:g}", hint=counted)

    def positions(self) -> list[Entry]:
        return self.entries("positions", self.found.positions)

    def studies(self) -> list[Entry]:
        return self.entries("studies", self.found.studies)

    def languages(self) -> list[Entry]:
        stood = {f"l{number}": one for number, one in enumerate(self.found.facts.languages)}
        known = [self.entry("languages", name, one) for name, one in stood.items()]
        return [*known, *self.added("languages", stood)]

    def entries(self, kind: str, stood: Sequence[Shown[Any]]) -> list[Entry]:
        known = [self.entry(kind, one.id, one.now, one) for one in stood]
        return [*known, *self.added(kind, {one.id for one in stood})]

    def added(self, kind: str, known: Iterable[str]) -> list[Entry]:
        """Rows that were just typed in and are not kept yet."""
        stood = set(known)
        return [self.entry(kind, name, _KINDS[kind]()) for name in _ids(self.sent, kind) if name not in stood]

    def entry(self, kind: str, name: str, now: Any, shown: Shown[Any] | None = None) -> Entry:
        fields = [
            self.input(
                f"{kind}.{name}.{field}",
                words,
                getattr(now, field),
                hint=_(hint),
                **_marks(self.found, kind, field, shown),
            )
            for field, words, hint in ENTRY_FIELDS[kind]
        ]
        new = all(not getattr(now, field) for field in now.__struct_fields__)
        return Entry(id=name, fields=fields, gone=f"{kind}.{name}.gone" in self.sent, new=new)

    def boxes(self) -> list[Box]:
        """Those that were removed can be ticked again."""
        stood = self.found.facts.skills
        known = {name.casefold() for name in stood}
        out = [name for name in self.own.skills.removed if name.casefold() not in known]
        ticked = set(_ticked(self.sent)) if "skills_shown" in self.sent else set(stood)
        return [Box(f"skills.{number}", name, name in ticked) for number, name in enumerate([*stood, *out])]


def _marks(found: Reading, kind: str, field: str, shown: Shown[Any] | None) -> dict[str, Any]:
    if shown is None or shown.read is None:
        return {}
    own = shown.row.fields if shown.row else []
    read = getattr(shown.read, field)
    if field in own:
        return {"read": read if read != getattr(shown.now, field) else ""}
    return {"check": f"{kind}.{shown.place}.{field}" in found.doubts}


def blank_entry(kind: str, name: str) -> Entry:
    """A row to write in. `kind` is one of `ENTRY_FIELDS`."""
    fields = [
        Input(name=f"{kind}.{name}.{field}", words=_(words), value="", hint=_(hint))
        for field, words, hint in ENTRY_FIELDS[kind]
    ]
    return Entry(id=name, fields=fields, gone=False, new=True)


def wanted(sent: Mapping[str, str], found: Reading) -> Wanted:
    """A sent form; what isn't in it stands as it was shown."""
    stood = found.facts
    texts: dict[str, Any] = {name: sent.get(name, getattr(stood, name)) for name in TEXTS}
    ids = {kind: _kept(sent, kind) for kind in _KINDS}
    entries: dict[str, Any] = {kind: [_entry(kind, name, sent) for name in ids[kind]] for kind in _KINDS}
    skills = [*_ticked(sent), *_listed(sent.get("more_skills", ""), ",\n")] if "skills_shown" in sent else stood.skills
    links = _listed(sent["links"], "\n") if "links" in sent else stood.links
    facts = Facts(**texts | entries, years=_years(sent.get("years", "")), skills=skills, links=links)
    return Wanted(facts=facts, positions=ids["positions"], studies=ids["studies"])


def _ids(sent: Mapping[str, str], kind: str) -> list[str]:
    """In the order of the form."""
    found = (match for name in sent if (match := _ROW.fullmatch(name)) and match[1] == kind)
    return list(dict.fromkeys(match[2] for match in found))


def _kept(sent: Mapping[str, str], kind: str) -> list[str]:
    """Those that aren't to be removed, as `wanted` has them."""
    return [name for name in _ids(sent, kind) if f"{kind}.{name}.gone" not in sent]


def _entry(kind: str, name: str, sent: Mapping[str, str]) -> Any:
    return _KINDS[kind](**{field: sent.get(f"{kind}.{name}.{field}", "") for field, __, __ in ENTRY_FIELDS[kind]})


def _ticked(sent: Mapping[str, str]) -> Iterator[str]:
    return (value for name, value in sent.items() if re.fullmatch(r"skills\.\d+", name))


def _listed(text: str, between: str) -> list[str]:
    return [piece.strip() for piece in re.split(f"[{between}]", text) if piece.strip()]


def _years(text: str) -> float | None:
    """What is no number is told from one by no seeker's having so many."""
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return -1.0
