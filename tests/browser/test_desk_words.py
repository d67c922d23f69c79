"""Words for somebody who is new: what the job is, what a term means, what a button opens, how long one may undo."""

from __future__ import annotations

import re

from playwright.async_api import expect
from sqlalchemy import update

from app.dispatch import service as dispatch
from app.dispatch.models import employee
from app.dispatch.policy.types import Rules
from app.web.pages.desk_views import FEW
from tests.browser.house import House
from tests.browser.test_acts import at_work
from tests.browser.test_desk_layout import SEEN
from tests.browser.test_faces import faults

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def test_the_job_is_said_until_a_few_are_done(house: House) -> None:
    page, _ = await at_work(house)
    await expect(page.locator(".task")).to_contain_text("Your job: make this resume answer the posting")
    boss = await house.add("supervisor", "Sue Park")
    async with house.db.transaction() as tx:
        (me,) = await dispatch.list_employees(tx)
        await tx.conn.execute(update(employee).values(capacity=2))
        for n in range(FEW):
            filed = await dispatch.file_review(tx, kind="question", title=f"No. {n}")
            given = await dispatch.assign(tx, filed.id, actor=boss, employee_id=me.id, rules=Rules())
            mine = {"employee_id": me.id, "review_id": filed.id, "assignment_id": given.id}
            await dispatch.complete(tx, **mine, verdict="reject", notes="no")
    await page.reload()
    await expect(page.locator("#review-form")).to_be_visible()
    await expect(page.locator(".task")).to_have_count(0)


async def test_a_term_says_what_it_means_to_a_mouse_and_to_the_keyboard(house: House) -> None:
    page, _ = await at_work(house)
    for words, help_text in (
        ("usual time", "Half of today's reviews took you less"),
        ("strikes", "a review's clock runs out in front of you"),
        ("why you?", "Longest since the last assignment"),
        ("pointed at", "Blue: the lines that a reason of the score stands on"),
    ):
        term = page.locator(".tip", has_text=words)
        told = term.get_by_role("tooltip")
        await expect(told).to_be_hidden()
        await term.hover()
        await expect(told).to_be_visible()
        await expect(told).to_contain_text(help_text)
        await page.mouse.move(700, 500)
        await expect(told).to_be_hidden()
        await term.focus()
        await expect(told).to_be_visible()
        assert await term.get_attribute("aria-describedby") == await told.get_attribute("id")
    assert await faults(page) == []
    for width in (900, 390, 320):
        await page.set_viewport_size({"width": width, "height": 700})
        why = page.locator(".tip", has_text="why you?")
        await why.focus()
        assert await why.get_by_role("tooltip").evaluate(SEEN)
        assert await page.evaluate(WIDER) == 0, width


async def test_what_opens_a_window_says_so_and_has_its_key(house: House) -> None:
    page, _ = await at_work(house)
    openers = page.locator("#review-form .foot [data-dialog]:not([data-dialog=keys])")
    assert [" ".join(words.split()) for words in await openers.all_inner_texts()] == [
        "Ask the seeker… A",
        "Reject… R",
        "Snooze… S",
        "Escalate… U",
        "Decline… N",
        "Hand back… H",
    ]
    await page.locator("#work h1").click()
    for key, dialog in (("a", "ask"), ("r", "reject"), ("s", "snooze"), ("u", "escalate"), ("h", "hand-back")):
        await page.keyboard.press(key)
        shown = page.locator(f"#{dialog}")
        await expect(shown.get_by_role("button", name="Ctrl ↵")).to_be_visible()
        await shown.get_by_role("button", name=re.compile("^Keep .* Esc$")).click()
        await expect(shown).to_be_hidden()


async def test_the_time_to_undo_is_seen(house: House) -> None:
    page, _ = await at_work(house)
    bar = page.locator("#undo")
    await page.locator("#work h1").click()
    await page.keyboard.press("Control+Enter")
    await expect(bar.get_by_role("button")).to_have_text(re.compile(r"Undo\s+[123]\s+Z"))
    await page.keyboard.press("z")
    await expect(bar).to_be_hidden()
    await page.keyboard.press("Control+Enter")
    await expect(bar.locator("b")).to_have_text("1")  # it runs down before the act leaves
    await expect(page.locator("#work")).to_contain_text("approved")
