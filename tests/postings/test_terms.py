"""What postings say of the kind of employment and of who may work there; and what only looks like it."""

from __future__ import annotations

from time import perf_counter

import pytest

from app.countries import code_of, found_in, members
from app.postings.terms import terms


def _kinds(title: str = "Engineer", text: str = "", field: str | None = None) -> list[str]:
    return sorted(terms(field, title, text).kinds)


@pytest.mark.parametrize(
    ("field", "kinds"),
    [
        ("FullTime", ["full_time"]),
        ("FULL_TIME", ["full_time"]),
        ("Full-time", ["full_time"]),
        ("Part time", ["part_time"]),
        ("PartTime", ["part_time"]),
        ("Full-time or part-time", ["full_time", "part_time"]),
        ("Contract", ["contract"]),
        ("Fixed-Term Contract", ["contract"]),
        ("Full-time contractor", ["contract", "full_time"]),
        ("Intern", ["internship"]),
        ("Internship", ["internship"]),
        ("Temporary", ["temporary"]),
        ("Seasonal", ["temporary"]),
        ("Permanent", ["full_time", "part_time"]),
        ("Other", []),
        ("International", []),
        (None, []),
    ],
)
def test_the_sources_own_field(field: str | None, kinds: list[str]) -> None:
    assert _kinds(field=field) == kinds


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Nurse (Part-Time)", ["part_time"]),
        ("Software Engineer Intern", ["internship"]),
        ("Data Internship, Summer 2027", ["internship"]),
        ("Backend Engineer (Contract)", ["contract"]),
        ("Backend Engineer - 6-month contract", ["contract"]),
        ("Contract: UX Designer", ["contract"]),
        ("Payroll Officer, fixed-term", ["contract"]),
        ("Seasonal Picker", ["temporary"]),
        ("Receptionist (temp)", ["temporary"]),
        ("Contract Manager", []),
        ("Contracts Administrator", []),
        ("Senior Manager, Contract Operations", []),
        ("Smart Contract Engineer", []),
        ("Internal Auditor", []),
        ("Internship Program Manager", []),
        ("International Sales", []),
        ("Temporary Works Engineer", []),
        ("Full Stack Developer", []),
    ],
)
def test_titles(title: str, kinds: list[str]) -> None:
    assert _kinds(title) == kinds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Employment type: Full-time", ["full_time"]),
        ("• Job Type: Part-time", ["part_time"]),
        ("Contract type: Temporary", ["temporary"]),
        ("Hours: part-time, 20 hours a week", ["part_time"]),
        ("This is a full-time role on a fantastic operations team.", ["full_time"]),
        ("This is a part-time position in Leeds.", ["part_time"]),
        ("This is a remote, full-time engineering position.", ["full_time"]),
        ("This position is a 6-month contract with a small team.", ["contract"]),
        ("This is a full-time, 12 month fixed-term contract.", ["contract", "full_time"]),
        ("It is a paid internship.\nThis is a paid internship opportunity.", ["internship"]),
        ("We are looking for a temporary role to be filled", ["temporary"]),
        ("As a part-time Enterprise Project Manager, you will plan.", ["part_time"]),
        ("Full-time position with benefits", ["full_time"]),
        # nothing of this position's own kind
        ("5+ years of full-time Software Engineering work experience", []),
        ("Benefits available to all full-time Ramp employees", []),
        ("The below are our policies for full time roles.", []),
        ("This may lead to a full-time position.", []),
        ("We do not guarantee that we will make any full-time offers to fellows.", []),
        ("Experience as a contract developer is a plus.", []),
        ("This is a contract management role.", []),
        ("You will negotiate a 12-month contract with suppliers.", []),
        ("This is not a part-time position.", []),
        ("You led interns and a temporary team.", []),
        ("More than 6 months of experience in compliance", []),
        ("Reports to the international contracts team.", []),
        ("You will own contract work: negotiate, draft and renew", []),
    ],
)
def test_sentences(text: str, kinds: list[str]) -> None:
    assert _kinds(text=text) == kinds


def test_the_field_goes_before_the_text_and_the_title_adds_to_it() -> None:
    assert _kinds("Nurse (part-time)", "This is a full-time role.", "Permanent") == ["full_time", "part_time"]
    assert _kinds("Engineer Intern", "This is a part-time role.", "Full-time") == ["full_time", "internship"]


