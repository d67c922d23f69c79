"""JSON Resume: recognised, mapped, and read whatever its fields hold."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bots.match import jsonresume
from app.bots.match.parse import parse
from app.bots.match.reader import read_resume
from app.bots.match.unreadable import Unreadable
from app.seekers.sniff import JSON, TEXT, UNKNOWN, sniff
from tests.eval import make

TODAY = date(2026, 11, 23)
SOURCE = make.resume("operator_json_resume.json")


def test_it_is_told_by_its_sections() -> None:
    assert sniff(SOURCE).media_type == JSON
    assert sniff(b"\xef\xbb\xbf" + SOURCE).media_type == JSON
    assert sniff(b'{"work": [], "education": []}').media_type == JSON
    assert sniff(b"{Jane Roe}, nurse").media_type == TEXT
    assert sniff(b'["basics"]').media_type == TEXT


def test_other_json_is_told_what_is_accepted() -> None:
    for data in (b'{"a": 1}', b'{"basics": "Jane"}', b'{"work": {}, "skills": []}'):
        found = sniff(data)
        assert found.media_type == UNKNOWN
        assert "JSON Resume (.json)" in found.text
        assert "PDF" in found.text


async def test_it_is_mapped_straight() -> None:
    found = await read_resume(SOURCE, JSON, TODAY)
    assert found.error is None
    contact, jobs = found.parsed["contact"], found.parsed["jobs"]
    assert contact["name"] == "Wiremu Tamihana"
    assert contact["links"] == ["https://linkedin.com/in/wiremu-tamihana-example"]
    assert [(job["title"], job["start"], job["end"]) for job in jobs] == [
        ("Excavator Operator", "2019-02", "present"),
        ("Grader Operator", "2013-08", "2019-01"),
    ]
    assert found.parsed["languages"][1] == {"name": "Māori", "level": "Fluent"}
    assert found.parsed["education"][0]["subject"] == "Infrastructure Works"
    assert min(contact["confidence"].values()) > 0.9


async def test_its_text_reads_back_to_the_same() -> None:
    """Scoring reads the text: it must say what the file says."""
    found = await read_resume(SOURCE, JSON, TODAY)
    again = parse(found.text, TODAY)
    assert again.contact.name == found.parsed["contact"]["name"]
    assert again.contact.email == found.parsed["contact"]["email"]
    assert [(job.title, job.employer, job.start, job.end) for job in again.jobs] == [
        (job["title"], job["employer"], job["start"], job["end"]) for job in found.parsed["jobs"]
    ]


@pytest.mark.parametrize(
    "data", [b"{}", b'{"basics": {}}', b'{"basics": {"name": 7}, "work": [1, null, {"name": []}]}']
)
async def test_one_that_says_nothing(data: bytes) -> None:
    found = await read_resume(data, JSON, TODAY)
    assert found.error is not None
    assert found.error["code"] == "empty"


async def test_one_too_deep_or_cut_off() -> None:
    for data in (b'{"basics": ' + b"[" * 100_000, SOURCE[:400]):
        found = await read_resume(data, JSON, TODAY)
        assert found.error is not None
        assert found.error["code"] == "damaged"


ANY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["2019-02", "2018", "Jane Roe"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["name", "position", "startDate", "endDate", "highlights", "language", "location", "city", "url"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["basics", "work", "education", "languages", "skills", "projects"]), ANY))
def test_whatever_the_fields_hold(found: dict[str, Any]) -> None:
    try:
        text, parsed = jsonresume.read(json.dumps(found), TODAY)
    except Unreadable:
        return
    tight = "".join(text.split())
    for job in parsed.jobs:
        for value in (job.title, job.employer, job.location, job.start, *job.bullets):
            assert "".join(value.split()) in tight
