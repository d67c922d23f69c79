"""Incident mode in real browsers: one act, seen on the board, the desk and the portal."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from app.dispatch import service as dispatch
from app.dispatch.policy.types import Rules
from tests.browser.house import House
from tests.browser.test_faces import faults


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_it_begins_and_ends_on_every_face(house: House, dark: bool, phone: bool) -> None:
    await house.add("supervisor", "Sue Park")
    await house.add("employee", "Ada King")
    await house.add("seeker", "Jane Roe")
    board = await house.sign_in("Sue Park", dark=dark, phone=phone)
    desk = await house.sign_in("Ada King", dark=dark, phone=phone)
    for page in (board, desk):
        await expect(page.locator("[data-live-state]")).to_have_text("live")
    await board.get_by_text("Incident mode").click()
    await board.get_by_label("What is wrong").fill("Mail is down")
    await board.get_by_role("button", name="Begin the incident").click()
    await expect(board.locator("#incident")).to_contain_text("Incident: Mail is down.")
    await expect(desk.locator("#incident")).to_contain_text("All clocks stand still")
    await expect(desk.get_by_role("button", name="End the incident")).to_have_count(0)
    portal = await house.sign_in("Jane Roe", dark=dark, phone=phone)
    await expect(portal.locator("#incident")).to_contain_text("Applications are on hold.")
    for page in (board, desk, portal):
        assert await faults(page) == []
    await board.get_by_role("button", name="End the incident").click()
    await expect(board.locator("#incident .notice")).to_have_count(0)
    await expect(desk.locator("#incident .notice")).to_have_count(0)
    assert house.violations == []


async def test_a_countdown_stands_still_while_the_clocks_do(house: House) -> None:
    boss = await house.add("supervisor", "Sue Park")
    await house.add("employee", "Ada King")
    desk = await house.sign_in("Ada King")
    await expect(desk.locator("[data-live-state]")).to_have_text("live")
    await desk.locator("#top").get_by_role("button", name="Available").click()
    async with house.db.transaction() as tx:
        await dispatch.file_review(tx, kind="question", title="Which visa?")
    digits = desk.locator(".meter.big b")
    await expect(digits).to_be_visible()
    async with house.db.transaction() as tx:
        await dispatch.begin_incident(tx, actor=boss, reason="Mail is down")
    await expect(desk.locator("#incident")).to_have_attribute("data-frozen", re.compile("T"))
    await desk.wait_for_timeout(1_000)
    before = await digits.text_content()
    await desk.wait_for_timeout(2_500)
    assert await digits.text_content() == before
    async with house.db.transaction() as tx:
        await dispatch.end_incident(tx, actor=boss, rules=Rules())
    await expect(digits).not_to_have_text(str(before))
    assert house.violations == []
