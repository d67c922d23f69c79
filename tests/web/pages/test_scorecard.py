"""The card of a score: the same from structs, from stored JSON, and from JSON of earlier versions."""

from __future__ import annotations

import msgspec

from app.bots.match.explanation import Component, Evidence, components_of
from app.web.pages import scorecard

NEW = Component(
    name="years",
    label="Years of experience",
    score=83.4,
    weight=10.2,
    evidence=[Evidence("6 years of experience", "5 years, all in related positions")],
    would_raise="1 more year in related work.",
)
OLD = {"name": "work", "label": "The work itself", "score": 70.0, "weight": 20, "evidence": ["Ran the payroll."]}
LINES = [
    {"text": "2. Go is a plus ", "kind": "nice", "met": 10.0, "evidence": "Ran the bar.", "missing": ["Go"]},
    {"text": "**Python** in production", "kind": "required", "met": 96.0, "evidence": "Wrote Python.", "missing": []},
    {"text": "Python, Scala or Java", "kind": "required", "met": 60.0, "evidence": "", "missing": ["Scala", "Java"]},
]


def test_structs_and_stored_json_make_the_same_parts() -> None:
    (part,) = scorecard.parts([NEW])
    assert [part] == scorecard.parts(msgspec.to_builtins([NEW]))
    assert (part.words, part.shown, part.weight) == ("Years of experience", "83", "10 %")
    assert (part.evidence, part.raised) == (NEW.evidence, "1 more year in related work.")


def test_parts_of_earlier_versions_show_what_they_have() -> None:
    (part,) = scorecard.parts([OLD])
    assert part.evidence == [Evidence("", "Ran the payroll.")]
    assert (part.raised, part.weight) == ("", "20 %")
    (bare,) = scorecard.parts([{"label": "Work", "score": 70.0}])
    assert (bare.words, bare.weight, bare.evidence) == ("Work", "", [])


def test_what_is_no_list_of_components_is_none() -> None:
    for odd in (None, {}, "x", [7, "x", {}]):
        assert components_of(odd) == []
        assert scorecard.parts(odd) == []


def test_lines_are_quoted_plainly_the_required_first() -> None:
    found = scorecard.points({"lines": LINES})
    assert [(point.words, point.state) for point in found] == [
        ("Python in production", "met"),
        ("Python, Scala or Java", "half"),
        ("Go is a plus", "open"),
    ]
    assert [point.told for point in found] == ["Wrote Python.", "", ""]  # what isn't met is answered by nothing
    assert found[-1].nice


def test_gaps_tell_their_points_and_leave_out_what_is_not_needed() -> None:
    before = {
        "would_raise": [{"skill": "Go", "points": 3.6}, {"skill": "Teamwork", "points": 0.4}],
        "missing": ["Go", "Teamwork", "Scala", "Kafka"],
        "lines": [LINES[1] | {"missing": ["Scala"]}, LINES[0]],
    }
    found = scorecard.gaps(before, ["go"])
    assert [(gap.words, gap.points, gap.met) for gap in found] == [
        ("Go", "+4", True),
        ("Teamwork", "under 1", False),
        ("Kafka", "", False),
    ]


def test_a_draft_is_told_by_its_own_lines_and_the_gaps_of_the_upload() -> None:
    before = {"would_raise": [{"skill": "Go", "points": 4.0}], "notes": ["The posting says too little to be sure."]}
    card = scorecard.scorecard(84.6, 80, 90, [NEW], before, ["Go"], now={"lines": LINES[1:2]})
    assert card.says == "84: the one point asked for is met; the resume shows five of the six years asked for."
    assert card.why.startswith("The one point asked for is met")
    assert (card.held, card.left, card.met) == ("", 0, 1)
    assert scorecard.scorecard(74, None, 90, [NEW], before, []).held.startswith("Held below 90 because the posting")


def test_the_seeker_is_spoken_to() -> None:
    told = msgspec.structs.replace(NEW, would_raise="Name a position closer to this title, if one was held.")
    card = scorecard.scorecard(74, None, 90, [told], {}, [], voice="seeker")
    assert card.parts[0].raised == "Name a position closer to this title, if you held one."
    assert "you show five of the six years" in card.says
