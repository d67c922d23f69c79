"""What a seeker corrected in what was read of their resume, laid over every reading. Pure.

Rules:
- A text that was corrected wins over what any resume says for it; emptied, it stays empty. Typed back to what was read,
  it is no correction any more.
- Positions and studies: rows of the last saved form. A row is found again in a later reading by its names (alike.py);
  its corrected fields win, the others are read anew. One that was added or corrected stays though a later resume
  leaves it out; one that was removed stays removed; one that was only read goes with the reading.
- Skills, links, languages: what was added is there, what was removed is not, whatever is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from app.seekers.alike import pairs
from app.seekers.facts import TEXTS, Facts, Language, Position, Study

Entry = TypeVar("Entry", bound=Position | Study)
KEPT_ROWS = 240  # removed entries of old resumes are forgotten beyond it, the oldest first


class Row(msgspec.Struct, Generic[Entry], frozen=True, kw_only=True):
    """One entry of the saved form. `was`: as read, None where the seeker added it; `now`: as saved.

    `fields`: what of it was corrected; `gone`: it was removed.
    """

    id: int
    was: Entry | None = None
    now: Entry
    fields: list[str] = []
    gone: bool = False

    @property
    def stays(self) -> bool:
        """Whether it stands though a resume doesn't say so."""
        return not self.gone and (self.was is None or bool(self.fields))


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Skills or links that were added, and those that were removed."""

    added: list[str] = []
    removed: list[str] = []


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """Languages that were added or corrected, and the names of those that were removed."""

    said: list[Language] = []
    removed: list[str] = []


class Corrections(msgspec.Struct, frozen=True, kw_only=True):
    """All that a seeker corrected. `revision` counts savings; `checked`: the resume version that was last looked at."""

    revision: int = 0
    checked: str = ""
    texts: dict[str, str] = {}
    years: float | None = None
    positions: list[Row[Position]] = []
    studies: list[Row[Study]] = []
    skills: Names = Names()
    links: Names = Names()
    languages: Spoken = Spoken()

    def __bool__(self) -> bool:
        """Whether anything differs from what is read."""
        rows = any(row.stays or row.gone for row in self.positions) or any(
            row.stays or row.gone for row in self.studies
        )
        names = (self.skills, self.links, self.languages)
        return rows or bool(self.texts) or self.years is not None or any(one != type(one)() for one in names)


NOTHING = Corrections()


def _differ(rows: Sequence[Row[Entry]]) -> bool:
    return any(row.stays or row.gone for row in rows)


class Shown(msgspec.Struct, Generic[Entry], frozen=True, kw_only=True):
    """An entry as it stands now: `id` for a form to name it by, what was read, and the row that corrects it.

    `place`: its number in the reading, -1 where that doesn't have it.
    """

    id: str
    now: Entry
    read: Entry | None
    row: Row[Entry] | None
    place: int = -1


def merged(read: Facts, own: Corrections) -> Facts:
    """What was read with the corrections over it."""
    texts = {name: own.texts.get(name, getattr(read, name)) for name in TEXTS}
    return Facts(
        **texts,
        years=own.years if own.years is not None else read.years,
        links=_names(read.links, own.links),
        positions=[one.now for one in shown(read.positions, own.positions)],
        studies=[one.now for one in shown(read.studies, own.studies)],
        skills=_names(read.skills, own.skills),
        languages=_languages(read.languages, own.languages),
    )


def shown(read: Sequence[Entry], rows: Sequence[Row[Entry]]) -> list[Shown[Entry]]:
    """The entries in the order of the resume; those that it doesn't have stand where their dates put them."""
    found = pairs([(_forms(row), row.gone) for row in rows], read)
    by_number = {number: rows[at] for at, number in found.items()}
    listed = [_shown(number, entry, by_number.get(number)) for number, entry in enumerate(read)]
    kept = [one for one in listed if one.row is None or not one.row.gone]
    for at, row in enumerate(rows):
        if at not in found and row.stays:
            own = Shown(id=f"c{row.id}", now=row.now, read=None, row=row)
            kept.insert(_place(kept, row.now), own)
    return kept


def _forms(row: Row[Entry]) -> list[Entry]:
    return [row.was, row.now] if row.was is not None else [row.now]


def _shown(number: int, entry: Entry, row: Row[Entry] | None) -> Shown[Entry]:
    if row is None:
        return Shown(id=f"r{number}", now=entry, read=entry, row=None, place=number)
    said = {name: getattr(row.now, name) for name in row.fields}
    now = msgspec.structs.replace(entry, **said)
    return Shown(id=f"r{number}", now=now, read=entry, row=row, place=number)


def _place(among: Sequence[Shown[Entry]], entry: Entry) -> int:
    """Before the first that ended earlier; undated ones last."""
    mine = entry.end or entry.start
    later = (at for at, one in enumerate(among) if mine and mine > (one.now.end or one.now.start or "9"))
    return next(later, len(among))


def _names(read: Iterable[str], own: Names) -> list[str]:
    without = {name.casefold() for name in own.removed}
    found = {name.casefold(): name for name in read if name.casefold() not in without}
    for name in own.added:
        found.setdefault(name.casefold(), name)
    return list(found.values())


