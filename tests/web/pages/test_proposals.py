"""What is proposed to a form's questions: only what the seeker said, with the place where it stands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.platform.ids import new_id
from app.seekers.policy import question_key
from app.seekers.types import Answer, Consent, Preferences, Profile, Seeker, Thresholds
from app.web.pages.desk_views import question
from app.web.pages.proposals import Proposal, Told, propose

ME = new_id()
RESUME = """Jane Roe
SKILLS
Python, Kafka, Go, Docker, Terraform
EXPERIENCE
• Replaced the settlement batch by an event-driven architecture on Kafka
• Cut the way to production to an hour with Docker images
• Wrote goals for the team and went on a long march with it
• Ran Kafka for forty merchants, with an outbox in front of it"""
PROFILE = Profile(
    first_name="Jane",
    needs_sponsorship="No",
    authorized_to_work="I hold an EU passport",
    work_permission="German citizen",
    pay_expectation="From 70,000 EUR",
    country="Germany",
    links={"linkedin": "linkedin.com/in/jane"},
)
BANK = {
    "How many years have you worked with Linux?": "6",
    "Can you work on site in Leeds?": "Two days a week",
    "Do you need a visa without a job offer?": "Yes",
    "Why do you want to work for Northwind?": "The ledger.",
    "Earliest day to begin": "2020-01-01",
}


def _bank() -> list[Answer]:
    now = datetime.now(UTC)
    return [
        Answer(
            id=new_id(),
            seeker_id=ME,
            question=q,
            question_key=question_key(q),
            answer=a,
            source="seeker",
            updated_at=now,
        )
        for q, a in BANK.items()
    ]


def proposed(label: str, kind: str = "text", given: list[dict[str, Any]] | None = None, **more: Any) -> Proposal | None:
    told = Told(
        seeker=Seeker(
            user_id=ME,
            profile=PROFILE,
            preferences=Preferences(),
            thresholds=Thresholds(),
            consent=Consent(),
            matching_active=True,
            version=1,
        ),
        bank=_bank(),
        given=given or [],
        resume=RESUME,
        skills=["Python", "Kafka", "Go", "Docker"],
        employer="Northwind",
        today=date(2026, 11, 26),
    )
    asked = question({"key": "q1", "question": label, "kind": kind, "required": True} | more)
    (found,) = propose([asked], told)
    return found


@pytest.mark.parametrize(
    ("label", "kind", "values", "source", "quote"),
    [
        (
            "How many years have you worked with Linux?",
            "number",
            ("6",),
            "answer bank",
            "How many years have you worked",
        ),
        ("Years you worked with Linux", "text", ("6",), "answer bank, asked in other words", "How many years"),
        ("LinkedIn profile", "url", ("https://linkedin.com/in/jane",), "profile", "LinkedIn"),
        ("What are your salary expectations?", "text", ("From 70,000 EUR",), "profile", "Pay you expect"),
        ("Which citizenship do you hold?", "text", ("German citizen",), "profile", "Citizenship or permit"),
        ("Describe your experience with Docker", "text", ("Cut the way to production",), "resume, word for word", ""),
    ],
)
def test_what_the_seeker_said_is_proposed_with_its_place(
    label: str, kind: str, values: tuple[str, ...], source: str, quote: str
) -> None:
    found = proposed(label, kind)
    assert found is not None
    assert found.values[0].startswith(values[0])
    assert found.source == source
    assert found.quote.startswith(quote)
    assert bool(found.quote) is bool(quote)


def test_lines_of_the_resume_are_quoted_word_for_word() -> None:
    found = proposed("Tell us about your experience with Kafka", "textarea")
    assert found is not None
    (text,) = found.values
    assert all(line in RESUME for line in text.split("\n"))
    assert text.count("\n") == 1
    said = proposed("Do you have experience with Kafka?", "select", options=["Yes, I do", "No"])
    assert said is not None
    assert (said.values, said.source) == (("Yes, I do",), "resume")
    assert said.quote in RESUME


@pytest.mark.parametrize(
    ("label", "kind", "options"),
    [
        ("How many years have you worked with Windows?", "number", []),  # another skill is another question
        ("Do you need a visa?", "select", ["Yes", "No"]),  # "without" makes it another
        ("How many years of experience do you have with Kafka?", "number", []),  # nobody reckons here
        ("Do you have experience with Go?", "select", ["Yes", "No"]),  # "goals" and a bare list are no proof
        ("Do you have no experience with Kafka?", "select", ["Yes", "No"]),
        ("Your gender", "select", ["Female", "Male"]),
        ("Are you authorized to work in the United States?", "text", []),  # of another country nothing is known
        ("Why us?", "textarea", []),
        ("", "text", []),
    ],
)
def test_where_there_is_no_source_there_is_no_proposal(label: str, kind: str, options: list[str]) -> None:
    assert proposed(label, kind, options=options) is None


def test_what_the_form_does_not_take_is_shown_and_not_offered() -> None:
    found = proposed("Can you work on site in Leeds?", "select", options=["Yes", "No"])
    assert found is not None
    assert (found.values, found.shown, found.source) == ((), "Two days a week", "answer bank")
    assert "None of the listed answers" in found.unfit
    past = proposed("Earliest day to begin", "date")
    assert past is not None
    assert past.unfit == "The date 2020-01-01 has passed."
    long = proposed("Why do you want to work for Northwind?", "textarea", max_length=3)
    assert long is not None
    assert long.values == ()


def test_what_was_answered_for_this_application_comes_first() -> None:
    given = [{"key": "q1", "question": "How many years have you worked with Linux?", "answer": "7", "source": "seeker"}]
    found = proposed("How many years have you worked with Linux?", "number", given)
    assert found is not None
    assert (found.values, found.source) == (("7",), "the seeker's answer for this application")
