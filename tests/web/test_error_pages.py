"""What a browser is shown when something is refused: words, a way on, and never a bare framework's phrase."""

from __future__ import annotations

import httpx

from tests.web.conftest import SignIn

HTML = {"accept": "text/html"}


async def test_an_unknown_address_is_a_page_with_a_way_on(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/nowhere", headers=HTML)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "Go to the start" in answer.text


async def test_a_page_of_another_role_says_who_is_signed_in(signed_in: SignIn) -> None:
    answer = await (await signed_in("seeker")).get("/board", headers=HTML)
    assert answer.status_code == 403
    assert "This page isn&#39;t yours" in answer.text
    assert "You are signed in as Seeker, seeker." in answer.text
    assert "Sign in as somebody else" in answer.text


async def test_the_founding_dashboard_is_the_seekers_live_page(signed_in: SignIn) -> None:
    answer = await (await signed_in("seeker")).get("/real-time-dashboard", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal")
    assert (await (await signed_in("employee")).get("/real-time-dashboard/", headers=HTML)).status_code == 403


async def test_scripts_and_programs_get_problem_documents(signed_in: SignIn) -> None:
    seeker = await signed_in("seeker")
    for path, headers in (("/board", {"hx-request": "true"} | HTML), ("/api/board", HTML)):
        answer = await seeker.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        assert answer.json()["title"] == "This isn't yours to do"