def _languages(read: Iterable[Language], own: Spoken) -> list[Language]:
    without = {name.casefold() for name in own.removed}
    found = {one.name.casefold(): one for one in read if one.name.casefold() not in without}
    return list({**found, **{one.name.casefold(): one for one in own.said}}.values())


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it was sent: the facts, and for each position and study the id it was shown under, or ""."""

    facts: Facts
    positions: list[str]
    studies: list[str]


def learned(own: Corrections, read: Facts, wanted: Wanted, resume: str) -> Corrections:
    """The corrections after a form was saved that showed `merged(read, own)`; `resume` is what it was read of."""
    before, after = merged(read, own), wanted.facts
    return Corrections(
        revision=own.revision + 1,
        checked=resume,
        texts=_texts(own.texts, read, before, after),
        years=own.years if after.years == before.years else after.years,
        positions=_rows(own.positions, read.positions, list(zip(wanted.positions, after.positions, strict=True))),
        studies=_rows(own.studies, read.studies, list(zip(wanted.studies, after.studies, strict=True))),
        skills=_learned_names(own.skills, read.skills, before.skills, after.skills),
        links=_learned_names(own.links, read.links, before.links, after.links),
        languages=_learned_languages(own.languages, read.languages, before.languages, after.languages),
    )


def _texts(own: Mapping[str, str], read: Facts, before: Facts, after: Facts) -> dict[str, str]:
    kept = {name: text for name, text in own.items() if getattr(before, name) == getattr(after, name)}
    changed = {name: getattr(after, name) for name in TEXTS if getattr(before, name) != getattr(after, name)}
    return kept | {name: text for name, text in changed.items() if text != getattr(read, name)}


def _rows(own: Sequence[Row[Entry]], read: Sequence[Entry], wanted: Sequence[tuple[str, Entry]]) -> list[Row[Entry]]:
    """A row for each entry of the form and each that was taken out of it, and older removals."""
    stood = {one.id: one for one in shown(read, own)}
    following = max((row.id for row in own), default=0) + 1
    rows: list[Row[Entry]] = []
    for name, entry in wanted:
        one = stood.pop(name, None)
        rows.append(_row(one, entry, following))
        following += rows[-1].id == following
    for one in stood.values():
        if one.read is not None or (one.row is not None and one.row.was is not None):
            rows.append(_removed(one, following))
            following += rows[-1].id == following
    known = {row.id for row in rows}
    left = [row for row in own if row.gone and row.id not in known]
    return [*rows, *left[-KEPT_ROWS:]]


def _row(one: Shown[Entry] | None, entry: Entry, following: int) -> Row[Entry]:
    if one is None:
        return Row(id=following, now=entry, fields=list(entry.__struct_fields__))
    row = one.row
    number = row.id if row else following
    if one.read is None and row is not None:  # not in this reading
        was, changed = row.was, _changed(one.now, entry)
        return Row(id=number, was=was, now=entry, fields=_ordered(entry, {*row.fields, *changed}))
    back = {name for name in _changed(one.now, entry) if getattr(entry, name) == getattr(one.read, name)}
    fields = ({*(row.fields if row else []), *_changed(one.now, entry)}) - back
    return Row(id=number, was=one.read, now=entry, fields=_ordered(entry, fields))


def _removed(one: Shown[Entry], following: int) -> Row[Entry]:
    was = one.read if one.read is not None else one.row.was if one.row else None
    return Row(id=one.row.id if one.row else following, was=was, now=one.now, gone=True)


def _changed(one: Entry, other: Entry) -> set[str]:
    return {name for name in one.__struct_fields__ if getattr(one, name) != getattr(other, name)}


def _ordered(entry: Any, names: set[str]) -> list[str]:
    return [name for name in entry.__struct_fields__ if name in names]


def _learned_names(own: Names, read: Sequence[str], before: Sequence[str], after: Sequence[str]) -> Names:
    wanted, stood = _keys(after), _keys(before)
    in_resume = _keys(read)
    added = [name for key, name in _keys(own.added).items() if key in wanted]
    added += [name for key, name in wanted.items() if key not in stood and key not in in_resume]
    removed = [name for key, name in _keys(own.removed).items() if key not in wanted]
    removed += [name for key, name in in_resume.items() if key in stood and key not in wanted]
    return Names(added=added, removed=removed)


def _keys(names: Iterable[str]) -> dict[str, str]:
    return {name.casefold(): name for name in names}


def _learned_languages(
    own: Spoken, read: Sequence[Language], before: Sequence[Language], after: Sequence[Language]
) -> Spoken:
    wanted, stood = _spoken(after), _spoken(before)
    in_resume = _spoken(read)
    said = [one for key, one in _spoken(own.said).items() if wanted.get(key) == one]
    said += [one for key, one in wanted.items() if stood.get(key) != one != in_resume.get(key)]
    removed = [name for key, name in _keys(own.removed).items() if key not in wanted]
    removed += [one.name for key, one in in_resume.items() if key in stood and key not in wanted]
    return Spoken(said=said, removed=removed)


def _spoken(languages: Iterable[Language]) -> dict[str, Language]:
    return {one.name.casefold(): one for one in languages}
