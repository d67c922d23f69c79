"""`/api/seekers/me/push` and the switch in the portal: what is taken, what is refused, and whose it is."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from app.accounts.models import app_user
from app.platform.db import Database
from app.push.models import push_subscription
from app.seekers import service as seekers
from tests.push.browser import Browser, bytes64, text64
from tests.web.conftest import SignIn

PATH = "/api/seekers/me/push"
ENDPOINT = "https://93.184.216.34/push/a-path-that-nobody-else-knows"


@pytest.fixture
def joined(signed_in: SignIn, db: Database) -> Any:
    """Signs a seeker in who has a profile."""

    async def join(email: str = "seeker@cabrank.test") -> httpx.AsyncClient:
        client = await signed_in("seeker", email)
        async with db.transaction() as tx:
            who = (await tx.conn.execute(select(app_user.c.id).where(app_user.c.email == email))).scalar_one()
            await seekers.create(tx, who, name="Seeker")
        return client

    return join


async def count(db: Database) -> int:
    async with db.transaction() as tx:
        return int((await tx.conn.execute(select(func.count()).select_from(push_subscription))).scalar_one())


async def forget(client: httpx.AsyncClient, endpoint: str) -> httpx.Response:
    return await client.request("DELETE", PATH, json={"endpoint": endpoint})


async def test_on_twice_and_off_twice(joined: Any, db: Database) -> None:
    seeker, browser = await joined(), Browser()
    first = await seeker.post(PATH, json=browser.subscription(ENDPOINT))
    again = await seeker.post(PATH, json=browser.subscription(ENDPOINT))
    assert (first.status_code, first.json()) == (201, {"new": True}), first.text
    assert (again.status_code, again.json()) == (200, {"new": False})
    assert await count(db) == 1
    for _ in range(2):
        assert (await forget(seeker, ENDPOINT)).status_code == 204
    assert await count(db) == 0


async def test_the_key_to_subscribe_with_stays_the_same(joined: Any) -> None:
    seeker = await joined()
    keys = {(await seeker.get(PATH)).json()["public_key"] for _ in range(2)}
    (key,) = keys
    assert (len(bytes64(key)), bytes64(key)[0]) == (65, 4)


async def test_another_seeker_takes_nothing_away(joined: Any, db: Database) -> None:
    alice, bob = await joined("alice@cabrank.test"), await joined("bob@cabrank.test")
    await alice.post(PATH, json=Browser().subscription(ENDPOINT))
    theirs, nobodys = await forget(bob, ENDPOINT), await forget(bob, f"{ENDPOINT}-not-there")
    assert (theirs.status_code, theirs.text) == (nobodys.status_code, nobodys.text) == (204, "")
    assert await count(db) == 1
    for act in ("off", "look"):  # nor is anybody told that it is there
        assert "Off." in await turn(bob, act, "granted", Browser().subscription(ENDPOINT))
    assert await count(db) == 1
    assert (await bob.post(PATH, json=Browser().subscription(ENDPOINT))).status_code == 201
    assert await count(db) == 2


NOT_ON_THE_CURVE = text64(b"\x04" + b"\x01" * 64)
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"endpoint": "http://93.184.216.34/push"}, "endpoint"),
    ({"endpoint": "https://127.0.0.1/push"}, "endpoint"),
    ({"endpoint": "https://10.0.0.1/push"}, "endpoint"),
    ({"endpoint": "https://169.254.169.254/latest"}, "endpoint"),
    ({"endpoint": "https://[::1]/push"}, "endpoint"),
    ({"endpoint": "https://[::ffff:10.0.0.1]/push"}, "endpoint"),
    ({"endpoint": "https://localhost/push"}, "endpoint"),
    ({"endpoint": "https://93.184.216.34:8443/push"}, "endpoint"),
    ({"endpoint": "https://me:word@93.184.216.34/push"}, "endpoint"),
    ({"endpoint": "https://93.184.216.34/a\nb"}, "endpoint"),
    ({"endpoint": "https://93.184.216.34/ä"}, "endpoint"),
    ({"endpoint": ""}, "endpoint"),
    ({"endpoint": "https://93.184.216.34/" + "x" * 2000}, "endpoint"),
    ({"endpoint": 7}, "endpoint"),
    ({"keys": {"p256dh": NOT_ON_THE_CURVE}}, "keys.p256dh"),
    ({"keys": {"p256dh": text64(b"\x04" + b"\x01" * 63)}}, "keys.p256dh"),
    ({"keys": {"p256dh": "not base64!"}}, "keys.p256dh"),
    ({"keys": {"auth": text64(b"x" * 15)}}, "keys.auth"),
    ({"keys": {"auth": ""}}, "keys.auth"),
    ({"expirationTime": 1}, "expirationTime"),
    ({"expirationTime": 1e300}, "expirationTime"),
    ({"expirationTime": "soon"}, "expirationTime"),
]


@pytest.mark.parametrize(("wrong", "path"), WRONG)
async def test_each_wrong_field_is_named(joined: Any, db: Database, wrong: dict[str, Any], path: str) -> None:
    seeker = await joined()
    good = Browser().subscription(ENDPOINT)
    body = good | wrong | {"keys": good["keys"] | wrong.get("keys", {})}
    answer = await seeker.post(PATH, json=body)
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()["errors"]
    assert error["path"] == path
    assert error["message"]
    assert "nobody-else-knows" not in answer.text
    assert await count(db) == 0


async def test_a_field_that_is_missing_is_named(joined: Any) -> None:
    seeker = await joined()
    for body in ({}, {"endpoint": ENDPOINT}, {"endpoint": ENDPOINT, "keys": {"auth": "x"}}):
        assert (await seeker.post(PATH, json=body)).status_code == 400
    assert (await forget(seeker, "x" * 2001)).status_code == 400


async def turn(client: httpx.AsyncClient, act: str, can: Any, device: Any = None) -> str:
    """What the switch says after the page's word."""
    said = msgspec.json.encode({"act": act, "can": can, "device": device}).decode()
    answer = await client.post("/portal/device", data={"said": said})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


