"""Each API in the shape that the real board answers, and the same vacancy told the same by all three."""

import html
import json
from collections import Counter
from typing import Any

from selectolax.lexbor import LexborHTMLParser as HTMLParser

from tests.practice.conftest import BEST, Caller

GREENHOUSE_KEYS = {
    "absolute_url", "data_compliance", "internal_job_id", "location", "metadata", "id", "updated_at", "requisition_id",
    "title", "company_name", "first_published", "language", "application_deadline",
}  # fmt: skip


async def every_board(board: Caller) -> set[tuple[str, str]]:
    return {(p["ats"], p["token"]) for p in await board.get("/control/postings")}


async def test_there_is_enough_to_find(board: Caller) -> None:
    postings = await board.get("/control/postings")
    assert len({p["slug"] for p in postings}) >= 60
    assert len({p["employer"] for p in postings}) >= 6
    assert Counter(Counter(p["slug"] for p in postings).values())[2] == 2  # two vacancies on two boards
    assert {p["form"] for p in postings} == {"standard", "no_submit", "unknowable"}
    assert len({(p["ats"], p["id"]) for p in postings}) == len(postings)


async def test_greenhouse_list(board: Caller) -> None:
    answer = await board.get("/greenhouse/v1/boards/northwick/jobs", content="true")
    assert answer["meta"]["total"] == len(answer["jobs"]) > 5
    for job in answer["jobs"]:
        assert job.keys() == GREENHOUSE_KEYS | {"content", "departments", "offices"}
        assert isinstance(job["id"], int)
        assert job["content"].startswith("&lt;p&gt;")
        assert HTMLParser(html.unescape(job["content"])).css("li")
    without = await board.get("/greenhouse/v1/boards/northwick/jobs")
    assert all(job.keys() == GREENHOUSE_KEYS for job in without["jobs"])
    assert (await board.get("/greenhouse/v1/boards/northwick"))["name"] == "Northwick Pay"


async def test_greenhouse_detail_lists_the_whole_form(board: Caller) -> None:
    posting = await board.posting(BEST)
    path = f"/greenhouse/v1/boards/northwick/jobs/{posting['id']}"
    detail = await board.get(path, questions="true", pay_transparency="true")
    assert detail["pay_input_ranges"][0].keys() == {"min_cents", "max_cents", "currency_type", "title", "blurb"}
    kinds = {f["type"] for q in detail["questions"] for f in q["fields"]}
    assert kinds == {"input_text", "input_file", "textarea", "multi_value_single_select"}
    shown = await controls(board, posting)
    listed = {f["name"] for q in detail["questions"] + detail["location_questions"] for f in q["fields"]}
    assert {"first_name", "last_name", "email", "phone", "resume", "cover_letter_text", "location"} <= listed
    assert shown == listed
    assert "questions" not in await board.get(path)


async def controls(board: Caller, posting: dict[str, Any]) -> set[str]:
    """Names of the controls on both pages."""
    first = await board.client.get(posting["url"] + "/apply")
    second = await board.client.get(await board.draft(posting))
    nodes = [n for page in (first, second) for n in HTMLParser(page.text).css("input, select, textarea")]
    return {str(node.attributes["name"]) for node in nodes}


async def test_every_control_has_a_label_or_a_legend(board: Caller) -> None:
    for posting in await board.get("/control/postings"):
        page = HTMLParser((await board.client.get(await board.draft(posting))).text)
        labelled = {label.attributes["for"] for label in page.css("label")}
        ids = [node.attributes["id"] for node in page.css("input, select, textarea")]
        assert set(ids) <= labelled
        assert len(ids) == len(set(ids))
        assert all(group.css_first("legend") for group in page.css("fieldset"))
        assert bool(page.css("button")) == (posting["form"] != "no_submit")


