"""A resume's text → parts, over layouts; nothing is invented."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bots.match import dates
from app.bots.match.lines import normalise, without_page_marks
from app.bots.match.parse import Parsed, parse
from app.bots.match.pdf import pdf_text
from tests.eval import make

TODAY = date(2026, 11, 23)
HEAD = (
    "Ana María Núñez\nRegistered Nurse\n"
    "Leeds, United Kingdom | ana@example.org | +44 113 496 0123\nlinkedin.com/in/ana\n"
)


def test_contact() -> None:
    contact = parse(HEAD + "SUMMARY\nCalm.", TODAY).contact
    assert contact.name == "Ana María Núñez"
    assert contact.email == "ana@example.org"
    assert contact.phone == "+44 113 496 0123"
    assert contact.location == "Leeds, United Kingdom"
    assert contact.links == ["linkedin.com/in/ana"]


LAYOUTS = {  # heading, header and dates in the orders that resumes have
    "dates at the end": "Experience\nStaff Nurse, Moor Edge Hospital, June 2018 - Present\n• Cared for patients\n",
    "dates in front": "Experience\nJune 2018 – present Staff Nurse, Moor Edge Hospital – Leeds\n• Cared for patients\n",
    "dates alone": "EXPERIENCE\nJune 2018 –\nPresent\nStaff Nurse, Moor Edge Hospital, Leeds\nCared for patients\n",
    "employer above": "Work Experience\nMoor Edge Hospital\nStaff Nurse\tJun. 2018 - Present\n• Cared for patients\n",
    "title below": "Employment\nMoor Edge Hospital, Leeds\t\t06/2018 to current\nStaff Nurse\n• Cared for patients\n",
    "dates below": "Experience\nStaff Nurse\nMoor Edge Hospital\nJune 2018 – Present\n• Cared for patients\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_jobs(layout: str) -> None:
    found = parse(HEAD + LAYOUTS[layout], TODAY)
    assert len(found.jobs) == 1
    job = found.jobs[0]
    assert (job.title, job.employer) == ("Staff Nurse", "Moor Edge Hospital")
    assert (job.start, job.end) == ("2018-06", "present")
    assert job.bullets == ["Cared for patients"]
    assert found.years == pytest.approx(8.4, abs=0.1)


def test_studies() -> None:
    found = parse(HEAD + "EDUCATION\nBSc in Nursing, University of Leeds, 2014 – 2017\nGPA: 3.9\n", TODAY)
    assert [(study.degree, study.institution, study.end) for study in found.education] == [
        ("BSc in Nursing", "University of Leeds", "2017")
    ]


def test_a_subject_is_not_taken_for_a_school() -> None:
    found = parse(HEAD + "EDUCATION\nBachelor of Arts, Business Administration\n", TODAY)
    assert [study.institution for study in found.education] == [""]


def test_what_isnt_there_stays_empty() -> None:
    found = parse("I like long walks and quiet mornings.", TODAY)
    assert found.contact.name == found.contact.email == found.contact.phone == ""
    assert (found.jobs, found.education, found.years) == ([], [], 0.0)
    assert (found.languages, found.hidden, found.contact.confidence) == ([], "", {})


def test_years_side_by_side_count_once() -> None:
    assert dates.years_covered([("2018", "2020"), ("2019", "2021")], TODAY) == 3.0


def test_confidence_is_by_rule() -> None:
    sure = parse(HEAD + LAYOUTS["dates at the end"], TODAY)
    assert sure.jobs[0].confidence == {"title": 0.9, "employer": 0.9, "start": 0.9, "end": 0.9, "bullets": 0.9}
    assert sure.contact.confidence["name"] == 0.9  # the mail address repeats it
    guessed = parse(HEAD + "Experience\nJanitoring, Elsewhere 2018 - 2020\n", TODAY).jobs[0]
    assert guessed.confidence["employer"] == 0.4
    assert guessed.confidence["start"] == 0.75
    assert (
        sure.confidence["experience"]
        > parse(HEAD + "Experience\nElsewhere 2018 - 2020", TODAY).confidence["experience"]
    )


def test_empty_fields_have_no_confidence_and_filled_ones_do() -> None:
    found = parse(HEAD + LAYOUTS["employer above"] + "Languages\nEnglish (native), Welsh\n", TODAY)
    for part in (found.contact, *found.jobs, *found.education):
        filled = {name for name, value in msgspec.structs.asdict(part).items() if value and name != "confidence"}
        assert filled == part.confidence.keys()
    assert found.confidence.keys() == {"experience", "languages", "skills"}


def test_what_was_stored_before_still_reads() -> None:
    """Fields that came later have defaults: rows hold the form as it was when they were written."""
    old = {
        "contact": {"name": "Jane Roe", "email": "", "phone": "", "location": "", "links": []},
        "summary": "", "education": [{"institution": "MIT", "degree": "", "start": "", "end": ""}], "skills": [],
        "jobs": [{"employer": "a", "title": "", "location": "", "start": "", "end": "", "bullets": []}],
        "years": 1.0, "claimed_years": None, "sections": [],
    }  # fmt: skip
    assert msgspec.convert(old, Parsed).contact.name == "Jane Roe"


LANGUAGES = {
    "Languages\nEnglish (native), Spanish – B2": [("English", "native"), ("Spanish", "B2")],
    "Languages\nFrench: mother tongue\nGerman": [("French", "mother tongue"), ("German", "")],
    "Skills\nLanguage: Fluent in Spanish": [("Spanish", "Fluent")],
    "Skills\nLanguages: Python, Go, C++": [],
    "Experience\nTaught English literature to Spanish students": [],
}


@pytest.mark.parametrize("text", LANGUAGES)
def test_languages(text: str) -> None:
    assert [(said.name, said.level) for said in parse(HEAD + text, TODAY).languages] == LANGUAGES[text]


def test_contact_under_a_heading_of_its_own_far_down() -> None:
    text = "Jane Roe\nNurse\nSkills\nTriage\nContact\n+44 113 496 0123\njr@example.org\nLeeds, United Kingdom\n"
    contact = parse(text + "Education\nBSc in Nursing, University of Leeds", TODAY).contact
    assert (contact.name, contact.phone, contact.email) == ("Jane Roe", "+44 113 496 0123", "jr@example.org")
    assert contact.location == "Leeds, United Kingdom"


NAMES = {
    "Jane Roe, RN, BSN\nLeeds": "Jane Roe",
    "Curriculum Vitae\nName: Jean-Baptiste Kouassi": "Jean-Baptiste Kouassi",
    "Highly Motivated Person\nJane Roe\njane.roe@example.org": "Jane Roe",
    "履歴書\n山田太郎\nyamada@example.jp": "山田太郎",
    "محمد العربي\nمهندس": "محمد العربي",
    "דוד לוי\nמהנדס": "דוד לוי",
    "J A N E\tR O E": "",
}


@pytest.mark.parametrize("head", NAMES)
def test_names(head: str) -> None:
    assert parse(head, TODAY).contact.name == NAMES[head]


# Nothing is invented.

_MONTHS = (
    "jan",
    "feb",
    "mar|spring",
    "apr",
    "may",
    "jun|summer",
    "jul",
    "aug",
    "sep|fall|autumn",
    "oct",
    "nov",
    "dec|winter",
)


def _bare(text: str) -> str:
    """Without white space, signs that can't be seen, and what hyphen it is."""
    kept = (char for char in text if not char.isspace() and unicodedata.category(char)[0] != "C")
    return "".join(re.sub("[-\u00ad\u2010\u2011]+", "-", "".join(kept)))


