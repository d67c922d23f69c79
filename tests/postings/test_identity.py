"""When two postings are one vacancy."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from app.postings import identity
from app.postings.identity import Vacancy, certainly_same, employer, similarity, title, url_key
from app.postings.labels import category
from app.postings.places import Place, place, places, region, same_places

UUID = "0c66e8ed-1c18-4b64-ad27-a522a866b6e1"
KNOWN = ("greenhouse", "lever", "ashby", "smartrec", "workday")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Garner Health", "garner  health"),
        ("Johnson & Johnson", "Johnson and Johnson"),
        ("Acme, Inc.", "ACME"),
        ("Müller GmbH", "Muller"),
        ("O'Reilly Media", "OReilly Media"),
        ("Idealist Consulting Ltd", "Idealist Consulting"),
    ],
)
def test_one_employer(one: str, other: str) -> None:
    assert employer(one) == employer(other)


def test_names_that_are_only_a_legal_form_stay() -> None:
    assert employer("Co") == "co"
    assert employer("!!!") == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Chef de Partie (m/w/d)", "Chef de partie", True),
        ("C++ Developer", "C Developer", False),
        ("C# Developer", "C Developer", False),
        ("Engineer II", "Engineer III", False),
        ("Sr. Engineer — Platform", "Sr Engineer, Platform", True),
    ],
)
def test_one_title(one: str, other: str, same: bool) -> None:
    assert (title(one) == title(other)) is same


def test_addresses_against_the_goldens(shared_data: Path) -> None:
    """Every address of a system that we know yields its number, whatever hangs on it."""
    goldens = json.loads((shared_data / "postings" / "s0shaheen_jobkeys_golden.json").read_text())
    chosen = [g for g in goldens if g["strong"] and g["key"].startswith(KNOWN)]
    assert len(chosen) >= 18
    for golden in chosen:
        key = url_key(golden["url"])
        assert key is not None, golden["why"]
        kind, number = golden["key"].lower().split("-", 1)
        assert key[1], golden["why"]
        assert key[0].startswith(kind), golden["why"]
        assert key[0].endswith(number), golden["why"]
    weak = [g for g in goldens if not g["strong"] and g["url"]]
    assert not any(key[1] for g in weak if (key := url_key(g["url"])))


def test_employers_and_titles_against_the_goldens(shared_data: Path) -> None:
    """Two goldens have one name-key exactly when we take employer, title and city for equal."""
    goldens = json.loads((shared_data / "postings" / "s0shaheen_jobkeys_golden.json").read_text())
    named = [g for g in goldens if g["key"].startswith("norm-")]
    for one, other in combinations(named, 2):
        equal = identity.block_key(one["company"], one["title"]) == identity.block_key(other["company"], other["title"])
        equal = equal and same_places(places([one["location"]]), places([other["location"]]))
        if not any(len(g["company"]) >= 32 or len(g["title"]) >= 48 or len(g["location"]) > 24 for g in (one, other)):
            assert equal is (one["key"] == other["key"]), (one["why"], other["why"])  # the goldens cut long names


def test_an_address_is_canonical() -> None:
    plain = url_key("https://jobs.acme.example/apply/123?ref=x")
    assert plain == url_key("http://www.jobs.acme.example/apply/123/?utm_source=board#form")
    assert plain == ("url-jobs.acme.example/apply/123", False)
    assert url_key("https://jobs.acme.example/job?id=7") != url_key("https://jobs.acme.example/job?id=8")
    assert url_key(f"https://jobs.lever.co/acme/{UUID}/apply") == (f"lever-{UUID}", True)
    for bad in (None, "", "mailto:x@y", "javascript:alert(1)", "/jobs/3", "http://[", "https://x:99999999/"):
        assert url_key(bad) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cambridge, MA", Place("cambridge", "us-ma", "us")),
        ("Cambridge, UK", Place("cambridge", "", "gb")),
        ("Portland, OR", Place("portland", "us-or", "us")),
        ("Munich, DE", Place("munich", "", "de")),
        ("Denver, CO", Place("denver", "us-co", "us")),
        ("New York, NY (HQ)", Place("new york", "us-ny", "us")),
        ("Remote (US)", Place("", "", "us")),
        ("Remote", Place("remote")),
        ("Washington, D.C.", Place("washington", "us-dc", "us")),
        ("Toronto, Ontario", Place("toronto", "ca-on", "ca")),
        ("  ", None),
        (",", None),
    ],
)
def test_places(text: str, expected: Place | None) -> None:
    assert place(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["London"], ["London, UK"], True),
        (["Cambridge, MA"], ["Cambridge, UK"], False),
        (["Portland, OR"], ["Portland, ME"], False),
        (["London; Stockholm"], ["Stockholm", "London"], True),
        (["London"], ["London", "Stockholm"], False),
        (["Remote"], ["London"], False),
        (["Remote - Canada"], ["Canada"], True),
        (["NYC"], ["New York, NY"], True),
        ([], [], True),
        ([], ["London"], False),
    ],
)
def test_same_places(one: list[str], other: list[str], same: bool) -> None:
    assert same_places(places(one), places(other)) is same


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sydney, Australia", "asia-pacific"),
        ("London", "europe"),
        ("San Francisco, CA | New York City, NY", "north-america"),
        ("EMEA", "europe"),
        ("Remote", "remote"),
        ("Anywhere", None),
    ],
)
def test_region(text: str, expected: str | None) -> None:
    assert region([text]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Senior Site Reliability Engineer", "software"),
        ("Data Engineer", "data"),
        ("Country Lead, Data Center Security", "operations"),
        ("Account Executive", "sales"),
        ("Senior Technical Recruiter", "people"),
        ("Registered Nurse", "healthcare"),
        ("Sous Chef", "hospitality"),
        ("Anthropic Fellows Program", "other"),
    ],
)
def test_category(text: str, expected: str) -> None:
    assert category(text) == expected


def vacancy(block: str = "acme|cook", where: str = "London", url: str | None = None, text: str = "a") -> Vacancy:
    key = url_key(url)
    return Vacancy(block=block, places=places([where]), url_key=key[0] if key else None, text_hash=text)


LEVER = f"https://jobs.lever.co/acme/{UUID}"


@pytest.mark.parametrize(
    ("one", "other", "same_board", "expected"),
    [
        (vacancy(), vacancy(), False, True),
        (vacancy(), vacancy(text="b"), False, None),
        (vacancy(), vacancy(where="Leeds"), False, False),
        (vacancy(), vacancy(block="acme|chef"), False, False),
        (vacancy(url=LEVER), vacancy(block="acme ventures|cook", url=f"{LEVER}/apply", text="b"), False, True),
        (vacancy(url="https://a.example/jobs"), vacancy(url="https://a.example/jobs", text="b"), False, True),
        (vacancy(url="https://a.example/jobs"), vacancy(block="acme|x", url="https://a.example/jobs"), False, False),
        (vacancy(), vacancy(), True, True),
        (vacancy(), vacancy(text="b"), True, False),
        (vacancy(url="https://a.example/jobs"), vacancy(url="https://a.example/jobs", text="b"), True, False),
    ],
)
def test_certainly_same(one: Vacancy, other: Vacancy, same_board: bool, expected: bool | None) -> None:
    assert certainly_same(one, other, same_board=same_board) is expected


def test_similarity_tells_roles_of_one_employer_apart(shared_data: Path) -> None:
    """Real postings of one employer with equal titles in different places or teams; and each against a mild edit."""
    jobs = json.loads((shared_data / "postings" / "uber_half.json").read_text())
    for job in jobs[:20]:
        text = job["description"]
        assert similarity(text, text.upper() + " Apply on our own page. Applications close soon.") >= identity.SIMILAR
    for one, other in combinations(jobs[:20], 2):
        if one["title"] != other["title"]:
            assert similarity(one["description"], other["description"]) < identity.SIMILAR, (
                one["title"],
                other["title"],
            )
    assert similarity("", "") == 0.0
    assert similarity("cook", "cook") == 1.0


def test_an_identity_key_is_bounded_and_numbered() -> None:
    long = identity.block_key("x" * 500, "y" * 500)
    assert len(long) <= 300
    assert long != identity.block_key("x" * 500, "y" * 499)
    where = places(["Leeds; London; " + "z" * 500])
    assert len(identity.identity_key(long, where, 12)) <= 400
    assert identity.identity_key("acme|cook", places(["London, UK"])) == "acme|cook|london"
    assert identity.identity_key("acme|cook", places(["London, UK"]), 2) == "acme|cook|london#3"
