"""`/jobapplier/apply/batch/`: as contracts.md has it, for its seeker alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.applications import batches
from app.platform.db import Database
from app.platform.objects import Objects
from app.postings import service as postings
from app.postings.types import NewPosting
from tests.web.conftest import SignIn
from tests.web.test_founding_api import Case, _resume, case

__all__ = ["case"]
PATH = "/jobapplier/apply/batch"


async def _offered(db: Database, count: int) -> list[int]:
    async with db.transaction() as tx:
        made = [NewPosting(company="Practice Works", title=f"Engineer {n}", external_id=f"b{n}") for n in range(count)]
        return [(await postings.create_internal(tx, one)).number for one in made]


async def _begun(client: httpx.AsyncClient, numbers: list[int], **more: Any) -> httpx.Response:
    body = {"job_ids": numbers, "max_concurrent": 2, "delay_between_applications": 0} | more
    return await client.post(f"{PATH}/", json=body)


async def test_a_batch_from_its_beginning_to_its_cancelling(case: Case, db: Database, objects: Objects) -> None:
    numbers = await _offered(db, 4)
    assert (await _begun(case.seeker, numbers)).json()["title"] == "Somebody else was first"  # without a resume
    await _resume(case, db, objects)
    await case.seeker.post(f"/jobapplier/apply/{numbers[0]}/")
    answer = await _begun(case.seeker, [*numbers, numbers[1]])
    assert answer.status_code == 202
    told = answer.json()
    assert [(one["job_id"], one["state"], one["status"]) for one in told["items"]] == [
        (numbers[0], "skipped", None),
        (numbers[1], "started", "applying"),
        (numbers[2], "started", "applying"),
        (numbers[3], "waiting", None),
    ]
    await batches.tick(db, 20)
    one = await case.seeker.get(f"{PATH}/{told['batch_id']}/")
    assert (one.json()["state"], one.json()["counts"]["running"]) == ("open", 2)
    for _ in range(2):
        gone = await case.seeker.delete(f"{PATH}/{told['batch_id']}/")
        assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")
    await batches.tick(db, 20)
    assert len((await case.seeker.get("/api/applications/")).json()["items"]) == 3


async def test_the_same_key_begins_one_batch(case: Case, db: Database, objects: Objects) -> None:
    await _resume(case, db, objects)
    body = {"job_ids": await _offered(db, 1)}
    answers = [await case.seeker.post(f"{PATH}/", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["batch_id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"job_ids": []},
        {"job_ids": [1], "max_concurrent": 11},
        {"job_ids": [1], "delay_between_applications": 301},
        {"job_ids": list(range(1, 103))},
        {"job_ids": ["x"]},
        {},
    ],
)
async def test_bad_input_names_its_field(case: Case, body: dict[str, Any]) -> None:
    answer = await case.seeker.post(f"{PATH}/", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


async def test_nobody_elses(case: Case, db: Database, objects: Objects, signed_in: SignIn) -> None:
    await _resume(case, db, objects)
    batch = (await _begun(case.seeker, await _offered(db, 3))).json()["batch_id"]
    other = await signed_in("seeker", "other@cabrank.test")
    assert (await other.get(f"{PATH}/{batch}/")).status_code == 404
    assert (await other.delete(f"{PATH}/{batch}/")).status_code == 404
    assert (await case.seeker.get(f"{PATH}/{batch}/")).json()["state"] == "open"
    assert (await _begun(case.seeker, [999_999])).status_code == 404