def _check_date(value: str, text: str) -> None:
    year, _, month = value.partition("-")
    if value == "present":
        assert re.search("present|current|now|today|ongoing|date", text, re.I)
    elif value:
        assert year in text
        assert not month or re.search(rf"{_MONTHS[int(month) - 1]}|\b0?{int(month)}[/.]|-{month}", text, re.I)


def check_nothing_is_invented(text: str) -> None:
    """Every value stands in the text, or is a date of it."""
    found = parse(text, TODAY)
    contact = found.contact
    values = [contact.name, contact.email, contact.phone, contact.location, *contact.links, found.summary]
    for job in found.jobs:
        values += [job.title, job.employer, job.location, *job.bullets]
    for study in found.education:
        values += [study.institution, study.degree, study.subject]
    values += [part for said in found.languages for part in (said.name, said.level)]
    seen = _bare(without_page_marks(normalise(text)))
    assert [value for value in values if _bare(value) not in seen] == []
    for entry in (*found.jobs, *found.education):
        _check_date(entry.start, text)
        _check_date(entry.end, text)


def test_cleaning_a_text_adds_nothing_to_it() -> None:
    for name in make.texts():
        assert _bare(normalise(name)) == _bare(name)


@given(st.text(max_size=400))
def test_nothing_is_invented_for_any_text(text: str) -> None:
    check_nothing_is_invented(text)


_LINES = st.sampled_from([line for text in make.texts() for line in text.split("\n")])
_WORDS = st.sampled_from([word for text in make.texts() for word in text.split()] + ["\t", "•", "–", "(", ",", "1/2"])
_PHRASES = st.lists(_WORDS, min_size=1, max_size=9).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(_LINES | _PHRASES, max_size=40))
def test_nothing_is_invented_for_resumes_shuffled(lines: list[str]) -> None:
    check_nothing_is_invented("\n".join(lines))


@pytest.mark.parametrize("text", make.texts(), ids=lambda text: text.strip().split("\n")[0][:20])
def test_nothing_is_invented_for_our_own(text: str) -> None:
    check_nothing_is_invented(text)


def test_nothing_is_invented_for_the_samples(shared_data: Path) -> None:
    files = sorted((shared_data / "resumes").glob("*.pdf")) + sorted((shared_data / "resume_match").rglob("*.pdf"))[::4]
    for file in files:
        check_nothing_is_invented(pdf_text(file.read_bytes()).text)


def test_a_title_with_its_field_beside_a_firm_with_its_place() -> None:
    head = "Senior Engineer, Payments | Fernbank Pay, London, United Kingdom | March 2021 - Present"
    text = f"Ann Lee\n\nEXPERIENCE\n{head}\n"
    (job,) = parse(text, date(2026, 11, 23)).jobs
    assert (job.title, job.employer) == ("Senior Engineer, Payments", "Fernbank Pay")
    assert job.location == "London, United Kingdom"
