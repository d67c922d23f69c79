"""What keeps a pair below ninety, whatever else speaks for it."""

from __future__ import annotations

from datetime import date

import pytest

from app.bots.match import limits, requirements, scoring
from app.bots.match.likeness import Likeness
from app.bots.match.person import Person, person
from app.bots.match.scale import capped
from app.bots.match.skills import default

POSTING = """What you bring
- Registered nurse with current NMC registration
- Wound care and medication administration
- Two years of work on a ward
- Infection control
- Monitoring vital signs and keeping patient records
What you will do
- Look after twenty-four patients with two colleagues and a care assistant on every shift
"""
NURSE = """Ann Lee
Staff Nurse

EXPERIENCE
Staff Nurse, Hill Hospital, January 2020 - present
• Gave medication, dressed wounds and kept the notes for a ward of twenty-eight people

CERTIFICATIONS
{licence}
"""


def _why(posting: str, resume: str, title: str = "Ward Nurse") -> list[str]:
    return _capped(posting, person(resume, date(2026, 11, 25)), title)


def _capped(posting: str, who: Person, title: str = "Ward Nurse") -> list[str]:
    needs = requirements.analyse(title, posting)
    near = Likeness(
        [0.9] * len(needs.wishes), [0] * len(needs.wishes), [0.9] * len(who.titles), [0.9] * len(who.held), 0.9
    )
    return [cap.why for cap in limits.caps(needs, who, near, default())]


def test_a_licence_that_is_required() -> None:
    assert _why(POSTING, NURSE.format(licence="Registered Nurse, NMC registration 2019")) == []
    (why,) = _why(POSTING, NURSE.format(licence="First aid"))
    assert "Registered nurse" in why


def test_one_that_is_only_nice_to_have_or_negated_holds_nobody() -> None:
    relaxed = POSTING.replace("Registered nurse with current NMC registration", "NMC registration is a plus")
    assert _why(relaxed, NURSE.format(licence="First aid")) == []
    denied = POSTING.replace("Registered nurse with current NMC registration", "No NMC registration needed")
    assert _why(denied, NURSE.format(licence="First aid")) == []


def test_a_posting_pasted_into_the_resume() -> None:
    pasted = NURSE.format(licence="NMC registration\n\nSUMMARY\n" + POSTING.replace("- ", ""))
    assert any("own sentences" in why for why in _why(POSTING, pasted))


def test_skills_in_text_that_nobody_sees() -> None:
    for hidden, held in (("Python, Kafka, Kubernetes, Terraform", True), ("made with a template", False), ("", False)):
        who = scoring.person_of(NURSE.format(licence="NMC registration"), date(2026, 11, 25), hidden=hidden)
        assert who.hides is held
        assert any("nobody can see" in why for why in _capped(POSTING, who)) is held


def test_a_language_that_is_required() -> None:
    asked = POSTING + "\nRequirements\n- Fluent German\n"
    resume = NURSE.format(licence="NMC registration")
    assert any("German" in why for why in _why(asked, resume))
    assert _why(asked, resume + "\nLANGUAGES\nGerman (C1)\n") == []


@pytest.mark.parametrize(("title", "held"), [("Director of Nursing", True), ("Senior Ward Nurse", False)])
def test_two_levels_between_posting_and_person(title: str, held: bool) -> None:
    resume = NURSE.format(licence="NMC registration").replace("January 2020", "January 2024")
    assert any("two levels" in why for why in _why(POSTING, resume, title)) is held


def test_a_thin_posting_and_a_bare_resume() -> None:
    assert any("too little" in why for why in _why("Nurse wanted.", NURSE.format(licence="NMC registration")))
    assert len(_why(POSTING, "Ann Lee\nNurse\n\nSKILLS\nWound care, NMC registration")) >= 1


def test_below_its_limit_a_score_keeps_its_order() -> None:
    scores = [capped(score, 74) for score in (20.0, 64.0, 80.0, 95.0, 100.0)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 5
    assert scores[:2] == [20.0, 64.0]
    assert scores[-1] == 74


LEFT = """Al Penn
{headline}

EXPERIENCE
Product Manager, Facebook, {since} - present
- Led the roadmap of the news feed with four teams

Software Engineer, Apple, 2007 - 2012
- Wrote services in Java and Python
"""


def _by_titles(resume: str, now: float, before: float) -> list[str]:
    """What limits say where the newest position's title is so near the posting's, and the one before so near."""
    who, needs = person(resume, date(2026, 11, 25)), requirements.analyse("Software Engineer", SOFTWARE)
    titles = [before if title == "Software Engineer" else now for title in who.titles]
    held = [before if one.title == "Software Engineer" else now for one in who.held]
    like = Likeness([0.9] * len(needs.wishes), [0] * len(needs.wishes), titles, held, 0.9)
    return [cap.why for cap in limits.caps(needs, who, like, default())]


SOFTWARE = """Requirements
- Experience with Java
- Experience with Python
- You have built services that many people use, with PostgreSQL and Kafka
- You explain what you do to people who don't write software, and write it down for them
- You look after what you have built when it runs, in turns with five other engineers
"""


def test_an_occupation_that_was_left_long_ago() -> None:
    resume = LEFT.format(headline="Product Manager", since="2012")
    (why,) = _by_titles(resume, now=0.3, before=0.95)
    assert why.startswith("The position that fits best ended 15 years ago")
    assert _by_titles(resume, now=0.6, before=0.95) == []  # "Senior software engineer, payments" is no other work
    assert _by_titles(LEFT.format(headline="Software Engineer", since="2012"), now=0.3, before=0.95) == []


def test_nobody_left_an_occupation_whose_title_only_grew() -> None:
    resume = LEFT.format(headline="Senior Software Engineer, Payments", since="2012")
    assert (
        _by_titles(resume.replace("Product Manager", "Senior Software Engineer, Payments"), now=0.3, before=0.95) == []
    )