async def test_lever_list_and_its_pages(board: Caller) -> None:
    whole = await board.get("/lever/v0/postings/larkspur", mode="json")
    for job in whole:
        assert {"id", "text", "categories", "country", "workplaceType", "createdAt", "description", "descriptionPlain",
                "lists", "additional", "additionalPlain", "hostedUrl", "applyUrl", "opening", "openingPlain",
                "descriptionBody", "descriptionBodyPlain", "salaryRange"} == job.keys()  # fmt: skip
        assert job["categories"].keys() == {"commitment", "department", "location", "team", "allLocations"}
        assert all(part["content"].startswith("<li>") for part in job["lists"])
        assert job["createdAt"] > 1_700_000_000_000
        assert job["applyUrl"] == job["hostedUrl"] + "/apply"
    paged = [await board.get("/lever/v0/postings/larkspur", mode="json", skip=at, limit=3) for at in (0, 3, 6, 9)]
    assert [len(part) for part in paged] == [3, 3, 2, 0]
    assert [job for part in paged for job in part] == whole
    assert await board.get(f"/lever/v0/postings/larkspur/{whole[0]['id']}") == whole[0]


async def test_ashby_list(board: Caller) -> None:
    answer = await board.get("/ashby/posting-api/job-board/tessera", includeCompensation="true")
    assert answer["apiVersion"] == "1"
    for job in answer["jobs"]:
        assert {"id", "title", "department", "team", "employmentType", "location", "secondaryLocations", "publishedAt",
                "isListed", "isRemote", "workplaceType", "address", "jobUrl", "applyUrl", "descriptionHtml",
                "descriptionPlain", "shouldDisplayCompensationOnJobPostings", "compensation"} == job.keys()  # fmt: skip
        assert job["compensation"]["compensationTierSummary"].startswith("EUR ")
        assert job["compensation"]["compensationTiers"][0]["components"][0]["compensationType"] == "Salary"
    without = await board.get("/ashby/posting-api/job-board/tessera")
    assert all("compensation" not in job for job in without["jobs"])


async def test_keys_are_those_of_the_recorded_boards(board: Caller, shared_data: Any) -> None:
    folder = shared_data / "boards"
    lever = json.loads((folder / "lever" / "postings_spotify_lubobali.json").read_text())[0]
    ashby = json.loads((folder / "ashby" / "board_lubobali.json").read_text())["jobs"][0]
    greenhouse = json.loads((folder / "greenhouse" / "board_anthropic_lubobali.json").read_text())["jobs"][0]
    ours = await board.get("/lever/v0/postings/larkspur", mode="json")
    assert lever.keys() <= ours[0].keys()
    ours = await board.get("/ashby/posting-api/job-board/tessera", includeCompensation="true")
    assert ashby.keys() <= ours["jobs"][0].keys()
    ours = await board.get("/greenhouse/v1/boards/northwick/jobs", content="true")
    notices = {"ai_disclaimer", "include_ai_disclaimer", "ai_opt_out_request_url"}
    assert greenhouse.keys() - notices <= ours["jobs"][0].keys()


async def test_job_page_carries_its_json_ld_and_an_apply_link(board: Caller) -> None:
    for posting in await board.get("/control/postings"):
        page = HTMLParser((await board.client.get(posting["url"])).text)
        told = json.loads(page.css_first('script[type="application/ld+json"]').text())
        assert told["@type"] == "JobPosting"
        assert told["title"] == posting["title"]
        assert told["hiringOrganization"]["name"] == posting["employer"]
        assert told["datePosted"].startswith("2026-")
        assert page.css_first("a.button").attributes["href"] == path_of(posting)


def path_of(posting: dict[str, Any]) -> str:
    return f"/{posting['ats']}/{posting['token']}/jobs/{posting['id']}/apply"


async def test_what_is_not_there(board: Caller) -> None:
    for path in (
        "/greenhouse/v1/boards/nobody/jobs",
        "/greenhouse/v1/boards/northwick/jobs/1",
        "/lever/v0/postings/nobody",
        "/ashby/posting-api/job-board/nobody",
        "/nothing/at/all",
        "/greenhouse/northwick/jobs/1",
    ):
        assert (await board.client.get(path)).status_code == 404, path
    assert (await board.client.get("/lever/v0/postings/larkspur?mode=html")).status_code == 400
    assert (await board.client.get("/lever/v0/postings/larkspur?skip=x")).status_code == 400
