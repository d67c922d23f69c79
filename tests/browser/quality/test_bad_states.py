"""What goes wrong is told in words, beside what is still there, and leads on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, WebSocketRoute, expect
from sqlalchemy import delete

from app.accounts.models import session
from tests.browser.house import House
from tests.browser.quality import probes
from tests.browser.quality.furnished import Furnished, State
from tests.browser.quality.pages import standing
from tests.browser.quality.people import let_in

# Who, which page, a part of it, and what makes that part.
FACES = [
    ("boss", "/board", "#fairness", "app.web.pages.board_load.fair"),
    ("paused", "/desk", "#work", "app.web.pages.desk._context"),
    ("seeker", "/portal", "#today", "app.web.pages.portal._today"),
    ("ops", "/operations", "#dead", "app.web.pages.operations._dead"),
]


def _broken(*_: Any, **__: Any) -> None:
    raise KeyError("a fault of ours")


async def _refresh(page: Page, part: str) -> None:
    async with page.expect_response(lambda answer: answer.status == 500):
        await page.evaluate("(part) => htmx.trigger(part, 'refresh')", part)


@pytest.mark.parametrize(("who", "path", "part", "maker"), FACES)
async def test_a_part_that_fails_is_told_once_and_keeps_what_it_showed(
    house: House, made: Furnished, monkeypatch: pytest.MonkeyPatch, who: str, path: str, part: str, maker: str
) -> None:
    async with standing(house, State(path, made.people[who], path)) as page:
        before = await page.locator(part).locator("h1, h2").first.inner_text()
        monkeypatch.setattr(maker, _broken)
        await _refresh(page, part)
        notice = page.locator("#trouble").get_by_role("alert")
        await expect(notice).to_contain_text("Part of this page could not be refreshed")
        await expect(notice.get_by_role("link", name="Reload")).to_be_visible()
        await _refresh(page, part)
        await expect(notice).to_have_count(1)
        assert await page.locator(part).locator("h1, h2").first.inner_text() == before
        monkeypatch.undo()
        await notice.get_by_role("link", name="Reload").click()
        await expect(notice).to_have_count(0)
        await expect(page.locator(part)).to_be_visible()


async def test_an_act_that_fails_is_told_and_keeps_what_was_written(
    house: House, made: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with standing(house, State("profile", made.people["seeker"], "/portal/profile")) as page:
        monkeypatch.setattr("app.web.pages.portal_profile.bank_shown", _broken)
        await page.get_by_label("Question").fill("Notice period?")
        await page.get_by_label("Your answer").fill("Three months")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.locator("#toasts")).to_contain_text("It is logged as request")
        await expect(page.get_by_label("Your answer")).to_have_value("Three months")


async def test_a_lost_sign_in_leads_to_the_door_and_back(house: House, made: Furnished) -> None:
    user = made.people["new"]
    async with standing(house, State("profile", user, "/portal/profile?x=1")) as page:
        async with house.db.transaction() as tx:  # unheard by the socket, as when it expired
            await tx.conn.execute(delete(session).where(session.c.user_id == user))
        await page.evaluate("htmx.trigger('#resumes', 'refresh')")
        await page.wait_for_url(re.compile("/sign-in"))
        await expect(page.get_by_role("status").first).to_have_text("Sign in, and you go on where you were.")
        assert await page.locator("[name=next]").input_value() == "/portal/profile?x=1"
        await let_in(house, page.context, user)
        await page.reload()
        await page.wait_for_url(re.compile("/portal/profile"))


@pytest.mark.parametrize(("who", "path"), [(who, path) for who, path, *_ in FACES])
async def test_offline_is_told_on_every_face(house: House, made: Furnished, who: str, path: str) -> None:
    async def cut(socket: WebSocketRoute) -> None:
        await socket.close(code=1012)

    async with standing(house, State("sign-in", None, "/sign-in")) as page:
        await let_in(house, page.context, made.people[who])
        await page.route_web_socket("**/ws/realtime/", cut)
        await page.goto(path)
        await expect(page.locator("[data-live-state]")).to_have_text("offline")
        await expect(page.get_by_text("Trying again by itself")).to_be_visible()
        assert await page.evaluate(probes.WIDE) == []


@pytest.mark.parametrize(
    ("who", "path", "says", "leads"),
    [
        (None, "/nowhere", "There is no such page", "Go to the start"),
        ("new", "/portal/applications/999999", "There is nothing here", "Go to your page"),
        ("new", "/board", "This page isn't yours", "Go to your page"),
    ],
)
async def test_what_is_not_there_is_a_page_that_leads_on(
    house: House, made: Furnished, who: str | None, path: str, says: str, leads: str
) -> None:
    async with standing(house, State(path, made.people[who] if who else None, path)) as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text(says)
        await page.get_by_role("link", name=leads).click()
        await page.wait_for_url(re.compile("/sign-in" if who is None else "/portal$"))


async def test_a_whole_page_that_fails_says_so(house: House, made: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.pages.portal._today", _broken)
    async with standing(house, State("500", made.people["new"], "/portal")) as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Something went wrong on our side")
        await expect(page.locator("main")).to_contain_text("It is logged as request")
        await expect(page.get_by_role("link", name="Go to your page")).to_be_visible()


async def test_refused_fields_say_why(house: House, made: Furnished) -> None:
    async with standing(house, State("sign-up", None, "/sign-up")) as page:
        await page.locator("form").evaluate("(form) => (form.noValidate = true)")
        await page.get_by_label("Mail address").fill("no address")
        await page.get_by_role("button", name="Create account").click()
        await expect(page.locator("[aria-invalid=true]").first).to_be_visible()
        assert await page.evaluate(probes.ERRORS) == []
        await expect(page.get_by_label("Mail address")).to_have_value("no address")
    async with standing(house, State("profile", made.people["seeker"], "/portal/profile")) as page:
        await page.locator("#profile").evaluate("(form) => (form.noValidate = true)")
        await page.get_by_label("Countries you may work in").fill("Germny")
        await page.locator("#profile").get_by_role("button", name="Save").click()
        await expect(page.locator("#profile [aria-invalid=true]")).to_be_visible()
        assert await page.evaluate(probes.ERRORS) == []
    async with standing(house, State("facts", made.people["seeker"], "/portal/facts")) as page:
        await page.get_by_label("From").first.fill("the year of the flood")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("#facts [aria-invalid=true]").first).to_be_visible()
        assert await page.evaluate(probes.ERRORS) == []
