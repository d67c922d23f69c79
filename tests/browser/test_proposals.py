"""A form's questions with proposed answers: where each stands, taken by one key, edited ones told as edited."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from app.applications import service as applications
from app.applications.types import Application
from app.seekers import service as seekers
from tests.browser.house import House
from tests.browser.test_desk import go_available
from tests.browser.test_faces import faults

FIELDS: list[dict[str, Any]] = [
    {"key": "q1", "question": "Years with Linux?", "kind": "number", "required": True},
    {
        "key": "q2",
        "question": "Do you need a visa sponsor?",
        "kind": "select",
        "options": ["Yes", "No"],
        "required": True,
    },
    {"key": "q3", "question": "Describe your experience with Kafka", "kind": "textarea", "required": True},
    {"key": "q4", "question": "Why us?", "kind": "text", "required": True},
    {"key": "q5", "question": "On site in Leeds?", "kind": "select", "options": ["Yes", "No"], "required": False},
]


async def asked(house: House, page: Page | None = None) -> tuple[Page, Application]:
    """Ada with a form's questions on her desk; the seeker has told us some of it."""
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King", page=page)
    await go_available(page)
    async with house.db.transaction() as tx:
        await seekers.update(tx, seeker, {"profile": {"needs_sponsorship": "No"}})
        await seekers.set_answer(tx, seeker, question="Years with Linux?", answer="6")
        await seekers.set_answer(tx, seeker, question="On site in Leeds?", answer="Two days a week")
        resume = await seekers.latest_resume(tx, seeker)
        assert resume is not None
        await seekers.parsed(tx, house.objects, resume.id, text=resume.text, found={"skills": ["Python", "Kafka"]})
        app = await applications.approve(
            tx, seeker_id=seeker, posting_id=posting.id, score=95, resume_version_id=resume.id
        )
        payload = {"url": "https://jobs.example/7", "fields": FIELDS, "answers": []}
        await applications.needs_person(tx, app.id, kind="question", title="Five answers", payload=payload)
    await expect(page.locator("#review-form")).to_be_visible()
    return page, app


async def test_proposals_are_taken_by_key_and_edited_ones_say_so(house: House) -> None:
    page, app = await asked(house)
    proposals = page.locator(".proposal")
    await expect(proposals).to_have_count(4)  # nothing is known of why
    await expect(proposals.nth(0)).to_contain_text("answer bank: “Years with Linux?”")
    await expect(proposals.nth(1)).to_contain_text("profile: “Do you need a visa sponsor?”")
    await expect(proposals.nth(2)).to_contain_text("resume")
    await expect(proposals.nth(3)).to_contain_text(
        "Not as it stands: None of the listed answers says “Two days a week”"
    )
    await expect(proposals.nth(3).get_by_role("button")).to_have_count(0)
    await expect(page.locator("#answer-0")).to_have_value("")
    assert await faults(page) == []

    await page.locator("#work h1").click()
    await page.keyboard.press("1")
    linux = page.locator("#answer-0")
    await expect(linux).to_have_value("6")
    await expect(linux).to_be_focused()
    await expect(proposals.nth(0).locator("[data-taken]")).to_have_text("as proposed")
    await page.keyboard.press("ArrowUp")
    await expect(linux).to_have_value("7")
    await expect(proposals.nth(0).locator("[data-taken]")).to_have_text("edited")
    await page.keyboard.press("Escape")
    await page.locator("#work h1").click()
    await page.keyboard.press("t")  # all the others; what was written stays
    await expect(linux).to_have_value("7")
    await expect(page.locator("#answer-1")).to_have_value("No")
    await expect(page.locator("#answer-2")).not_to_have_value("")
    await proposals.nth(0).get_by_role("button", name="Take").click()
    await expect(linux).to_have_value("6")
    await page.get_by_label("Why us?").fill("The ledger.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("answered")
    async with house.db.transaction() as tx:
        given = {one["key"]: one["answer"] for one in (await applications.get(tx, app.id)).given_answers}
        resume = await seekers.latest_resume(tx, app.seeker_id)
    assert resume is not None
    assert given.keys() == {"q1", "q2", "q3", "q4"}
    assert (given["q1"], given["q2"]) == ("6", "No")
    assert all(line in resume.text for line in given["q3"].splitlines())
    assert house.violations == []
