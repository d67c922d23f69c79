"""A resume survives being cut into sections; added lines want a source."""

from time import perf_counter

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


def test_of_an_edited_line_only_the_words_count_that_changed() -> None:
    before = "Led the design of asyncio services for card money (Python, Kafka)"
    after = "Led the design and build of asyncio services for card money (Python)"
    (line,) = [line for line in editing.diff(before, after) if line.kind != "same"]
    assert line.kind == "edit"
    changes = [(piece.kind, piece.text.strip()) for piece in line.pieces if piece.kind != "same"]
    assert changes == [("add", "and build"), ("gone", ", Kafka")]
    (added,) = editing.added(before, after, {after: "resume"})
    assert (added.source, added.pieces) == ("resume", line.pieces)
    assert editing.told(before, after) == "1 line edited"
    (new,) = editing.added(RESUME, RESUME + "\nSailed round the world", {})
    assert new.pieces == []


def test_edited_lines_keep_their_order_among_new_and_old_ones() -> None:
    before = "Baked bread every day\nSold shoes in Leeds\nTaught two apprentices"
    after = "Baked bread every night\nFlew a kite\nTaught three apprentices"
    assert [(line.kind, line.text) for line in editing.diff(before, after)] == [
        ("edit", "Baked bread every night"),
        ("gone", "Sold shoes in Leeds"),
        ("add", "Flew a kite"),
        ("edit", "Taught three apprentices"),
    ]


def test_a_resume_of_any_length_is_compared_while_somebody_types() -> None:
    many = "\n".join(f"a line of words number {n}" for n in range(3000))
    long = "a " * 20_000
    started = perf_counter()
    assert editing.told(many, many.replace("words", "word")) == "3000 lines added, 3000 taken out"
    assert {line.kind for line in editing.diff(long, long.replace("a ", "b "))} == {"gone", "add"}
    assert [piece.kind for piece in editing.pieces(long, long + "b")] == ["gone", "same", "add"]
    assert perf_counter() - started < 5


WORDS = st.text(alphabet=st.sampled_from("abC ,.•"), max_size=30)


@given(WORDS, WORDS)
def test_an_edited_lines_pieces_are_both_of_its_lines(before: str, after: str) -> None:
    cut = editing.pieces(before, after)

    def of(*kinds: str) -> str:
        return "".join(piece.text for piece in cut if piece.kind in kinds).replace(" ", "").casefold()

    assert of("same", "add") == after.replace(" ", "").casefold()
    assert of("same", "gone") == before.replace(" ", "").casefold()


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