@pytest.mark.parametrize(
    ("text", "sponsors"),
    [
        ("No visa sponsorship.", False),
        ("Work authorization in Switzerland (no visa sponsorship provided)", False),
        ("We are not currently able to sponsor visas.", False),
        ("We will not sponsor a new applicant for employment authorization for this position.", False),
        ("Unfortunately we can't offer visa sponsorship for this role.", False),
        ("Visa sponsorship is not available.", False),
        ("Must be authorized to work in the US without sponsorship", False),
        ("You must be able to work without the need for visa sponsorship now or in the future.", False),
        ("Visa sponsorship: no", False),
        ("We are unable to provide sponsorship for work visas", False),
        ("We do sponsor visas!", True),
        ("Visa sponsorship is available for this role.", True),
        ("Visa sponsorship and relocation support available", True),
        ("We offer visa sponsorship and help with your move.", True),
        # not of visas, or not an answer
        ("Will you need visa sponsorship (now or in the future)?", None),
        ("Delivery (OFD Sponsored Listings) and Grocery Ads", None),
        ("Act as executive sponsor of the most complex deals; do not sponsor projects without a plan", None),
        ("Manage event sponsorships", None),
        ("We do sponsor visas! However, we are not able to sponsor visas for every role.", None),
        ("Visas and Mastercard", None),
    ],
)
def test_sponsorship(text: str, sponsors: bool | None) -> None:
    assert terms(None, "Engineer", text).sponsors is sponsors


@pytest.mark.parametrize(
    ("text", "permission", "local"),
    [
        ("Must be authorized to work in the US", {"us"}, False),
        ("You must be legally authorised to work in the United States.", {"us"}, False),
        ("Applicants must be eligible to work in the U.S. without sponsorship.", {"us"}, False),
        ("Right to work in the UK is required.", {"gb"}, False),
        (
            "- You must have work authorization in the US, UK, or Canada and be located there.",
            {"us", "gb", "ca"},
            False,
        ),
        ("1. Work authorization in Switzerland (no visa sponsorship provided)", {"ch"}, False),
        ("Work authorization in Mexico", {"mx"}, False),
        ("You need a valid EU work permit", set(), False),
        ("You have the right to work in the European Union", {"eu"}, False),
        ("Candidates must have the right to work in the country where the job is", set(), True),
        ("Must have the right to work.", set(), True),
        ("No visa sponsorship.", set(), True),
        # asks for nothing
        ("Permission to work in Germany is a plus", set(), False),
        ("We hire regardless of your right to work in the UK: we sponsor.", set(), False),
        ("Are you authorized to work in the US?", set(), False),
        ("We use E-Verify to confirm that you are authorized to work in the U.S.", set(), False),
        ("Experience in authentication/authorization/IAM systems", set(), False),
        ("You are able to work independently in the United States team", set(), False),
        ("You are able to work with teams in Germany", set(), False),
        ("You must be able to work weekends in France", set(), False),
        ("Our offices are in the UK and Germany", set(), False),
        ("Give us your best work", set(), False),
    ],
)
def test_permission(text: str, permission: set[str], local: bool) -> None:
    found = terms(None, "Engineer", text)
    assert (found.permission, found.local) == (permission, local)


def test_countries() -> None:
    assert [code_of(name) for name in ("Germany", " the netherlands", "USA", "U.K.", "DE", "Brasil", "Germny", "")] == [
        "de", "nl", "us", "gb", "de", "br", None, None
    ]  # fmt: skip
    assert found_in("the US, the UK or South Korea, and tell us") == {"us", "gb", "kr"}
    assert found_in("Georgia on my mind, Jordan") == frozenset()
    assert {"de", "no"} <= members(frozenset({"eu", "us"})) >= {"us"}


@pytest.mark.parametrize(
    "piece", ["this is a full-time ", "not sponsor ", "must be authorized to work in ", "a, ", "6-month "]
)
def test_hostile_text_takes_no_time(piece: str) -> None:
    started = perf_counter()
    terms(piece * 50, piece * 50, piece * 30_000)
    assert perf_counter() - started < 1
