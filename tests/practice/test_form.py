"""The two-page form: what it refuses, what it keeps, what it confirms."""

import hashlib
import html
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from app.practice.catalogue import load
from app.practice.forms import check
from app.practice.questions import UNKNOWABLE, questions_of
from tests.practice.conftest import BEST, PERSON, RESUME, Caller, problems


async def test_a_whole_application(board: Caller) -> None:
    posting = await board.posting(BEST)
    sent = await board.send(posting, cover_letter_text="Dear team,\r\nÄ 漢 <b>")
    assert sent.status_code == 303
    done = await board.client.get(sent.headers["location"])
    number = HTMLParser(done.text).css_first("#confirmation_number").text()
    assert number == "NW-20401"
    found = await board.get("/control/submissions/1")
    assert (found["number"], found["email"], found["posting"]) == (number, PERSON["email"], posting["id"])
    assert found["fields"]["cover_letter_text"] == ["Dear team,\r\nÄ 漢 <b>"]
    told = {a["question"]: a["answer"] for a in found["answers"]}
    assert (
        told["Will you now or in the future require visa sponsorship to work in the country of this position?"] == "No"
    )
    assert told["How many years of experience do you have with Python?"] == "8"
    assert told["First Name"] == "Jane"


async def test_the_file_is_kept_byte_for_byte(board: Caller) -> None:
    await board.send(await board.posting(BEST))
    (shown,) = (await board.counted())["submissions"]
    data = RESUME[1][1]
    assert (shown["sha256"], shown["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (board.folder / "submissions" / "1" / "file-1").read_bytes() == data
    kept = json.loads((board.folder / "submissions" / "1" / "submission.json").read_bytes())
    assert kept["files"][0]["filename"] == "jane.pdf"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("first_name", "  ", "Fill in this field."),
        ("last_name", "x" * 256, "Use at most 255 characters."),
        ("email", "jane.roe", "Enter an e-mail address such as name@example.org."),
        ("phone", "call me", "Enter a phone number with 7 to 15 digits."),
    ],
)
async def test_first_page_refuses(board: Caller, field: str, value: str, message: str) -> None:
    answer = await board.start(await board.posting(BEST), **{field: value})
    assert answer.status_code == 422
    assert problems(answer.text) == {field: message}
    page = HTMLParser(answer.text)
    assert page.css_first(f"#{field}").attributes["aria-invalid"] == "true"
    assert page.css_first("#location").attributes["value"] == "London"  # what was typed stays


@pytest.mark.parametrize(
    ("word", "value", "message"),
    [
        ("sponsorship", "7", "Choose one of the listed answers."),
        ("authorized", "", "Choose an answer."),
        ("How many years", "eight", "Enter a whole number from 0 to 60."),
        ("How many years", "61", "Enter a whole number from 0 to 60."),
        ("earliest", "2020-01-01", "Choose today or a later day."),
        ("earliest", "1 May", "Enter a date as YYYY-MM-DD."),
        ("I agree", "", "Tick this box to go on."),
        ("GitHub", "my page", "Enter a link that starts with https://."),
        ("Cover Letter", "x" * 10_001, "Use at most 10000 characters."),
    ],
)
async def test_second_page_refuses(board: Caller, word: str, value: str, message: str) -> None:
    posting = await board.posting(BEST)
    questions = await board.questions(posting)
    name = next(f[0] for label, f in questions.items() if (word in label and "question" in f[0]) or label == word)
    name = "cover_letter_text" if word == "Cover Letter" else name
    answer = await board.send(posting, **{name: value})
    assert answer.status_code == 422
    assert problems(answer.text) == {name: message}
    assert (await board.counted())["count"] == 0


@pytest.mark.parametrize(
    ("filename", "data", "message"),
    [
        ("resume.exe", b"MZ", "Attach a PDF, DOC, DOCX, RTF or TXT file."),
        ("resume.pdf", b"", "This file is empty. Attach another one."),
        ("resume.pdf", b"x" * (10 * 1024 * 1024 + 1), "This file is larger than 10 MB. Attach a smaller one."),
        (None, b"", "Attach a file."),
    ],
)
async def test_files_it_refuses(board: Caller, filename: str | None, data: bytes, message: str) -> None:
    posting = await board.posting(BEST)
    page = await board.draft(posting)
    files: Any = {"resume": (filename, data)} if filename else {"other": ("", b"")}
    answer = await board.client.post(f"{page}/submit", data=await board.answers(posting), files=files)
    assert answer.status_code == 422
    assert problems(answer.text)["resume"] == message
    assert 'value="8"' in answer.text


