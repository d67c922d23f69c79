"""The employee's desk in a real browser: what arrives, what is written, what leaves."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from playwright.async_api import Page, expect
from sqlalchemy import func, update

from app.applications import service as applications
from app.dispatch import service as dispatch
from app.dispatch.heartbeats import WAKE
from app.dispatch.models import assignment
from app.platform.clock import utcnow
from app.seekers import service as seekers
from tests.browser.house import House


async def go_available(page: Page) -> None:
    await page.locator("#top").get_by_role("button", name=re.compile("Available|Pause")).first.click()
    await expect(page.locator("#work h1")).to_contain_text(re.compile("You are (next|on the rank)"))


async def test_a_review_arrives_without_reload_and_is_approved_by_keyboard(house: House) -> None:
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King")
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await go_available(page)

    await page.evaluate("window.same = true")
    app = await house.review(seeker, posting)
    head = page.get_by_role("heading", name=re.compile("Senior Backend Engineer"))
    await expect(head).to_be_visible()
    assert await page.evaluate("window.same"), "it arrived without a reload"
    await expect(page.locator("#top .meter b")).to_have_text(re.compile(r"(20:00|19:\d\d)"))
    await expect(page.locator("mark:not(.miss)").first).to_be_visible()

    await page.keyboard.press("e")
    await page.keyboard.press("Control+End")
    await page.keyboard.type("\nTerraform for all environments since 2022")
    source = page.get_by_role("combobox", name=re.compile("Terraform for all"))
    await expect(source).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toasts")).to_contain_text("Say where each added line comes from")
    await source.select_option("answer")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("approved")

    async with house.db.transaction() as tx:
        moved = await applications.get(tx, app.id)
        assert moved.status == "applying"
        assert moved.resume_version_id is not None
        version = await seekers.get_resume(tx, moved.resume_version_id)
    assert version.kind == "review"
    assert "Terraform for all environments" in version.text
    assert house.violations == []


async def test_what_is_written_survives_a_reload(house: House) -> None:
    employee = await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King")
    await go_available(page)
    await house.review(seeker, posting)
    top = page.locator("[data-section] textarea").first
    await top.fill("Jane Roe\nLeeds, and nowhere else")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await page.reload()
    await expect(page.locator("[data-section] textarea").first).to_have_value("Jane Roe\nLeeds, and nowhere else")
    await expect(page.locator("#added")).to_contain_text("Leeds, and nowhere else")
    async with house.db.transaction() as tx:
        (work,) = await dispatch.reviews_of(tx, employee)
    assert work.assignment.delivered_at is not None
    assert work.assignment.seen_at is not None


async def test_rejecting_and_asking_need_words(house: House) -> None:
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King")
    await go_available(page)
    app = await house.review(seeker, posting)
    await expect(page.locator("#review-form")).to_be_visible()
    await page.locator("#open-posting, h1").first.focus()
    await page.keyboard.press("a")
    question = page.get_by_label("Your question")
    await expect(question).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(question).to_be_visible()
    await page.keyboard.type("Have you mentored anyone?")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("asked the seeker")

    portal = await house.sign_in("Jane Roe", phone=True)
    card = portal.locator(f"#card-{app.id}")
    await expect(card).to_contain_text("Have you mentored anyone?")
    await card.get_by_label("A reviewer asks you").fill("Two juniors, for a year.")
    await portal.evaluate(f"htmx.trigger('#card-{app.id}', 'refresh')")
    await portal.wait_for_timeout(500)  # a refresh doesn't draw over what is being written
    await card.get_by_role("button", name="Answer").click()
    await expect(card).to_contain_text("A reviewer looks at your resume")
    await expect(page.locator("#review-form")).to_be_visible()
    assert house.violations == []


async def test_questions_and_handovers_are_worked_and_leave(house: House) -> None:
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King")
    await go_available(page)
    async with house.db.transaction() as tx:
        resume = await seekers.latest_resume(tx, seeker)
        app = await applications.approve(
            tx, seeker_id=seeker, posting_id=posting.id, score=95, resume_version_id=resume.id if resume else None
        )
        asked = {
            "key": "question_7",
            "question": "Years with Linux?",
            "kind": "number",
            "options": [],
            "required": True,
        }
        picked = {"key": "question_8", "question": "Sponsor?", "kind": "select", "options": ["Yes", "No"]}
        payload = {"url": "https://jobs.example/7", "fields": [asked, picked], "answers": []}
        await applications.needs_person(tx, app.id, kind="question", title="An answer is wanted", payload=payload)
    await page.get_by_label("Years with Linux?").fill("6")
    await page.get_by_label("Sponsor?").select_option("No")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("answered")
    async with house.db.transaction() as tx:
        moved = await applications.get(tx, app.id)
        given = {one["key"]: (one["question"], one["answer"]) for one in moved.given_answers}
        assert given == {"question_7": ("Years with Linux?", "6"), "question_8": ("Sponsor?", "No")}
        payload = {
            "url": "https://jobs.example/7",
            "why": "A captcha.",
            "answers": [{"label": "Name", "value": "Jane"}],
        }
        await applications.needs_person(tx, app.id, kind="handover", title="Send it by hand", payload=payload)
    await expect(page.get_by_text("A captcha.")).to_be_visible()
    await expect(page.get_by_role("link", name="Open the form")).to_have_attribute("href", "https://jobs.example/7")
    await page.get_by_label("Confirmation number").fill("NW-7")
    await page.wait_for_timeout(1000)  # in the first second nothing is taken as a verdict on it
    await page.get_by_role("button", name="I sent it").click()
    await expect(page.locator("#work h1")).to_contain_text("You are")
    async with house.db.transaction() as tx:
        moved = await applications.get(tx, app.id)
    assert (moved.status, moved.confirmation) == ("applied", "NW-7")
    assert house.violations == []


async def test_nobody_else_sees_the_review(house: House) -> None:
    await house.add("employee", "Ada King")
    await house.add("employee", "Ben Frost")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    ada = await house.sign_in("Ada King")
    await go_available(ada)
    await house.review(seeker, posting)
    review = await ada.locator("[data-review]").get_attribute("data-review")
    ben = await house.sign_in("Ben Frost")
    for path in (f"/desk?review={review}", "/desk/work"):
        answer = await ben.goto(path)
        assert answer is not None
        assert "jane@cabrank.test" not in await answer.text()
    assert (await ben.request.get(f"/desk/reviews/{review}/screenshot")).status == 404
    assert (await ben.request.get("/board")).status == 403
    assert (await ben.request.get("/portal")).status == 403


async def _at_work(house: House, page: Page) -> UUID:
    """A review on the desk; returns its id."""
    await expect(page.locator("#review-form")).to_be_visible()
    return UUID(await page.locator("[data-review]").get_attribute("data-review"))


async def _state(house: House, review_id: UUID) -> tuple[str, datetime | None]:
    async with house.db.transaction() as tx:
        (line,) = [one for one in await dispatch.list_reviews(tx) if one.review.id == review_id]
    return line.review.state, line.review.snoozed_until


async def test_a_review_is_snoozed_and_escalated_by_key(house: House) -> None:
    await house.add("employee", "Ada King")
    seeker = await house.seeker_with_resume()
    page = await house.sign_in("Ada King")
    await go_available(page)
    await house.review(seeker, await house.posting())
    first = await _at_work(house, page)
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("Snooze")
    await expect(page.locator("#keys")).to_contain_text("Escalate")
    await page.keyboard.press("Escape")
    await page.keyboard.press("s")
    await expect(page.locator("#snooze")).to_be_visible()
    await page.get_by_label("Three hours").check()
    await page.get_by_label("Why? It is kept").fill("Waiting for the employer to call back")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work h1")).to_contain_text("You are")
    state, until = await _state(house, first)
    assert state == "snoozed"
    assert until is not None
    assert timedelta(hours=2, minutes=58) < until - utcnow() < timedelta(hours=3, minutes=2)

    await house.review(seeker, await house.posting("Data Engineer"))
    second = await _at_work(house, page)
    await page.keyboard.press("s")
    morning = page.get_by_label("Tomorrow morning")
    assert 0 < int(await morning.get_attribute("value") or await morning.input_value()) < 34 * 60
    await page.keyboard.press("Escape")
    await page.keyboard.press("u")
    await page.get_by_label("What should they know?").fill("The posting contradicts itself.")
    await page.locator("#escalate").get_by_role("button", name="Escalate").click()
    await expect(page.locator("#work h1")).to_contain_text("You are")
    assert (await _state(house, second))[0] == "escalated"
    assert house.violations == []


async def test_after_the_warning_the_dialogs_say_what_it_costs(house: House) -> None:
    await house.add("employee", "Ada King")
    seeker = await house.seeker_with_resume()
    page = await house.sign_in("Ada King")
    await go_available(page)
    await house.review(seeker, await house.posting())
    await _at_work(house, page)
    await page.keyboard.press("h")
    await expect(page.locator("#hand-back")).to_contain_text("now it doesn't")
    await expect(page.locator("#hand-back").get_by_text("counts as Missed")).to_be_hidden()
    await page.keyboard.press("Escape")
    async with house.db.transaction() as tx:
        warned = update(assignment).where(assignment.c.state == "open")
        await tx.conn.execute(warned.values(warn_at=func.clock_timestamp()))
        tx.hint(WAKE)
    await expect(page.locator("#top")).to_contain_text("Warned at")
    await page.keyboard.press("h")
    await expect(page.locator("#hand-back").get_by_text("counts as Missed")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("s")
    await expect(page.locator("#snooze")).to_contain_text("it is too late to put this aside")
    await page.get_by_label("Why? It is kept").fill("lunch")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toasts")).to_contain_text("too late to put this aside")
    await expect(page.locator("#review-form")).to_be_visible()
