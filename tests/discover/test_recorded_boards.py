"""Recorded answers of real boards come in whole: what is stored is what the files say."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from app.postings import store
from tests.discover.conftest import Discovery

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


def told(kind: str, job: dict[str, Any]) -> dict[str, Any]:
    """Title, place, description, links of one recorded job, straight from the file."""
    if kind == "greenhouse":
        about = html.unescape(job["content"])
        return {"title": job["title"], "location": job["location"]["name"], "about": about,
                "url": job["absolute_url"], "apply_url": job["absolute_url"]}  # fmt: skip
    if kind == "lever":
        lists = "".join(f" {html.escape(part['text'])} {part['content']}" for part in job["lists"])
        about = f"{job['description']} {lists} {job['additional']}"
        return {"title": job["text"], "location": job["categories"]["location"], "about": about,
                "url": job["hostedUrl"], "apply_url": job["applyUrl"]}  # fmt: skip
    return {"title": job["title"], "location": job["location"], "about": job["descriptionHtml"],
            "url": job["jobUrl"], "apply_url": job["applyUrl"]}  # fmt: skip


async def test_all_boards_come_in_whole(discovery: Discovery, shared_data: Path) -> None:
    listed, changed = 0, {}
    for kind, name in BOARDS:
        source = await discovery.watch(kind, name, "The Employer")
        after = await discovery.fetch(source)
        assert after.last_error is None
        expected = jobs(shared_data, kind, name)
        assert after.last_count == len(expected)
        listed += len(expected)
        changed |= {str(job["id"]): told(kind, job) for job in expected}
    links = await discovery.links()
    postings = await discovery.postings()
    duplicates = len(links) - len(postings)
    assert listed == len(links) == len(changed) == 18
    assert duplicates == 0  # the files hold eighteen different vacancies
    for external_id, (link, posting) in links.items():
        want = changed[external_id]
        assert posting.title == link.title == " ".join(want["title"].split())
        assert posting.location == link.location == want["location"]
        assert (link.url, link.apply_url, posting.apply_url) == (want["url"], want["apply_url"], want["apply_url"])
        assert letters(posting.description_html) == letters(want["about"])
        assert letters(html.escape(posting.description_text)) == letters(want["about"])
        assert (posting.state, posting.version) == ("open", 1)
        assert posting.company


async def test_the_same_boards_from_other_sources_are_links(discovery: Discovery, shared_data: Path) -> None:
    """Each board once more, watched under the token that its own addresses carry."""
    for kind, name in BOARDS:
        await discovery.fetch(await discovery.watch(kind, name, "The Employer"))
    again = {"anthropic": "greenhouse", "amplitude": "greenhouse", "spotify": "lever", "idealistconsulting": "lever",
             "ramp": "ashby", "HighlightTA": "ashby"}  # fmt: skip
    for token, kind in again.items():
        assert (await discovery.fetch(await discovery.watch(kind, token, "The Employer"))).last_error is None
    assert len(await discovery.postings()) == 18
    async with discovery.db.transaction() as tx:
        links = [link for posting in await discovery.postings() for link in await store.links(tx, posting.id)]
    assert len(links) == 36


async def test_a_list_shorter_than_it_says_closes_nothing(discovery: Discovery, shared_data: Path) -> None:
    source = await discovery.fetch(await discovery.watch("greenhouse", "careerkit_greenhouse"))
    assert source.last_note is not None
    assert "says it has 37 postings and listed 2" in source.last_note
