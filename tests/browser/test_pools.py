"""A supervisor's page of pools in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from app.dispatch import service as dispatch
from tests.browser.house import House
from tests.browser.quality.furnished import person
from tests.browser.test_faces import faults


async def test_a_supervisor_adds_and_changes_a_pool(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    page = await house.sign_in("Sue Park")
    await page.locator(".top").get_by_role("link", name="Pools").click()
    await page.get_by_label("Name", exact=True).fill("Law")
    await page.locator("#new-category").fill("legal")
    await page.get_by_role("button", name="Add the pool").click()
    law = page.locator("section.panel", has=page.get_by_role("heading", name="Law"))
    await expect(law).to_be_visible()
    await law.get_by_label("Clock of a small review, minutes").fill("7.5")
    await law.get_by_label("Only people with all the skills it asks for").check()
    await law.get_by_label("Who is next").select_option("least_loaded")
    await law.get_by_role("button", name="Save Law").click()
    await expect(law.get_by_role("status")).to_have_text("Saved.")
    await law.get_by_label("Why, about Law").fill("training day")
    await law.get_by_role("button", name="Pause this pool").click()
    await expect(law).to_contain_text("paused since")
    async with house.db.transaction() as tx:
        (pool,) = [one for one in await dispatch.list_pools(tx) if one.name == "Law"]
    assert (pool.category, pool.by_skills, pool.strategy, pool.sla_small_seconds) == (
        "legal",
        True,
        "least_loaded",
        450,
    )
    assert pool.paused_at is not None


async def test_a_wrong_clock_is_told_and_changes_nothing(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    page = await house.sign_in("Sue Park")
    await page.goto("/board/pools")
    general = page.locator("section.panel", has=page.get_by_role("heading", name="general"))
    await general.get_by_label("Clock of a large review, minutes").fill("soon")
    await general.get_by_role("button", name="Save general").click()
    await expect(page.locator("#toasts")).to_contain_text("Write the clock in minutes")
    async with house.db.transaction() as tx:
        assert [one.sla_seconds for one in await dispatch.list_pools(tx)] == [None]


async def test_a_loan_shows_on_the_wall_and_ends_by_hand(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    await house.add("employee", "Ada King")
    async with house.db.transaction() as tx:
        await dispatch.add_pool(tx, actor=None, name="Law", group="Law people")
    board = await house.sign_in("Sue Park")
    page = await board.context.new_page()
    await page.goto("/board/pools")
    await page.get_by_label("For how many hours, Ada King").fill("1.5")
    await page.get_by_role("button", name="Lend Ada King").click()
    await expect(page.locator("#people")).to_contain_text("on loan from general until")
    await expect(board.locator("#wall")).to_contain_text("from general until")
    await page.get_by_role("button", name="Bring Ada King back").click()
    await expect(page.get_by_role("button", name="Lend Ada King")).to_be_visible()
    await expect(board.locator("#wall")).not_to_contain_text("from general until")


async def test_anybody_is_found_among_many(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    async with house.db.transaction() as tx:
        for n in range(30):
            await person(tx, "employee", f"Person {n:02}")
        await dispatch.add_pool(tx, actor=None, name="Law", group="Law people")
    page = (await house.sign_in("Sue Park")).context.pages[0]
    await page.goto("/board/pools")
    people = page.locator("#people")
    await expect(people).to_contain_text("The first 20 of 30")
    await expect(people.get_by_role("button", name="Lend Person 29")).to_have_count(0)
    await page.get_by_label("Find a person by name or number").fill("person 29")
    await people.get_by_label("For how many hours, Person 29").fill("2")
    await people.get_by_role("button", name="Lend Person 29").click()
    await expect(people.get_by_role("button", name="Bring Person 29 back")).to_be_visible()
    await expect(page.get_by_label("Find a person by name or number")).to_have_value("person 29")
    await page.get_by_label("Find a person by name or number").fill("nobody")
    await expect(people).to_contain_text("Nobody of this name")


async def test_why_somebody_is_paused_shows_on_the_wall_and_is_kept(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    await house.add("employee", "Ada King")
    board, desk = await house.sign_in("Sue Park"), await house.sign_in("Ada King")
    await desk.get_by_label("Why you are paused").fill("dentist")
    await desk.get_by_label("Why you are paused").press("Enter")
    await expect(desk.locator("#work")).to_contain_text("You said: dentist.")
    await expect(board.locator("#wall")).to_contain_text("dentist")
    await desk.reload()
    await expect(desk.get_by_label("Why you are paused")).to_have_value("dentist")
    await desk.locator("#top").get_by_role("button", name="Available").click()
    await expect(desk.get_by_label("Why you are paused")).to_have_count(0)
    await expect(board.locator("#wall")).not_to_contain_text("dentist")


async def test_hours_and_shifts_are_edited(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    await house.add("employee", "Ada King")
    page = await house.sign_in("Sue Park")
    await page.goto("/board/pools")
    general = page.locator("section.panel", has=page.get_by_role("heading", name="general"))
    await general.get_by_text("Opening hours").click()
    await general.get_by_label("Time zone").fill("Europe/London")
    await general.get_by_label("Monday").fill("nine to five")
    await general.get_by_role("button", name="Save general").click()
    await expect(page.locator("#toasts")).to_contain_text("Write Monday's hours like")
    await general.get_by_label("Monday").fill("09:00-17:00")
    await general.get_by_role("button", name="Save general").click()
    await expect(general.get_by_role("status")).to_have_text("Saved.")
    await expect(general.get_by_label("Monday")).to_have_value("09:00-17:00")
    await page.get_by_text("Shifts of Ada King").click()
    await page.locator("#people").get_by_label("Tuesday").fill("08:00-16:00")
    await page.get_by_role("button", name="Save the shifts of Ada King").click()
    await expect(page.locator("#people")).to_contain_text("the next ends")
    async with house.db.transaction() as tx:
        (pool,) = await dispatch.list_pools(tx)
        (ada,) = await dispatch.list_employees(tx)
    assert pool.hours == {"zone": "Europe/London", "week": {"mon": "09:00-17:00"}}
    assert ada.shift == {"zone": "UTC", "week": {"tue": "08:00-16:00"}}


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_no_serious_faults(house: House, dark: bool, phone: bool) -> None:
    await house.add("supervisor", "Sue Park")
    async with house.db.transaction() as tx:
        await dispatch.add_pool(tx, actor=None, name="Law", group="Law people", category="legal")
    page = await house.sign_in("Sue Park", dark=dark, phone=phone)
    await page.goto("/board/pools")
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    assert await faults(page) == []
    assert house.violations == []