async def test_the_switch_says_how_it_stands(joined: Any, db: Database) -> None:
    seeker, device = await joined(), Browser().subscription(ENDPOINT)
    assert "Off." in await turn(seeker, "look", "default")
    assert "On." in await turn(seeker, "on", "granted", device)
    assert "On." in await turn(seeker, "look", "granted", device)
    assert "Off." in await turn(seeker, "look", "granted"), "the browser has lost it"
    assert "Off." in await turn(seeker, "off", "granted", device)
    assert "closed" in await turn(seeker, "on", "default")
    assert "notification service" in await turn(seeker, "on", "granted")
    assert "Blocked by this browser" in await turn(seeker, "on", "denied")
    assert "only over https" in await turn(seeker, "look", False)
    assert "Another browser" in await turn(seeker, "look", True)
    refused = Browser().subscription("https://10.0.0.1/x")
    assert "Still off: 10.0.0.1 is not on the open internet." in await turn(seeker, "on", "granted", refused)
    for wrong in ("", "{}", '{"act": "rumour", "can": true}', '{"act": "on", "can": "granted", "device": {}}'):
        assert (await seeker.post("/portal/device", data={"said": wrong})).status_code == 400
    assert await count(db) == 0


async def test_the_worker_is_served_at_the_root(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/push-worker.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "showNotification" in answer.text


async def test_new_devices_are_limited(joined: Any) -> None:
    seeker = await joined()
    said = [(await seeker.post(PATH, json=Browser().subscription(f"{ENDPOINT}/{n}"))).status_code for n in range(25)]
    assert set(said[:20]) == {201}
    assert said[-1] == 429
