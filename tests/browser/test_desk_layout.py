"""While one writes, what one writes it for stays in sight: on a wide screen beside it, on a phone one tap away."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import func, select, text, update

from app.dispatch.heartbeats import WAKE
from app.dispatch.models import assignment, employee, review
from app.seekers import service as seekers
from tests.browser.house import RESUME, House
from tests.browser.test_acts import at_work
from tests.browser.test_desk import go_available
from tests.browser.test_faces import faults

# Whether the middle of a thing is on the screen, with nothing over it.
SEEN = """(node) => {
  const { left, top, width, height } = node.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  return Boolean(hit && (node.contains(hit) || hit.contains(node)));
}"""


CLEAR = """() => {
  const edges = (name) => document.querySelector(name).getBoundingClientRect();
  return edges("#top .meter").right <= edges("#glance").left;
}"""


async def in_sight(*things: Locator) -> list[bool]:
    return [await thing.evaluate(SEEN) for thing in things]


async def write_at_the_end(page: Page, words: str) -> None:
    """In the last section, and until the draft is kept."""
    await page.locator("[data-section] textarea").last.focus()
    await page.keyboard.press("Control+End")
    await page.keyboard.type(words)
    await expect(page.locator("#draft-state")).to_have_text("draft saved")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 700), (1280, 500)])
async def test_posting_score_and_verbs_stay_beside_what_is_written(house: House, width: int, height: int) -> None:
    page, _ = await at_work(house)
    await page.set_viewport_size({"width": width, "height": height})
    score, line = page.locator("#score .score > b"), page.locator("#posting li").first
    await expect(score).to_have_text(re.compile(r"\d+"))
    before = await score.text_content()
    await write_at_the_end(page, "\nKafka, Terraform and Go, in production since 2019")
    await page.mouse.wheel(0, 300)  # at the end of what scrolls nothing else moves either
    approve, clock = page.get_by_role("button", name="Approve and apply"), page.locator("#top .meter")
    written = page.locator("[data-section] textarea").last
    assert await in_sight(line, score, approve, clock, written) == [True] * 5
    assert await page.locator("#glance").is_hidden(), "the score stands in its column"
    assert before is not None
    assert await faults(page) == []


async def place(page: Page) -> float:
    return float(await page.evaluate("scrollY"))


async def tap(page: Page, target: Locator) -> None:
    """Where it stands: a locator's own click may scroll first."""
    box = await target.bounding_box()
    assert box is not None
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("width", [390, 320])
async def test_on_a_phone_clock_and_score_stay_and_the_posting_is_a_tap_away(house: House, width: int) -> None:
    page = await (await house.context(phone=True)).new_page()
    page, _ = await at_work(house, page)
    await page.set_viewport_size({"width": width, "height": 740})
    posting, shown = page.get_by_role("button", name="Posting", exact=True), page.locator("#posting-text")
    score = page.get_by_role("button", name=re.compile("Score .* of 100"))
    await expect(shown).to_be_hidden()
    await score.click()
    bar = [page.locator("#top .meter b"), page.get_by_role("button", name="Pause"), score]
    assert await in_sight(*bar, page.locator("#score h2").first) == [True] * 4, "at the top of the page as well"
    await page.keyboard.press("Escape")
    await page.locator("[data-section] textarea").nth(2).focus()
    assert await place(page) > 200
    approve = page.get_by_role("button", name="Approve and apply")
    assert await in_sight(page.locator("#top .meter b"), posting, score, approve) == [True] * 4
    top = await page.locator("#top").evaluate("(node) => node.getBoundingClientRect().bottom")
    assert top <= 60, "the bar that stays is slim"

    was = await place(page)
    await tap(page, posting)
    await expect(shown).to_be_visible()
    assert await in_sight(page.locator("#posting li").first, page.locator("#top .meter b")) == [True] * 2
    assert await faults(page) == []
    await tap(page, page.get_by_role("button", name="Back to the resume"))
    await expect(shown).to_be_hidden()
    await expect(posting).to_be_focused()
    assert await place(page) == was
    await tap(page, score)
    await expect(page.locator("#part-requirements")).to_be_visible()
    assert await faults(page) == []
    await page.keyboard.press("Escape")
    await expect(page.locator("#part-requirements")).to_be_hidden()
    assert await place(page) == was
    assert house.violations == []


