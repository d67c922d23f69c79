"""Webhooks through the API: the secret is shown once."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select

from app.accounts.models import idempotency
from app.platform.db import Database
from tests.web.conftest import SignIn


async def test_add_list_and_remove(signed_in: SignIn) -> None:
    operator = await signed_in("operator")
    new = {"url": "https://93.184.216.34/hooks", "events": ["review.late", "review.stranded"]}
    added = await operator.post("/api/webhooks/", json=new)
    assert added.status_code == 201, added.text
    assert added.json()["secret"].startswith("whsec_")
    listed = await operator.get("/api/webhooks/")
    assert added.json()["secret"] not in listed.text
    (one,) = listed.json()["items"]
    assert (one["url"], one["events"], one["last_error"]) == (new["url"], new["events"], None)
    assert (await operator.delete(f"/api/webhooks/{one['id']}")).status_code == 204
    assert (await operator.delete(f"/api/webhooks/{one['id']}")).status_code == 404
    assert (await operator.delete(f"/api/webhooks/{uuid4()}")).status_code == 404
    audit = (await operator.get("/api/operations/audit")).text
    assert added.json()["secret"] not in audit
    assert "webhook.remove" in audit


async def test_a_secret_is_never_kept_with_its_key(signed_in: SignIn, db: Database) -> None:
    client = await signed_in("operator")
    body = {"url": "https://93.184.216.34/hooks", "events": ["review.late"]}
    added = await client.post("/api/webhooks/", json=body, headers={"idempotency-key": "one"})
    assert added.status_code == 201
    async with db.transaction() as tx:
        kept = list((await tx.conn.execute(select(idempotency.c.body))).scalars())
    assert not [one for one in kept if added.json()["secret"].encode() in (one or b"")]


async def test_wrong_fields_are_named(signed_in: SignIn) -> None:
    operator = await signed_in("operator")
    answer = await operator.post("/api/webhooks/", json={"url": "https://127.0.0.1/", "events": ["x"]})
    assert answer.status_code == 400
    assert {error["path"] for error in answer.json()["errors"]} == {"url", "events"}
