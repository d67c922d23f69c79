"""A resume survives being cut into sections; added lines want a source."""

from hypothesis import given
from hypothesis import strategies as st

from app.web.pages import editing

RESUME = """Jane Roe
jane@example.org

Summary
Backend engineer.

Work Experience
Contoso Pay, 2020-now
- Ledger services

SKILLS
Python, SQL"""


def test_sections_start_at_their_headings() -> None:
    found = editing.sections(RESUME)
    assert [part.heading for part in found] == ["", "Summary", "Work Experience", "SKILLS"]
    assert found[2].body == "Contoso Pay, 2020-now\n- Ledger services"


def test_joining_gives_the_resume_back() -> None:
    assert editing.joined(editing.sections(RESUME)) == RESUME


@given(st.text(alphabet=st.sampled_from("ab \nSkils:"), max_size=80))
def test_no_line_is_lost(text: str) -> None:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    again = editing.joined(editing.sections(text))
    assert [line.strip() for line in again.split("\n") if line.strip()] == lines


def test_moving_and_respacing_a_line_adds_nothing() -> None:
    assert editing.added(RESUME, RESUME.replace("- Ledger services", "•  ledger  services"), {}) == []


def test_an_added_line_wants_a_source() -> None:
    text = RESUME + ", Kafka"
    assert editing.unsourced(RESUME, text, {}) == ["Python, SQL, Kafka"]
    assert editing.unsourced(RESUME, text, {"Python, SQL, Kafka": "answer"}) == []
    assert editing.unsourced(RESUME, text, {"Python, SQL, Kafka": "thin air"}) == ["Python, SQL, Kafka"]


def test_the_diff_shows_what_changed_and_its_surroundings() -> None:
    found = editing.diff(RESUME, RESUME.replace("Backend engineer.", "Payments engineer."))
    assert [(line.kind, line.text) for line in found if line.kind != "same"] == [
        ("gone", "Backend engineer."),
        ("add", "Payments engineer."),
    ]
    assert not editing.changed(RESUME, RESUME + "\n\n")


def test_each_section_knows_what_it_was() -> None:
    text = RESUME.replace("Backend engineer.", "Ledger engineer.") + "\n\nAwards\nA medal"
    found = {part.heading: (part.body, part.original) for part in editing.against(RESUME, text)}
    assert found["Summary"] == ("Ledger engineer.", "Backend engineer.")
    assert found["SKILLS"][0] == found["SKILLS"][1]
    assert found["Awards"] == ("A medal", "")


def test_how_much_was_changed_is_told_in_words() -> None:
    assert editing.told(RESUME, RESUME) == ""
    assert editing.told(RESUME, RESUME + "\nGo") == "1 line added"
    assert editing.told(RESUME, RESUME.replace("Backend engineer.", "Cook.\nBaker.")) == "2 lines added, 1 taken out"
