"""Which answer goes where: tables, no fixtures."""

import contextlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.applications.fitting import Option, Unfit, fit, match
from app.bots.apply import form, known
from app.bots.apply.form import Button, Field, FormPage
from app.bots.apply.plan import Facts, Upload, given_key, given_of, plan
from app.seekers.policy import question_key
from app.seekers.types import Profile

TODAY = date(2026, 11, 23)
YES_NO = (Option("", "Select…"), Option("1", "Yes"), Option("0", "No"))
ADA = Profile(
    name="Ada Byron",
    email="ada@example.org",
    phone="+44 20 7946 0000",
    location="London",
    country="United Kingdom",
    links={"linkedin": "https://linkedin.com/in/ada"},
    authorized_to_work="Yes",
    needs_sponsorship="No",
    pay_expectation="GBP 70,000",
    earliest_start="2099-02-01",
    equality={"gender": "I don't wish to answer"},
)


def field(label: str, kind: Any = "text", **more: Any) -> Field:
    return Field(index=0, name=more.pop("name", "q"), label=label, kind=kind, **more)


def facts(**more: Any) -> Facts:
    values: dict[str, Any] = {
        "known": ADA,
        "given": {},
        "bank": {},
        "resume": None,
        "employer": "Larkfield",
        "today": TODAY,
    }
    return Facts(**(values | more))


def page(*fields: Field, **more: Any) -> FormPage:
    return FormPage(url="u", title="t", fields=fields, buttons=(), **more)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (field("First Name"), "Ada"),
        (field("Last name"), "Byron"),
        (field("Full name"), "Ada Byron"),
        (field("E-mail address", "email"), "ada@example.org"),
        (field("Mobile", "tel"), "+44 20 7946 0000"),
        (field("Location (City)"), "London"),
        (field("LinkedIn Profile", "url"), "https://linkedin.com/in/ada"),
        (field("What are your salary expectations?"), "GBP 70,000"),
        (field("What is your earliest start date?", "date"), "2099-02-01"),
        (field("Will you now or in the future require visa sponsorship?", "select", options=YES_NO), "0"),
        (field("Are you legally authorized to work in the country of this position?", "radio", options=YES_NO), "1"),
        (field("Are you legally authorized to work in the UK?", "radio", options=YES_NO), "1"),
    ],
)
def test_the_profile_answers_what_it_surely_answers(asked: Field, answer: str) -> None:
    [fill] = plan(page(asked), facts()).fills
    assert (fill.values, fill.source) == ((answer,), "profile")


@pytest.mark.parametrize(
    "label",
    [
        "Can you work here without sponsorship?",
        "Are you legally authorized to work in the United States?",
        "Are you authorized to work in Germany?",
        "Do you require a visa to work in the US?",
        "What is your gender identity and race?",
        "Company name",
        "Name of your referee",
        "Emergency contact phone",
        "What pay did you get in your last job?",
        "Are you unable to start before March?",
    ],
)
def test_what_is_not_surely_known_is_asked_for(label: str) -> None:
    found = plan(page(field(label, required=True)), facts())
    assert [one.field.label for one in found.missing] == [label]


def test_optional_questions_without_an_answer_stay_empty() -> None:
    found = plan(page(field("Anything else?", "textarea"), field("Cover letter", "file")), facts())
    assert found == type(found)((), ())


def test_answers_of_this_application_win_over_bank_and_profile() -> None:
    asked = field("Phone", "tel", name="question_5")
    bank = {question_key("Phone"): ("111", "answer bank")}
    [fill] = plan(page(asked), facts(bank=bank)).fills
    assert fill.values == ("111",)
    [fill] = plan(page(asked), facts(bank=bank, given={given_key("question_5", ""): ("222", "reviewer")})).fills
    assert (fill.values, fill.source) == (("222",), "reviewer")


def test_a_name_is_no_question() -> None:
    """Sites name their fields as they like: `salary` for last year's, `field_0` on each page anew."""
    asked = field("What did you earn last year?", name="salary", required=True)
    bank = {question_key("Salary"): ("70000", "answer bank")}
    assert plan(page(asked), facts(bank=bank)).fills == ()
    first, second = field("Notice period?", name="field_0"), field("Team size?", name="field_0", required=True)
    given = given_of([{"key": "field_0", "question": "Notice period?", "answer": "1 month", "source": "reviewer"}])
    assert [fill.values for fill in plan(page(first), facts(given=given)).fills] == [("1 month",)]
    assert plan(page(second), facts(given=given)).fills == ()


def test_questions_of_one_wording_are_told_apart_by_name() -> None:
    one, other = field("Please specify", name="a"), field("Please specify", name="b")
    given = given_of([
        {"key": "a", "question": "Please specify", "answer": "1"},
        {"key": "b", "question": "Please specify", "answer": "2"},
    ])  # fmt: skip
    assert [fill.values for fill in plan(page(one, other), facts(given=given)).fills] == [("1",), ("2",)]


def test_a_day_that_has_passed_is_right_where_a_person_says_so_for_this_form() -> None:
    asked = field("When did you graduate?", "date", required=True)
    key = question_key(asked.label)
    assert plan(page(asked), facts(bank={key: ("2019-07-01", "answer bank")})).missing
    [fill] = plan(page(asked), facts(given={key: ("2019-07-01", "reviewer")})).fills
    assert fill.values == ("2019-07-01",)


