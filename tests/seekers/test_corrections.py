"""Corrections over readings: what holds of all of them, and what people do, one by one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.seekers.alike import ENOUGH, likeness
from app.seekers.corrections import Corrections, Wanted, learned, merged, shown
from app.seekers.facts import TEXTS, Facts, Language, Position, Study, doubts, read

words = st.sampled_from(["", "Acme", "Acme Ltd", "Northgate Payments", "Beta", "St Mary's Hospital"])
titles = st.sampled_from(["", "Nurse", "Senior Nurse", "Engineer", "Sr. Engineer", "Backend Engineer"])
dates = st.sampled_from(["", "2012", "2015-03", "2018", "2020-11"])
positions = st.builds(
    Position, employer=words, title=titles, start=dates, end=st.sampled_from(["", "2016", "2019-02", "present"])
).filter(lambda one: bool(one.employer or one.title))
studies = st.builds(Study, institution=words, degree=titles, start=dates).filter(
    lambda one: bool(one.institution or one.degree)
)
names = st.lists(st.sampled_from(["SQL", "Python", "Go", "Wound care", "sql", "Kafka"]), max_size=4).map(
    lambda found: list({name.casefold(): name for name in found}.values())
)
languages = st.dictionaries(
    st.sampled_from(["German", "Polish", "Welsh"]), st.sampled_from(["", "B2", "native"]), max_size=3
).map(lambda found: [Language(name=name, level=level) for name, level in found.items()])
texts = st.sampled_from(["", "Jane Roe", "Jane Rowe", "J. Roe"])
readings = st.builds(
    Facts,
    **dict.fromkeys(TEXTS, texts),
    links=names,
    positions=st.lists(positions, max_size=4),
    studies=st.lists(studies, max_size=3),
    skills=names,
    languages=languages,
)


@st.composite
def forms(draw: st.DrawFn, before: Facts, own: Corrections, reading: Facts) -> Wanted:
    """What somebody might send who was shown this: entries kept, changed, removed and added."""
    kept: dict[str, list[tuple[str, Any]]] = {}
    for field, kind in (("positions", positions), ("studies", studies)):
        stood = [(one.id, one.now) for one in shown(getattr(reading, field), getattr(own, field))]
        changed = [(name, draw(st.one_of(st.just(entry), kind))) for name, entry in stood if draw(st.booleans())]
        kept[field] = [*changed, *(("", entry) for entry in draw(st.lists(kind, max_size=2)))]
    other = draw(readings)
    mixed = {
        name: draw(st.sampled_from([getattr(before, name), getattr(other, name)])) for name in Facts.__struct_fields__
    }
    mixed |= {field: [entry for _, entry in kept[field]] for field in kept}
    mixed["years"] = draw(st.sampled_from([None, before.years, 4.5]))
    return Wanted(facts=Facts(**mixed), **{field: [name for name, _ in kept[field]] for field in kept})


def same(one: Facts, other: Facts) -> bool:
    """Whatever the order, and the case of names."""
    keyed = [
        {
            **{name: getattr(facts, name) for name in (*TEXTS, "years")},
            **{name: Counter(getattr(facts, name)) for name in ("positions", "studies", "languages")},
            **{name: {text.casefold() for text in getattr(facts, name)} for name in ("skills", "links")},
        }
        for facts in (one, other)
    ]
    return keyed[0] == keyed[1]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Facts, Corrections]:
    """A reading, and corrections that were made on one or two others before."""
    own = Corrections()
    for _ in range(draw(st.integers(0, 2))):
        reading = draw(readings)
        own = learned(own, reading, draw(forms(merged(reading, own), own, reading)), "before")
    return draw(readings), own


@given(readings)
def test_without_corrections_a_reading_stands_as_it_is(reading: Facts) -> None:
    assert merged(reading, Corrections()) == reading


@given(st.data(), histories())
def test_what_was_saved_is_what_stands(data: st.DataObject, history: tuple[Facts, Corrections]) -> None:
    reading, own = history
    wanted = data.draw(forms(merged(reading, own), own, reading))
    assert same(merged(reading, learned(own, reading, wanted, "now")), wanted.facts)


@given(histories())
def test_saving_what_is_shown_changes_nothing(history: tuple[Facts, Corrections]) -> None:
    reading, own = history
    stands = merged(reading, own)
    rows = {
        field: [one.id for one in shown(getattr(reading, field), getattr(own, field))]
        for field in ("positions", "studies")
    }
    again = learned(own, reading, Wanted(facts=stands, **rows), "now")
    assert same(merged(reading, again), stands)
    assert (again.texts, again.skills, again.years) == (own.texts, own.skills, own.years)
    assert again.revision == own.revision + 1


@given(histories(), readings)
def test_corrections_win_over_every_later_reading(history: tuple[Facts, Corrections], later: Facts) -> None:
    _, own = history
    stands = merged(later, own)
    assert all(getattr(stands, name) == text for name, text in own.texts.items())
    held = {name.casefold() for name in stands.skills}
    assert held.isdisjoint(name.casefold() for name in own.skills.removed)
    assert held >= {name.casefold() for name in own.skills.added}
    assert not {one.name for one in stands.languages} & set(own.languages.removed)
    assert set(own.languages.said) <= set(stands.languages)
    for row in own.positions:
        if row.stays and len(row.fields) == len(Position.__struct_fields__):
            assert row.now in stands.positions


@given(histories())
def test_corrections_survive_being_stored(history: tuple[Facts, Corrections]) -> None:
    _, own = history
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(own)), Corrections) == own


@given(positions, positions)
def test_likeness_is_the_same_both_ways_and_itself(one: Position, other: Position) -> None:
    assert likeness(one, other) == likeness(other, one)
    if one.employer and one.title:
        assert likeness(one, one) >= ENOUGH


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (("Acme", "Engineer", "2018", "2020"), ("ACME Ltd.", "engineer", "2018-02", "2020-01"), True),
        (("Acme", "Sr. Engineer", "", ""), ("Acme", "Senior Engineer", "2018", "present"), True),
        (("Acme Payments", "Backend Engineer", "", ""), ("Acme", "Backend Engineer", "", ""), True),
        (("Northgate Paymens", "Engineer", "", ""), ("Northgate Payments", "Engineer", "", ""), True),
        (("", "Ward Nurse", "2019", "2020"), ("St Mary's", "Ward Nurse", "2019", "2020"), True),
        (("Acme", "Engineer", "", ""), ("Acme", "Senior Engineer", "", ""), False),
        (("Acme", "Engineer", "2010", "2012"), ("Acme", "Engineer", "2016", "2018"), False),
        (("Acme", "Engineer", "", ""), ("Beta", "Engineer", "", ""), False),
        (("", "", "2019", "2020"), ("", "", "2019", "2020"), True),
        (("", "", "2019", ""), ("", "", "2018", ""), False),
    ],
)
def test_alike(one: tuple[str, ...], other: tuple[str, ...], alike: bool) -> None:
    first, second = (Position(employer=e, title=t, start=s, end=n) for e, t, s, n in (one, other))
    assert (likeness(first, second) >= ENOUGH) is alike


NURSE = Position(employer="St Mary's Hospital", title="Staff Nurse", start="2016", end="2019")
CARER = Position(employer="Elm House", title="Carer", start="2012", end="2015")
READ = Facts(name="Jane Rowe", positions=[NURSE, CARER], skills=["Wound care", "Java"])


def _saved(facts: Facts, ids: list[str]) -> Corrections:
    return learned(Corrections(), READ, Wanted(facts=facts, positions=ids, studies=[]), "v1")


def test_a_corrected_title_stays_and_the_end_is_read_anew() -> None:
    fixed = msgspec.structs.replace(NURSE, title="Charge Nurse")
    own = _saved(msgspec.structs.replace(READ, positions=[fixed, CARER]), ["r0", "r1"])
    later = msgspec.structs.replace(NURSE, employer="St. Mary's Hospital", end="present")
    found = merged(Facts(positions=[later]), own).positions
    assert found == [Position(employer="St. Mary's Hospital", title="Charge Nurse", start="2016", end="present")]


def test_a_removed_position_stays_removed_and_its_namesake_of_another_time_does_not() -> None:
    own = _saved(msgspec.structs.replace(READ, positions=[CARER]), ["r1"])
    again = msgspec.structs.replace(NURSE, start="2021", end="present")
    assert merged(Facts(positions=[again, NURSE]), own).positions == [again]


def test_of_two_that_were_read_twice_the_kept_one_stays() -> None:
    twice = Facts(positions=[NURSE, NURSE])
    wanted = Wanted(facts=Facts(positions=[NURSE]), positions=["r1"], studies=[])
    own = learned(Corrections(), twice, wanted, "v1")
    assert merged(twice, own).positions == [NURSE]
    assert merged(Facts(positions=[NURSE]), own).positions == [NURSE]


def test_an_added_position_stands_where_its_dates_put_it_and_is_not_doubled() -> None:
    added = Position(employer="Ash Clinic", title="Nurse", start="2019", end="present")
    own = _saved(msgspec.structs.replace(READ, positions=[NURSE, CARER, added]), ["r0", "r1", ""])
    assert merged(READ, own).positions == [added, NURSE, CARER]
    later = [msgspec.structs.replace(added, employer="Ash Clinic Ltd", start="2019-04"), NURSE]
    assert merged(Facts(positions=later), own).positions == [added, NURSE]


def test_a_correction_typed_back_is_none() -> None:
    own = _saved(msgspec.structs.replace(READ, name="Jane Roe", skills=["Wound care"]), ["r0", "r1"])
    assert bool(own)
    wanted = Wanted(facts=READ, positions=["", ""], studies=[])
    back = learned(own, READ, wanted, "v1")
    assert (back.texts, back.skills.removed) == ({}, [])


def test_odd_json_reads_as_nothing() -> None:
    odd: list[Any] = [None, {}, {"contact": 3, "jobs": "x", "skills": {"a": 1}}, {"jobs": [{}, 3, {"title": ["x"]}]}]
    for parsed in odd:
        assert merged(read(parsed), Corrections()).name == ""
        assert doubts(parsed) == frozenset()


def test_doubts_are_named_by_their_place() -> None:
    job = {
        "title": "Nurse",
        "employer": "Elm",
        "start": "2019",
        "confidence": {"title": 0.9, "employer": 0.4, "end": 0.1},
    }
    parsed = {
        "contact": {"name": "Jane", "email": "j@x.org", "confidence": {"name": 0.6, "email": 0.9, "phone": 0.2}},
        "jobs": [{"title": "x"}, job],
        "languages": [{"name": "Welsh"}],
        "confidence": {"languages": 0.6, "experience": 0.4},
    }
    assert doubts(parsed) == {"name", "positions.1.employer", "languages"}
