"""What is written into the form of a review lives on the server: reload, crash and revoke lose nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from app.applications import service as applications
from app.applications.types import Application
from app.dispatch import service as dispatch
from app.dispatch.policy.types import Rules
from app.seekers import service as seekers
from tests.browser.house import House
from tests.browser.test_desk import go_available
from tests.browser.test_faces import faults, time_runs_out
from tests.browser.test_proposals import asked


async def handover(house: House) -> tuple[Page, Application]:
    """Ada with an application to send by hand."""
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King")
    await go_available(page)
    async with house.db.transaction() as tx:
        resume = await seekers.latest_resume(tx, seeker)
        app = await applications.approve(
            tx, seeker_id=seeker, posting_id=posting.id, score=95, resume_version_id=resume.id if resume else None
        )
        payload: dict[str, Any] = {"url": "https://jobs.example/7", "why": "A captcha.", "answers": []}
        await applications.needs_person(tx, app.id, kind="handover", title="Send it by hand", payload=payload)
    await expect(page.locator("#review-form")).to_be_visible()
    return page, app


async def _draft(house: House) -> dict[str, Any]:
    async with house.db.transaction() as tx:
        (held,) = await dispatch.list_reviews(tx)
        assert held.assignment is not None
        return (await dispatch.get_draft(tx, held.assignment.employee_id, held.review.id)).body


async def test_answers_survive_a_crash_of_the_page(house: House) -> None:
    page, _ = await asked(house)
    await page.locator("#answer-0").fill("7")
    await page.locator("#answer-1").select_option("No")
    await page.locator("#answer-3").fill("The <b>ledger</b>.")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    again = await page.context.new_page()
    await page.close(run_before_unload=False)
    await again.goto("/desk")
    await expect(again.locator("#answer-0")).to_have_value("7")
    await expect(again.locator("#answer-1")).to_have_value("No")
    await expect(again.locator("#answer-3")).to_have_value("The <b>ledger</b>.")
    await expect(again.locator(".proposal [data-taken]").first).to_have_text("edited")
    await expect(again.locator("#draft-state")).to_have_text("your draft")
    await expect(again.get_by_role("button", name="Decline… N")).to_have_count(0)
    await again.locator("#answer-0").fill("8")  # on top of what was restored
    await expect(again.locator("#draft-state")).to_have_text("draft saved")
    assert house.violations == []


async def test_a_note_and_a_number_survive_a_reload_and_leave_with_the_verdict(house: House) -> None:
    page, app = await handover(house)
    await page.get_by_label("Confirmation number").fill("NW-7")
    await page.get_by_label("Notes").fill("Sent by hand,\nwith the second resume")
    await page.goto("/desk/history")  # before the pause of its writer is over: what was typed leaves with the page
    async with asyncio.timeout(10):
        while "NW-7" not in str(await _draft(house)):
            await asyncio.sleep(0.05)
    await page.goto("/desk")
    await expect(page.get_by_label("Confirmation number")).to_have_value("NW-7")
    await expect(page.get_by_label("Notes")).to_have_value("Sent by hand,\nwith the second resume")
    await page.get_by_role("button", name="I sent it").click()
    await expect(page.locator("#work h1")).to_contain_text("You are")
    async with house.db.transaction() as tx:
        assert (await applications.get(tx, app.id)).confirmation == "NW-7"
    assert house.violations == []


@pytest.mark.parametrize("how", ["revoked", "missed"])
async def test_who_gets_it_next_may_take_the_words_over(house: House, how: str) -> None:
    page, _ = await handover(house)
    await page.get_by_label("Notes").fill("Called them: ask for Mrs Lind")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await page.route("**/draft", lambda route: route.abort(), times=1)
    await page.get_by_label("Confirmation number").fill("NW-8")
    await expect(page.locator("#draft-state")).to_contain_text("kept on this page")
    ben_id, boss = await house.add("employee", "Ben Frost"), await house.add("supervisor", "Sue Park")
    ben = await house.sign_in("Ben Frost")
    await go_available(ben)
    if how == "missed":
        await time_runs_out(house)
    else:
        async with house.db.transaction() as tx:
            (held,) = await dispatch.list_reviews(tx)
            await dispatch.transfer(
                tx, held.review.id, actor=boss, employee_id=ben_id, rules=Rules(), ignore_capacity=True
            )
    kept = page.locator("#kept")
    await expect(kept).to_contain_text("whoever gets it next may take them over")
    await expect(kept.locator("pre")).to_contain_text("Called them: ask for Mrs Lind")
    await expect(kept.locator("pre")).to_contain_text("NW-8")

    offer = ben.locator("#earlier section").first
    await expect(offer).to_contain_text("Ada K. had begun on this")
    await expect(offer).to_contain_text("2 fields filled in")
    await expect(ben.get_by_label("Notes")).to_have_value("")
    await offer.get_by_text("Show what they wrote").click()
    await expect(offer).to_contain_text("Confirmation number: NW-8")
    assert await faults(ben) == []
    await offer.get_by_role("button", name="Take it over").click()
    await expect(ben.get_by_label("Notes")).to_have_value("Called them: ask for Mrs Lind")
    await expect(ben.get_by_label("Confirmation number")).to_have_value("NW-8")
    await expect(ben.locator("#earlier section")).to_have_count(0)
    await ben.reload()
    await expect(ben.get_by_label("Notes")).to_have_value("Called them: ask for Mrs Lind")
    assert house.violations == []


async def test_two_pages_of_one_person_do_not_write_over_each_other(house: House) -> None:
    page, _ = await handover(house)
    other = await page.context.new_page()
    await other.goto("/desk")
    await page.get_by_label("Notes").fill("first")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await other.get_by_label("Notes").fill("second")
    await expect(other.locator("#toasts")).to_contain_text("saved from another page since")
    await page.reload()
    await expect(page.get_by_label("Notes")).to_have_value("first")
    await expect(page.locator("#earlier")).to_contain_text("You had begun on this")