async def without_skills(house: House) -> Page:
    """A phone at work on a resume that lacks what is asked for."""
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    async with house.db.transaction() as tx:
        resume = await seekers.latest_resume(tx, seeker)
        assert resume is not None
        bare = re.sub(r"Terraform|\bGo\b|Kafka", "tools", RESUME)
        await seekers.parsed(tx, house.objects, resume.id, text=bare, found={"skills": ["Python"]})
    page = await house.sign_in("Ada King", phone=True)
    await go_available(page)
    await house.review(seeker, posting)
    await expect(page.locator("#review-form")).to_be_visible()
    return page


async def test_on_a_phone_a_missing_skill_leads_out_of_its_sheet_and_the_score_follows(house: House) -> None:
    page = await without_skills(house)
    shown, full = page.locator("#glance b"), page.locator("#score .score > b")
    before = str(await shown.text_content())
    score = page.get_by_role("button", name=re.compile(r"Score .* of 100, wanted are 90, (\d) left"))
    await expect(score).to_contain_text(re.compile(r"/ 90 \d left"))
    await page.set_viewport_size({"width": 320, "height": 740})
    assert await page.evaluate(CLEAR), "the clock's bar ends before the buttons"
    await score.click()
    await page.locator("[data-add=Terraform]").click()
    await expect(page.locator("#score")).to_be_hidden()
    await expect(page.locator("[data-section][data-heading=SKILLS] textarea")).to_be_focused()
    await page.keyboard.type(", Terraform, Kafka, Go")
    await expect(shown).not_to_have_text(before)
    assert await shown.text_content() == await full.text_content()
    assert await in_sight(shown) == [True]


async def test_a_second_review_shows_that_its_clock_runs(house: House) -> None:
    page, app = await at_work(house)
    async with house.db.transaction() as tx:
        await tx.conn.execute(update(employee).values(capacity=2))
    await house.review(app.seeker_id, await house.posting("Data Engineer"))
    second = page.get_by_role("link", name=re.compile(r"waits with its clock running, ends \d\d:\d\d"))
    await expect(second).to_be_visible()
    await expect(second).to_have_attribute("title", re.compile("its clock runs: Data Engineer"))
    clock = second.locator(".meter b")
    await expect(clock).to_have_text(re.compile(r"(20:00|19:\d\d)"))
    own, waits = page.locator("#top .meter.big"), second.locator(".meter")
    async with house.db.transaction() as tx:
        other = select(review.c.id).where(review.c.title.startswith("Data"))
        end = func.clock_timestamp() + text("interval '50 seconds'")
        moved = {"deadline_at": end, "grace_at": end, "warn_at": func.clock_timestamp()}
        await tx.conn.execute(update(assignment).where(assignment.c.review_id.in_(other)).values(moved))
        tx.hint(WAKE)
    await expect(waits).to_have_class(re.compile("risk"))
    await expect(own).not_to_have_class(re.compile("risk"))
    assert await faults(page) == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await faults(page) == []
    bar = [own.locator("b"), second, *await page.locator("#glance button").all()]
    assert await in_sight(*bar) == [True] * 4
    await page.locator("[data-section] textarea").nth(2).focus()
    assert await place(page) > 200
    assert await in_sight(*bar) == [True] * 4
    await second.click()
    await expect(page.locator("#work h1")).to_contain_text("Data Engineer")
    await expect(page.locator("#top .meter.big")).to_have_class(re.compile("risk"))
