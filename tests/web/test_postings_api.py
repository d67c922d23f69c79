"""`/api/postings/` and `/api/sources/`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.conftest import SignIn

NEW = {
    "source": "hr",
    "external_id": "1",
    "company": "Practice Works",
    "title": "Backend Developer",
    "location": "Leeds",
    "description_html": "<p>Python</p><script>alert(1)</script>",
}


def _many(count: int) -> list[dict[str, Any]]:
    return [NEW | {"external_id": str(n), "title": f"Developer {n}", "company": f"Company {n}"} for n in range(count)]


async def test_an_operator_files_one_and_everybody_reads_it(signed_in: SignIn) -> None:
    operator, seeker = await signed_in("operator"), await signed_in("seeker")
    answer = await operator.post("/api/postings/", json=NEW)
    assert answer.status_code == 201
    told = answer.json()
    assert told["portal"] == "internal"
    assert "script" not in told["description_html"]
    assert (await seeker.get(f"/api/postings/{told['number']}")).json() == told
    assert (await seeker.post("/api/postings/", json=NEW)).status_code == 403
    assert (await seeker.get("/api/postings/999999")).status_code == 404


async def test_arrays_and_lines_are_filed_all_or_none(signed_in: SignIn) -> None:
    operator = await signed_in("operator")
    assert len((await operator.post("/api/postings/", json=_many(3))).json()["items"]) == 3
    lines = "\n".join(json.dumps(one | {"source": "lines"}) for one in _many(4)) + "\n\n"
    headers = {"content-type": "application/x-ndjson"}
    answer = await operator.post("/api/postings/", content=lines, headers=headers)
    assert (answer.status_code, len(answer.json()["items"])) == (201, 4)
    bad = [*_many(2), {"external_id": "x", "company": "C", "title": ""}]
    answer = await operator.post("/api/postings/", json=bad)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "2.title")


@pytest.mark.parametrize(
    ("body", "path"),
    [('[{"title": 7}]', "0.title"), ('{"title": 7}', "title"), ("[", None), ("7", "")],
)
async def test_bad_bodies_name_the_place(signed_in: SignIn, body: str, path: str | None) -> None:
    operator = await signed_in("operator")
    answer = await operator.post("/api/postings/", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    errors = answer.json().get("errors")
    assert errors is None if path is None else errors[0]["path"] == path


async def test_a_bad_line_is_named_by_its_number(signed_in: SignIn) -> None:
    operator = await signed_in("operator")
    lines = json.dumps(NEW) + '\n{"title": 7}\n{"title":'
    answer = await operator.post("/api/postings/", content=lines, headers={"content-type": "application/x-ndjson"})
    assert [error["path"] for error in answer.json()["errors"]] == ["1.title", "2"]


async def test_lists_come_in_pages_without_gaps(signed_in: SignIn) -> None:
    operator = await signed_in("operator")
    await operator.post("/api/postings/", json=_many(7))
    numbers, cursor = [], ""
    while True:
        told = (await operator.get("/api/postings/", params={"limit": 3, "cursor": cursor})).json()
        numbers += [item["number"] for item in told["items"]]
        if told["next_cursor"] is None:
            break
        cursor = told["next_cursor"]
    assert len(numbers) == 7
    assert numbers == sorted(numbers, reverse=True)
    assert (await operator.get("/api/postings/?cursor=nonsense")).status_code == 400
    assert (await operator.get("/api/postings/?limit=1000")).status_code == 400


async def test_sources_are_watched_once(signed_in: SignIn) -> None:
    operator = await signed_in("operator")
    new = {"kind": "greenhouse", "token": "practiceworks", "name": "Practice Works"}
    first = await operator.post("/api/sources/", json=new)
    again = await operator.post("/api/sources/", json=new)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert (await operator.post(f"/api/sources/{first.json()['id']}/run")).status_code == 202
    assert len((await operator.get("/api/sources/")).json()["items"]) == 1
    bad = await operator.post("/api/sources/", json={"kind": "fax", "token": ""})
    assert {error["path"] for error in bad.json()["errors"]} == {"kind", "token"}
