"""Recorded boards come out as they went in."""

import json
from pathlib import Path

import httpx
import pytest

from app.practice.server import create_app, running

LISTS = {
    "greenhouse": "/greenhouse/v1/boards/{}/jobs?content=true",
    "lever": "/lever/v0/postings/{}?mode=json",
    "ashby": "/ashby/posting-api/job-board/{}?includeCompensation=true",
}


async def test_recorded_boards_are_served_whole(tmp_path: Path, shared_data: Path) -> None:
    boards = shared_data / "boards"
    files = [(ats, path) for ats in LISTS for path in sorted((boards / ats).glob("*.json"))]
    served = 0
    async with running(create_app(tmp_path, recorded=boards)) as origin, httpx.AsyncClient(base_url=origin) as client:
        for ats, path in files:
            answer = await client.get(LISTS[ats].format(path.stem))
            if path.stem.startswith("questions_"):
                wanted = json.loads(path.read_bytes())
                detail = f"/greenhouse/v1/boards/{path.stem}/jobs/{wanted['id']}?questions=true"
                assert (await client.get(detail)).json() == wanted
                assert answer.json()["jobs"] == [wanted]
            elif path.stem == "question_phrasings_labeled":
                assert answer.status_code == 404
            else:
                served += 1
                assert answer.content == path.read_bytes()
    assert served == 6


@pytest.mark.parametrize(("ats", "token", "count"), [("greenhouse", "anthropic", 4), ("lever", "spotify", 4)])
async def test_recorded_boards_answer_to_their_own_token(
    tmp_path: Path, shared_data: Path, ats: str, token: str, count: int
) -> None:
    app = create_app(tmp_path, recorded=shared_data / "boards")
    async with running(app) as origin, httpx.AsyncClient(base_url=origin) as client:
        found = (await client.get(LISTS[ats].format(token))).json()
        assert len(found if ats == "lever" else found["jobs"]) == count
        if ats == "lever":
            part = (await client.get(LISTS[ats].format(token) + "&skip=1&limit=2")).json()
            assert part == found[1:3]
