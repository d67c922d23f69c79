"""Incident mode through the API."""

from __future__ import annotations

from tests.web.conftest import SignIn


async def test_begin_read_and_end(signed_in: SignIn) -> None:
    boss = await signed_in("supervisor")
    begun = await boss.post("/api/incident/", json={"reason": "Mail is down", "freeze_clocks": False})
    assert begun.status_code == 201, begun.text
    assert (begun.json()["stop_submissions"], begun.json()["freeze_clocks"]) == (True, False)
    assert (await boss.post("/api/incident/", json={"reason": "again"})).status_code == 409
    assert (await boss.get("/api/incident/")).json()["current"]["reason"] == "Mail is down"
    ended = await boss.delete("/api/incident/")
    assert (ended.status_code, ended.json()["strikes"]) == (200, 0)
    assert ended.json()["start"] < ended.json()["end"]
    state = (await boss.get("/api/incident/")).json()
    assert (state["current"], state["last"]["incident"]["id"]) == (None, begun.json()["id"])
    assert (await boss.delete("/api/incident/")).status_code == 409


async def test_wrong_fields_are_named(signed_in: SignIn) -> None:
    boss = await signed_in("supervisor")
    nothing = {"reason": "x", "stop_submissions": False, "freeze_clocks": False}
    for wrong, path in (({"reason": " "}, "reason"), (nothing, "stop_submissions"), ({}, "reason")):
        answer = await boss.post("/api/incident/", json=wrong)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, path), answer.text


async def test_a_seeker_learns_that_it_is_on_hold_and_not_why(signed_in: SignIn) -> None:
    boss, seeker = await signed_in("supervisor"), await signed_in("seeker")
    assert "notice" not in (await seeker.get("/incident")).text
    await boss.post("/api/incident/", json={"reason": "A supplier leaks"})
    shown = (await seeker.get("/incident")).text
    assert "on hold" in shown
    assert "supplier" not in shown
    assert "A supplier leaks" in (await boss.get("/incident")).text
