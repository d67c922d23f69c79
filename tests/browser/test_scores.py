"""Why a score is what it is, on the desk and in the portal; any posting scored; matching turned on and off."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from app.applications import service as applications
from app.bots.match.models import match
from app.seekers import service as seekers
from app.web.pages import portal_scores
from tests.browser.house import POSTING, House
from tests.browser.test_desk import go_available
from tests.browser.test_faces import faults

TEXT = re.sub(r"</?(?:p|ul|h3)>", "\n", POSTING).replace("<li>", "- ").replace("</li>", "\n")


async def test_the_desk_opens_each_part_by_keyboard_and_keeps_it_open_while_rescoring(house: House) -> None:
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King")
    await go_available(page)
    await house.review(seeker, posting)
    part = page.locator("#part-requirements")
    await expect(part.locator("summary")).to_contain_text("What is asked for")
    await expect(part.get_by_text("The posting asks").first).to_be_hidden()
    await part.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(part.get_by_text("The posting asks").first).to_be_visible()
    await expect(part.get_by_text("The resume says").first).to_be_visible()
    await expect(part.locator("progress")).to_have_attribute(
        "aria-label", re.compile(r"\d+ of 100, \d+ % of the score")
    )
    await page.locator("#points summary").click()
    await expect(page.locator("#points li").first).to_contain_text(re.compile("met|in part"))

    top = page.locator("[data-section] textarea").first
    async with page.expect_response(re.compile("/desk/reviews/.*/score$")):
        await top.fill("Jane Roe\nTerraform for all environments since 2022")
    await expect(page.locator("#added")).to_contain_text("Terraform for all environments")
    await expect(part.get_by_text("The posting asks").first).to_be_visible()
    assert await faults(page) == []
    assert house.violations == []


async def test_a_match_explains_itself_to_the_seeker(house: House) -> None:
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    score = await house.matched(seeker, posting)
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto("/portal/matches")
    card = page.locator(f"#match-{posting.id}")
    await expect(card).to_contain_text(re.compile(rf"{int(score)}: .* points? .*met"))
    await card.get_by_role("link", name="Why").click()
    await expect(page.get_by_role("heading", name=f"Why {int(score)}")).to_be_visible()
    await page.locator("#part-years summary").click()
    await expect(page.locator("#part-years")).to_contain_text("Your resume says")
    await expect(page.locator("#part-years")).to_contain_text("6 years of experience")
    assert await faults(page) == []


async def test_scores_stored_in_the_former_shape_still_show(house: House) -> None:
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    desk = await house.sign_in("Ada King")
    await go_available(desk)
    await house.matched(seeker, posting)
    old = [{"name": "work", "label": "The work itself", "score": 70.0, "weight": 20, "evidence": ["Ran the payouts."]}]
    async with house.db.transaction() as tx:
        told = {"matched": ["Python"], "missing": ["Terraform"], "would_raise": []}
        await tx.conn.execute(update(match).values(components=old, explanation=told))
        resume = await seekers.latest_resume(tx, seeker)
        named = {"seeker_id": seeker, "posting_id": posting.id, "resume_version_id": resume.id if resume else None}
        await applications.request_review(tx, score=70, **named)
    await desk.locator("#part-work summary").click()
    await expect(desk.locator("#part-work")).to_contain_text("Ran the payouts.")
    portal = await house.sign_in("Jane Roe")
    await portal.goto(f"/portal/matches/{posting.number}/why")
    await expect(portal.locator("#why")).to_contain_text("one of two skills is shown; Terraform is missing.")


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_any_posting_is_scored_and_nothing_typed_is_lost(
    house: House, dark: bool, phone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.seeker_with_resume()
    page = await house.sign_in("Jane Roe", dark=dark, phone=phone)
    await page.goto("/portal/matches")
    await page.get_by_role("link", name="Score any posting").click()
    title, text = page.get_by_label("Title"), page.get_by_label("Text of the posting")
    await title.fill("Senior Backend Engineer")
    await page.get_by_role("button", name="Score it").click()
    await expect(page.locator("#scored")).to_contain_text("Paste the posting's text")

    await text.fill("x" * 60_001)
    await expect(page.locator("#score-count")).to_contain_text("60,001 of 60,000 characters: too long")
    await page.get_by_role("button", name="Score it").click()
    await expect(page.locator("#scored")).to_contain_text("At most 60,000 characters of a posting are read")

    await text.fill(TEXT)
    await page.get_by_role("button", name="Score it").click()
    await expect(page.locator("#scored")).to_contain_text(re.compile(r"\d+: .*all four points asked for are met"))
    await expect(page.locator("#scored-title")).to_be_focused()
    await page.locator("#part-requirements summary").click()
    await expect(page.locator("#part-requirements")).to_contain_text("Your resume says")
    assert await faults(page) == []

    async def starting(*_: object, **__: object) -> None:
        raise portal_scores.Unavailable("Scores can't be computed for a moment; try again in some seconds")

    monkeypatch.setattr(portal_scores.matching, "score_text", starting)
    await page.get_by_role("button", name="Score it").click()
    await expect(page.locator("#scored")).to_contain_text("try again in some seconds")
    await expect(text).to_have_value(TEXT)
    await expect(title).to_have_value("Senior Backend Engineer")
    await expect(page.locator(".toast")).to_have_count(0)
    assert house.violations == []


async def test_matching_is_turned_on_and_off_on_all_pages_at_once(house: House) -> None:
    await house.seeker_with_resume()
    one, other = await house.sign_in("Jane Roe"), await house.sign_in("Jane Roe", phone=True)
    for page in (one, other):
        await page.goto("/portal/matches")
        await expect(page.locator("[data-live-state]")).to_have_text("live")
        await expect(page.locator("#matching")).to_contain_text("Matching is on")
    await one.get_by_role("button", name="Stop matching").click()
    for page in (one, other):
        await expect(page.locator("#matching")).to_contain_text("Matching is off")
    await other.wait_for_timeout(500)  # where another button was a moment ago, a press does nothing
    await other.get_by_role("button", name="Start matching").click()
    await expect(one.locator("#matching")).to_contain_text("Matching is on")
    await one.goto("/portal/profile")
    await one.get_by_label(re.compile("Match new postings to me")).uncheck()
    await one.get_by_role("button", name="Save", exact=True).click()
    await expect(other.locator("#matching")).to_contain_text("Matching is off")