async def test_why_us_is_required_on_a_few(board: Caller) -> None:
    postings = [p for p in await board.get("/control/postings") if p["ats"] == "greenhouse"]
    required = set()
    for posting in postings:
        for label, (_, _, needed) in (await board.questions(posting)).items():
            required |= {posting["slug"]} if label.startswith("Why do you") and needed else set()
    assert 1 <= len(required) <= 5


async def test_the_unknowable_question(board: Caller) -> None:
    posting = next(p for p in await board.get("/control/postings") if p["form"] == "unknowable")
    page = await board.draft(posting)
    assert UNKNOWABLE in html.unescape((await board.client.get(page)).text)
    empty = await board.client.post(f"{page}/submit", data={}, files=[RESUME])
    assert empty.status_code == 422
    assert UNKNOWABLE in html.unescape(empty.text)


async def test_a_beacon_saves_and_is_no_submission(board: Caller) -> None:
    posting = await board.posting(BEST)
    page = await board.draft(posting)
    years = next(f[0] for label, f in (await board.questions(posting)).items() if "How many years" in label)
    beacon = page.replace("/apply/", "/draft/") + "/beacon"
    answer = await board.client.post(beacon, content=json.dumps({"name": years, "value": "11"}))
    assert answer.status_code == 204
    assert 'value="11"' in (await board.client.get(page)).text
    assert (await board.client.post(beacon, content=b"{")).status_code == 400
    counted = await board.counted()
    assert (counted["count"], counted["received_count"]) == (0, 0)
    await board.send(posting, page)
    assert (await board.counted())["submissions"][0]["beacons"] == 1


async def test_a_draft_belongs_to_its_posting(board: Caller) -> None:
    page = await board.draft(await board.posting(BEST))
    other = await board.posting("backend-engineer-ledger")
    stolen = page.replace((await board.posting(BEST))["id"], other["id"])
    assert (await board.client.get(stolen)).status_code == 404
    assert (await board.client.post(f"{stolen}/submit", files=[RESUME])).status_code == 404
    assert [a["outcome"] for a in (await board.counted())["arrivals"]] == ["refused"]
    for token in ("../../etc/passwd", "..%2f..%2fx", "a" * 16):
        assert (await board.client.get(f"{page.rsplit('/', 1)[0]}/{token}")).status_code in (404, 405)


async def test_confirmation_needs_its_draft(board: Caller) -> None:
    posting = await board.posting(BEST)
    done = (await board.send(posting)).headers["location"]
    other = await board.draft(posting)
    number = done.rsplit("/", 1)[1]
    assert (await board.client.get(done)).status_code == 200
    assert (await board.client.get(f"{other}/done/{number}")).status_code == 404


async def test_going_back_shows_what_was_entered(board: Caller) -> None:
    posting = await board.posting(BEST)
    page = await board.draft(posting)
    link = HTMLParser((await board.client.get(page)).text).css_first(".actions a").attributes["href"]
    assert PERSON["email"] in (await board.client.get(str(link))).text


async def test_markup_in_answers_is_shown_as_text(board: Caller) -> None:
    answer = await board.start(await board.posting(BEST), first_name='"><script>x</script>', email="no")
    assert "<script>x" not in answer.text


async def test_a_broken_body_is_asked_for_again(board: Caller) -> None:
    page = await board.draft(await board.posting(BEST))
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"):
        answer = await board.client.post(f"{page}/submit", content=b"--x\r\nnonsense", headers={"content-type": kind})
        assert answer.status_code == 422, kind


@given(st.data())
def test_check_never_raises(data: st.DataObject) -> None:
    posting = next(iter(_catalogue()))
    questions = questions_of(posting)
    values = data.draw(st.dictionaries(st.sampled_from([q.name for q in questions]), st.lists(st.text(), max_size=2)))
    found = check(questions, values, {}, posting.vacancy.posted)
    assert "resume" in found
    assert all(found.values())


def _catalogue() -> list[Any]:
    from app.practice.behaviour import Behaviour

    return load().every(Behaviour())
