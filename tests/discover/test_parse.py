"""What the boards say, read; nothing crashes and nothing is dropped."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bots.discover import parse
from app.postings.types import RawPosting, Rejected

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "id", "title", "text", "absolute_url", "location", "content", "metadata", "company_name", "categories", "lists",
    "description", "additional", "hostedUrl", "applyUrl", "workplaceType", "createdAt", "salaryRange", "compensation",
    "isListed", "isRemote", "secondaryLocations", "descriptionHtml", "jobUrl", "publishedAt", "pay_input_ranges",
)  # fmt: skip


def good(kind: str, item: dict[str, Any]) -> RawPosting:
    outcome = parse.read(kind, item, "Acme").outcome
    assert isinstance(outcome, RawPosting)
    return outcome


def test_greenhouse_content_is_escaped_html() -> None:
    found = good(
        "greenhouse",
        {
            "id": 7822885,
            "title": " Cook ",
            "company_name": "Acme ",
            "absolute_url": "https://job-boards.greenhouse.io/acme/jobs/7822885",
            "location": {"name": "Remote - Canada"},
            "content": html.escape("<p>R&amp;D <script>bad()</script>kitchen</p>"),
            "pay_input_ranges": [{"min_cents": 10_000_000, "max_cents": 12_000_000, "currency_type": "USD"}],
            "updated_at": "2026-07-06T20:34:18-04:00",
        },
    )
    assert (found.external_id, found.title, found.company) == ("7822885", "Cook", "Acme")
    assert found.description_html == "<p>R&amp;D kitchen</p>"
    assert found.description_text == "R&D kitchen"
    assert (found.location, found.remote) == ("Remote - Canada", True)
    assert found.pay == "100,000 – 120,000 USD"
    assert found.apply_url == found.url == "https://job-boards.greenhouse.io/acme/jobs/7822885"


def test_lever_is_description_lists_and_closing_in_order() -> None:
    found = good(
        "lever",
        {
            "id": "b4ad9572",
            "text": "Cook",
            "categories": {"location": "London", "allLocations": ["London", "Leeds"], "commitment": "Permanent"},
            "workplaceType": "hybrid",
            "description": "<p>First.</p>",
            "lists": [{"text": "You & we", "content": "<li>second</li><li>third</li>"}],
            "additional": "<p>Last.</p>",
            "hostedUrl": "https://jobs.lever.co/acme/b4ad9572",
        },
    )
    assert found.description_text == "First.\n\nYou & we\n\n- second\n- third\n\nLast."
    assert (found.location, found.places, found.remote) == ("London", ["London", "Leeds"], False)
    assert found.company == "Acme"
    assert found.apply_url == "https://jobs.lever.co/acme/b4ad9572/apply"


def test_ashby() -> None:
    job = {
        "id": "03e2",
        "title": "Cook",
        "location": "Remote (US)",
        "secondaryLocations": [{"location": "New York"}],
        "isRemote": True,
        "descriptionHtml": "<h1>Us</h1>",
        "jobUrl": "https://jobs.ashbyhq.com/acme/03e2",
        "compensation": {"compensationTierSummary": "$151K – $231K"},
    }
    found = good("ashby", job)
    assert (found.places, found.remote, found.pay) == (["Remote (US)", "New York"], True, "$151K – $231K")
    assert found.apply_url == "https://jobs.ashbyhq.com/acme/03e2/application"
    hidden = parse.read("ashby", job | {"isListed": False}, "Acme").outcome
    assert isinstance(hidden, Rejected)
    assert hidden.reason == "the employer doesn't list it"
    assert good("ashby", job | {"shouldDisplayCompensationOnJobPostings": False}).pay is None


@pytest.mark.parametrize("kind", ["greenhouse", "lever", "ashby"])
@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"id": 3}, "it has no title"),
        ({"id": 3, "title": " \n", "text": ""}, "it has no title"),
        ({"id": 3, "title": ["x"], "text": {}}, "it has no title"),
        ({"title": "Cook", "text": "Cook"}, "it has no id"),
        ({"id": {}, "title": "Cook", "text": "Cook"}, "it has no id"),
        ("Cook", "it is not an object"),
        (None, "it is not an object"),
    ],
)
def test_what_is_no_posting_is_refused_with_a_reason(kind: str, item: Any, reason: str) -> None:
    seen = parse.read(kind, item, "Acme")
    assert isinstance(seen.outcome, Rejected)
    assert seen.outcome.reason == reason
    assert seen.external_id
    assert json.loads(seen.outcome.excerpt) == item


@given(st.sampled_from(["greenhouse", "lever", "ashby"]), st.dictionaries(st.sampled_from(KEYS), JSON) | JSON)
@settings(max_examples=200, deadline=None)
def test_no_entry_crashes_the_reader(kind: str, item: Any) -> None:
    seen = parse.read(kind, item, "Acme")
    assert seen.external_id == seen.outcome.external_id != ""
    if isinstance(seen.outcome, RawPosting):
        assert seen.outcome.title


def test_only_http_addresses_are_kept() -> None:
    for bad in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//x",
        "http://",
        7,
        None,
        "http://[",
        "https://x/" + "y" * 3000,
    ):
        found = good("lever", {"id": 1, "text": "Cook", "hostedUrl": bad, "applyUrl": bad})
        assert found.url is found.apply_url is None


def test_the_hash_ignores_the_order_of_keys_and_nothing_else() -> None:
    one = parse.identify({"id": 1, "a": [1, 2], "b": "x"}, "Acme")
    assert one == parse.identify({"b": "x", "a": [1, 2], "id": 1}, "Acme")
    assert one != parse.identify({"b": "x", "a": [2, 1], "id": 1}, "Acme")
    assert one != parse.identify({"b": "x", "a": [1, 2], "id": 1}, "Acme Ltd")


@pytest.mark.parametrize("document", [{}, {"jobs": {}}, "x", None, 3, {"error": "no"}])
def test_a_document_that_is_no_list(document: Any) -> None:
    for kind in ("greenhouse", "ashby", "lever"):
        with pytest.raises(parse.Misshapen):
            parse.entries(kind, document)


def test_a_two_megabyte_description(shared_data: Path) -> None:
    board = json.loads((shared_data / "boards" / "greenhouse" / "careerkit_greenhouse.json").read_text())
    job = board["jobs"][0] | {"content": board["jobs"][0]["content"] * 80}
    assert len(job["content"]) > 500_000
    found = good("greenhouse", job | {"content": "&lt;p&gt;word &lt;/p&gt;" * 90_000})
    assert len(found.description_text) <= 200_000
    assert found.note is not None
    assert "cut at 200,000" in found.note