@pytest.mark.parametrize("label", ["Referee's phone", "Emergency contact", "Your manager's telephone"])
def test_somebody_else_s_number_is_not_the_seeker_s(label: str) -> None:
    """Browsers are told `tel` there too: autocomplete says what kind of thing it is, the words whose."""
    assert plan(page(field(label, "tel", autocomplete="tel", required=True)), facts()).fills == ()


def test_the_employer_s_name_in_a_question_does_not_matter() -> None:
    bank = {"why employer": ("Because.", "answer bank")}
    [fill] = plan(page(field("Why Larkfield?", "textarea")), facts(bank=bank)).fills
    assert fill.values == ("Because.",)


@pytest.mark.parametrize(
    ("kind", "answer", "options", "values"),
    [
        ("select", "yes", YES_NO, ("1",)),
        ("radio", "No", YES_NO, ("0",)),
        ("select", "Yes", (Option("a", "Yes, I do"), Option("b", "No, I don't")), ("a",)),
        ("select", "1 Month", (Option("a", "1 month"), Option("b", "2 months")), ("a",)),
        ("checkboxes", ["English", "Dutch"], (Option("a", "English"), Option("b", "Dutch")), ("a", "b")),
        ("select", "Prefer not to say", (Option("a", "Male"), Option("b", "Decline to self-identify")), ("b",)),
        ("number", "7 years", (), ("7",)),
        ("url", "example.org/ada", (), ("https://example.org/ada",)),
    ],
)
def test_answers_fit(kind: Any, answer: Any, options: tuple[Option, ...], values: tuple[str, ...]) -> None:
    assert fit(field("q", kind, options=options), answer, TODAY) == values


@pytest.mark.parametrize(
    ("kind", "answer", "options"),
    [
        ("select", "Yes", (Option("a", "Yes, now"), Option("b", "Yes, later"), Option("c", "No"))),
        ("select", "Maybe", YES_NO),
        ("select", "", YES_NO),
        ("select", "3", (Option("a", "30"), Option("b", "3 months"))),
        ("number", "about seven", ()),
        ("date", "next spring", ()),
        ("date", "2026-11-01", ()),
        ("text", "two\nlines", ()),
        ("checkbox", "Perhaps", (Option("1", "I agree"),)),
    ],
)
def test_answers_that_don_t_fit_are_not_bent(kind: Any, answer: Any, options: tuple[Option, ...]) -> None:
    with pytest.raises(Unfit):
        fit(field("q", kind, options=options), answer, TODAY)


def test_a_long_answer_is_not_cut() -> None:
    with pytest.raises(Unfit):
        fit(field("q", "textarea", max_length=10), "eleven chars", TODAY)


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=6, unique=True))
def test_a_match_is_always_one_of_the_options(text: str, labels: list[str]) -> None:
    options = tuple(Option(str(place), label) for place, label in enumerate(labels))
    with contextlib.suppress(Unfit):
        assert match(text, options) in options


@pytest.mark.parametrize(
    ("label", "yes"),
    [
        ("I agree that Larkfield may process my personal data for this application.", True),
        ("I agree that Larkfield may process my personal data for this and future applications.", False),
        ("I consent to my data being shared with partners for this application", False),
        ("I agree to the processing of my data for marketing by this application", False),
        ("I certify that all information in this application is true", False),
        ("I agree to a background check", False),
        ("I do not agree that my personal data is processed for this application", False),
    ],
)
def test_which_consent_is_part_of_applying(label: str, yes: bool) -> None:
    box = field(label, "checkbox", required=True, options=(Option("1", "I agree"),))
    assert known.is_processing_consent(box) is yes


def test_a_pdf_isn_t_put_where_only_word_files_go() -> None:
    resume = Upload("a.pdf", 3, "0")
    asked = field("Resume", "file", accept=".doc,.docx", required=True)
    assert plan(page(asked), facts(resume=resume)).missing[0].why.startswith("This takes .doc")


@pytest.mark.parametrize(
    ("labels", "steps", "chosen", "step"),
    [
        (["Continue"], (1, 2), 0, True),
        (["Continue"], (2, 2), 0, False),
        (["Continue"], None, 0, False),
        (["Back", "Next"], (1, 3), 1, True),
        (["Save and continue"], (1, 3), 0, True),
        (["Submit application"], (1, 2), 0, False),
        (["Continue and submit"], (1, 2), 0, False),
        (["Go"], (1, 2), 0, False),
        (["Upload", "Browse"], None, None, False),
    ],
)
def test_which_button_takes_the_page_on(labels: list[str], steps: Any, chosen: int | None, step: bool) -> None:
    buttons = tuple(Button(place, label, True) for place, label in enumerate(labels))
    asked = FormPage(url="u", title="t", fields=(), buttons=buttons, steps=steps)
    button = form.forward(asked)
    assert (button.index if button else None) == chosen
    if button is not None:
        assert form.is_step(asked, button) is step


_DIRECT = ("work_authorization/direct", "visa_sponsorship/direct", "compensation/direct")


def test_sensitive_phrasings_of_real_forms_are_never_guessed(shared_data: Path) -> None:
    """Recorded wordings: a yes in the profile answers a sensitive one only where the question asks for just that."""
    cases = json.loads((shared_data / "boards/greenhouse/question_phrasings_labeled.json").read_text())
    wrong = []
    for case in cases:
        asked = field(case["label"], "select", options=YES_NO, required=True)
        answered = known.answer(asked, ADA, "X")
        direct = str(case["verdict"]).startswith(_DIRECT)
        if case["sensitive"] and answered and not direct:
            wrong.append((case["verdict"], case["label"], answered))
    assert wrong == []
