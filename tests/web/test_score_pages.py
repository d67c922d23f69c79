"""Scores in the portal without a browser, and how the API describes them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from litestar import Litestar
from sqlalchemy import update

from app.bots.match.models import match
from app.platform.db import Database
from app.platform.objects import Objects
from tests.web.conftest import SignIn
from tests.web.test_founding_api import Case, _resume, _scored, case

__all__ = ("case",)
COMPONENT = {
    "name": "years",
    "label": "Years of experience",
    "score": 83.0,
    "weight": 10.0,
    "evidence": [{"asked": "6 years of experience", "told": "5 years, all in related positions"}],
    "would_raise": "1 more year in related work.",
}
LINE = {
    "text": "1. Python <b>",
    "kind": "required",
    "met": 96.0,
    "evidence": "Wrote Python.",
    "matched": [],
    "missing": [],
}
TOLD = {
    "matched": ["Python"],
    "missing": ["Kafka"],
    "would_raise": [{"skill": "Kafka", "points": 4.2}],
    "lines": [LINE, LINE | {"text": "Kafka", "met": 3.0, "evidence": "", "missing": ["Kafka"]}],
    "notes": ["German is required and the resume doesn't show it."],
}
FORMER = {"name": "work", "label": "The work itself", "score": 70.0, "weight": 20, "evidence": ["Ran the payouts."]}


async def _explained(case: Case, db: Database, components: list[Any], told: dict[str, Any]) -> None:
    await _scored(case, db, 74.9)
    async with db.transaction() as tx:
        await tx.conn.execute(update(match).values(components=components, explanation=told))


async def test_a_match_tells_the_seeker_why(case: Case, db: Database) -> None:
    await _explained(case, db, [COMPONENT], TOLD)
    for path in (f"/portal/matches/{case.posting.number}/why", f"/portal/matches/{case.posting.number}/why/part"):
        page = (await case.seeker.get(path)).text
        assert "74: one of two points is met; Kafka is missing; you show five of the six years asked for." in page
        assert "Held below 90 because German is required and your resume doesn&#39;t show it." in page
        assert "5 years, all in related positions" in page
        assert "1 more year in related work." in page
        assert "+4 points" in page
        assert "Python &lt;b&gt;" in page
        assert "1 of 2 met" in page
    card = (await case.seeker.get(f"/portal/matches/{case.posting.number}")).text
    assert "74: one of two points is met" in card
    assert "Held below 90" in card
    assert f"/portal/matches/{case.posting.number}/why" in card


@pytest.mark.parametrize("components", [[FORMER], []])
async def test_a_match_of_an_earlier_version_shows_what_it_has(case: Case, db: Database, components: list[Any]) -> None:
    await _explained(case, db, components, {"matched": ["Python"], "missing": ["Kafka"]})
    answer = await case.seeker.get(f"/portal/matches/{case.posting.number}/why")
    assert answer.status_code == 200
    assert ("Ran the payouts." if components else "No explanation was kept") in answer.text
    for path in ("/api/seekers/me/matches", "/api/jobmatcher/live-scores"):
        (item,) = (await case.seeker.get(path)).json()["items"]
        new = [{"asked": "", "told": "Ran the payouts."}]
        assert [(one["evidence"], one["would_raise"]) for one in item["components"]] == [(new, "") for _ in components]


async def test_reasons_are_the_seekers_own(case: Case, db: Database, signed_in: SignIn) -> None:
    path = f"/portal/matches/{case.posting.number}/why"
    assert (await case.seeker.get(path)).status_code == 404  # not scored yet
    await _explained(case, db, [COMPONENT], TOLD)
    other = await signed_in("seeker", "other@cabrank.test")
    assert (await other.get(path)).status_code == 404


WRONG = [
    ({"title": "", "description": "x"}, "Give the posting&#39;s title."),
    ({"title": "Cook", "description": " "}, "Paste the posting&#39;s text"),
    ({"title": "x" * 301, "description": "x"}, "A title has at most 300 characters; this one has 301."),
    ({"title": "Cook", "description": "x" * 60_001}, "this one has 60,001"),
]


@pytest.mark.parametrize(("sent", "said"), WRONG)
async def test_what_cannot_be_scored_is_said_by_field(case: Case, sent: dict[str, str], said: str) -> None:
    answer = await case.seeker.post("/portal/score", data=sent)
    assert (answer.status_code, said in answer.text) == (422, True)


async def test_the_api_has_the_same_limits(case: Case, db: Database, objects: Objects) -> None:
    await _resume(case, db, objects)
    for field, sent in (("title", {"title": "x" * 301}), ("description", {"title": "x", "description": "x" * 60_001})):
        answer = await case.seeker.post("/api/jobmatcher/score-job", json={"description": "x"} | sent)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, field)


async def test_without_a_resume_or_an_embedder_it_says_what_to_do(case: Case, db: Database, objects: Objects) -> None:
    sent = {"title": "Cook", "description": "Cook for forty guests"}
    assert "Upload a resume" in (await case.seeker.get("/portal/score")).text
    refused = await case.seeker.post("/portal/score", data=sent)
    assert (refused.status_code, "Upload a resume" in refused.text) == (422, True)
    await _resume(case, db, objects)
    assert "Score it" in (await case.seeker.get("/portal/score")).text
    starting = await case.seeker.post("/portal/score", data=sent)
    assert (starting.status_code, starting.headers["retry-after"]) == (503, "5")
    assert "try again in some seconds" in starting.text


async def test_matching_is_turned_on_and_off_in_the_portal(case: Case) -> None:
    for act, words in (("stop", "Matching is off"), ("start", "Matching is on")):
        assert words in (await case.seeker.post(f"/portal/matching/{act}")).text
        assert words in (await case.seeker.get("/portal/matching")).text
        assert words in (await case.seeker.get("/portal/matches")).text
    assert (await case.seeker.post("/portal/matching/pause")).status_code == 400


def _schema(app: Litestar) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()))
    schemas: dict[str, Any] = found["components"]["schemas"]
    return schemas


def test_the_reasons_of_a_score_are_described_once_for_all_who_read_them(app: Litestar) -> None:
    schemas = _schema(app)
    (name,) = [one for one in schemas if one.endswith("Component")]
    fields = schemas[name]["properties"]
    assert set(fields) == {"name", "label", "score", "weight", "evidence", "would_raise"}
    assert all("description" in field or "$ref" in field for field in fields.values()), fields
    for whose in ("ScoreResult", "MatchView", "LiveScore"):
        (mine,) = [schemas[one] for one in schemas if one.endswith(whose)]
        assert mine["properties"]["components"]["items"]["$ref"].endswith(name), whose
