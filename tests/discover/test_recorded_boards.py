"""Recorded answers of real boards come in whole: what is stored is what the files say."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from app.postings import service, store
from app.postings.types import Link, Posting
from tests.discover.conftest import Discovery, stored_raws

BOARDS = [
    ("greenhouse", "board_anthropic_lubobali"),
    ("greenhouse", "careerkit_greenhouse"),
    ("lever", "postings_spotify_lubobali"),
    ("lever", "careerkit_lever"),
    ("ashby", "board_lubobali"),
    ("ashby", "careerkit_ashby"),
]


def jobs(folder: Path, kind: str, name: str) -> list[dict[str, Any]]:
    data = json.loads((folder / "boards" / kind / f"{name}.json").read_text())
    found: list[dict[str, Any]] = data if isinstance(data, list) else data["jobs"]
    return found


def letters(markup: str) -> str:
    """The letters and digits of HTML in order, by a way of its own: tags out, entities in."""
    return "".join(re.findall(r"\w+", html.unescape(re.sub(r"<[^>]*>", "", markup))))


def addresses(markup: str) -> list[str]:
    """Where a description's links lead, in order."""
    found = [html.unescape(address) for address in re.findall(r"""<a\b[^>]*?\shref=["']([^"']*)["']""", markup)]
    return [address.strip() for address in found if address.strip().startswith(("http:", "https:", "mailto:"))]


def told(kind: str, job: dict[str, Any]) -> dict[str, Any]:
    """What one recorded job says of itself, straight from the file."""
    if kind == "greenhouse":
        place = job["location"]["name"]
        return {"title": job["title"], "location": place, "about": html.unescape(job["content"]), "places": [place],
                "url": job["absolute_url"], "apply_url": job["absolute_url"], "portal": kind,
                "company": job["company_name"].strip(), "pay": None}  # fmt: skip
    if kind == "lever":
        lists = "".join(f" {html.escape(part['text'])} {part['content']}" for part in job["lists"])
        about = f"{job['description']} {lists} {job['additional']}"
        given = job["categories"]
        return {"title": job["text"], "location": given["location"], "about": about, "places": given["allLocations"],
                "url": job["hostedUrl"], "apply_url": job["applyUrl"], "portal": kind, "company": "The Employer",
                "employment_type": given["commitment"], "remote": job["workplaceType"] == "remote"}  # fmt: skip
    further = [place["location"] for place in job["secondaryLocations"]]
    return {"title": job["title"], "location": job["location"], "about": job["descriptionHtml"],
            "places": [job["location"], *further], "url": job["jobUrl"], "apply_url": job["applyUrl"], "portal": kind,
            "company": "The Employer", "employment_type": job["employmentType"],
            "remote": job["workplaceType"] == "Remote",
            "pay": (job.get("compensation") or {}).get("compensationTierSummary")}  # fmt: skip


def is_as_told(link: Link, posting: Posting, want: dict[str, Any]) -> None:
    """Title, places, description and links as the file has them."""
    assert posting.title == link.title == " ".join(want["title"].split())
    assert posting.location == link.location == want["location"]
    assert posting.places == want["places"]
    assert (link.url, link.apply_url, posting.apply_url) == (want["url"], want["apply_url"], want["apply_url"])
    assert letters(posting.description_html) == letters(want["about"])
    assert letters(html.escape(posting.description_text)) == letters(want["about"])
    assert addresses(posting.description_html) == addresses(want["about"])
    for name in {"company", "portal", "pay", "employment_type", "remote"} & want.keys():
        assert getattr(posting, name) == want[name], name


async def test_all_boards_come_in_whole(discovery: Discovery, shared_data: Path) -> None:
    """Number in = stored + linked as duplicates, for each board and for all."""
    listed, wanted = 0, {}
    for kind, name in BOARDS:
        source = await discovery.watch(kind, name, "The Employer")
        after = await discovery.fetch(source)
        assert (after.last_error, after.failures) == (None, 0)
        expected = jobs(shared_data, kind, name)
        assert after.last_count == await stored_raws(discovery.db, source.id) == len(expected)
        async with discovery.db.transaction() as tx:
            assert await service.rejected(tx, source.id) == []
        listed += len(expected)
        wanted |= {str(job["id"]): told(kind, job) for job in expected}
    links = await discovery.links()
    postings = await discovery.postings()
    duplicates = len(links) - len(postings)
    assert listed == len(links) == len(wanted) == 18
    assert duplicates == 0  # the files hold eighteen different vacancies
    assert links.keys() == wanted.keys()
    for external_id, (link, posting) in links.items():
        is_as_told(link, posting, wanted[external_id])
        assert (posting.state, posting.version, link.gone_at) == ("open", 1, None)


async def test_the_same_boards_from_other_sources_are_links(discovery: Discovery, shared_data: Path) -> None:
    """Each board once more, watched under the token that its own addresses carry."""
    for kind, name in BOARDS:
        await discovery.fetch(await discovery.watch(kind, name, "The Employer"))
    again = {"anthropic": "greenhouse", "amplitude": "greenhouse", "spotify": "lever", "idealistconsulting": "lever",
             "ramp": "ashby", "HighlightTA": "ashby"}  # fmt: skip
    for token, kind in again.items():
        assert (await discovery.fetch(await discovery.watch(kind, token, "The Employer"))).last_error is None
    wanted = {str(job["id"]): told(kind, job) for kind, name in BOARDS for job in jobs(shared_data, kind, name)}
    postings = await discovery.postings()
    assert len(postings) == len(wanted) == 18
    for posting in postings:
        async with discovery.db.transaction() as tx:
            first, second = await store.links(tx, posting.id)
        assert first.external_id == second.external_id
        assert first.source_id != second.source_id
        for link in (first, second):
            is_as_told(link, posting, wanted[link.external_id])


async def test_a_list_shorter_than_it_says_closes_nothing(discovery: Discovery, shared_data: Path) -> None:
    source = await discovery.fetch(await discovery.watch("greenhouse", "careerkit_greenhouse"))
    assert source.last_note is not None
    assert "says it has 37 postings and listed 2" in source.last_note
