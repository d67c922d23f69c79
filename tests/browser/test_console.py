"""The desk by keyboard and at its edges: the palette, a whole review by keys, the last minutes, a hidden page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect
from sqlalchemy import func, text, update

from app.accounts import sessions
from app.applications import service as applications
from app.dispatch import service as dispatch
from app.dispatch.heartbeats import WAKE
from app.dispatch.models import assignment
from app.seekers import service as seekers
from app.seekers.models import resume_version
from app.seekers.render import render_pdf
from app.seekers.sniff import PDF
from tests.browser.house import RESUME, House
from tests.browser.test_acts import at_work, status
from tests.browser.test_desk import go_available
from tests.browser.test_faces import faults, time_runs_out
from tests.browser.test_hidden_tab import tab

NOTIFIED = """(() => {
  window.told = [];
  window.Notification = class { constructor(title, more) { window.told.push(more.body); } };
  window.Notification.permission = "granted";
})()"""


async def leave(house: House, *, seconds: float, warned: bool = True) -> None:
    """Move the open assignments' end to so many seconds from now, their warning to now."""
    end = func.clock_timestamp() + text(f"interval '{seconds} seconds'")
    moved = {"deadline_at": end, "grace_at": end} | ({"warn_at": func.clock_timestamp()} if warned else {})
    async with house.db.transaction() as tx:
        await tx.conn.execute(update(assignment).where(assignment.c.state == "open").values(**moved))
        tx.hint(WAKE)


async def test_everything_is_found_by_its_name(house: House) -> None:
    page, app = await at_work(house)
    await page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="What do you want to do?")
    await expect(field).to_be_focused()
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    assert await options.count() > 12
    assert await faults(page) == []
    await page.keyboard.type("nothing like this")
    await expect(options).to_have_count(0)
    await expect(page.locator("#palette")).to_contain_text("Nothing here is called that")
    await field.fill("edit")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-section] textarea").nth(1)).to_be_focused()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("reject")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Why? The seeker reads this.")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("hist")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Your history")).to_be_visible()
    assert await status(house, app) == "in_review"
    assert house.violations == []


async def test_a_whole_review_without_a_mouse(house: House) -> None:
    """From signing in to an approved resume, each step by keys alone."""
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await (await house.context()).new_page()
    await page.goto("/sign-in")
    await _tab_to(page, "email")
    await page.keyboard.type("ada@cabrank.test")
    await _tab_to(page, "password")
    await page.keyboard.type("correct horse battery")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/desk"))
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("available")
    await page.keyboard.press("Enter")
    await expect(page.locator("#work h1")).to_contain_text("You are next")
    app = await house.review(seeker, posting)
    await expect(page.locator("#review-form")).to_be_visible()

    await page.keyboard.press("e")
    await page.keyboard.press("Control+End")
    await page.keyboard.type("\nTerraform for all environments since 2022")
    source = page.get_by_role("combobox", name=re.compile("Terraform for all"))
    await expect(source).to_be_visible()
    await page.keyboard.press("Control+Enter")  # refused: the browser goes to the source that is missing
    await expect(source).to_be_focused()
    await page.keyboard.type("An answer")
    await expect(source).to_have_value("answer")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await page.keyboard.press("Escape")
    await expect(source).not_to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_contain_text("Approved")
    await page.keyboard.press("z")
    await expect(page.locator("#undo")).to_be_hidden()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("approved")
    assert await status(house, app) == "applying"
    async with house.db.transaction() as tx:
        moved = await applications.get(tx, app.id)
        assert moved.resume_version_id is not None
        assert "Terraform for all environments" in (await seekers.get_resume(tx, moved.resume_version_id)).text


async def _tab_to(page: Page, name: str) -> None:
    for _ in range(20):
        if await page.evaluate("document.activeElement?.name") == name:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}")


async def test_the_clock_changes_its_shape_and_tells(house: House) -> None:
    page, _ = await at_work(house)
    meter = page.locator("#top .meter")
    await expect(meter).not_to_have_class(re.compile("warn|risk"))
    await leave(house, seconds=240)
    await expect(page.locator("#announce-now")).to_contain_text("4 minutes left on your review")
    await expect(meter).to_have_class(re.compile("warn"))
    await expect(page.locator("#top")).to_contain_text("Warned at")
    await leave(house, seconds=62)
    await page.evaluate("htmx.trigger('#top', 'refresh')")
    await expect(meter).to_have_class(re.compile("risk"))
    await expect(page.locator("#announce-now")).to_contain_text("One minute left on your review")
    assert await faults(page) == []
    await time_runs_out(house)
    await expect(page.locator("#toasts")).to_contain_text("Its time ran out")


async def test_a_review_that_arrives_while_hidden_calls(house: House, tmp_path: Path) -> None:
    ada = await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    async with house.db.transaction() as tx:
        token = await sessions.open_session(tx, ada, "cookie")
    async with tab(tmp_path / "profile") as page:
        await page.send("Network.setCookie", name="cabrank", value=token, url=house.address)
        await page.send("Page.navigate", url=f"{house.address}/desk")
        await page.until("document.querySelector('[data-live-state]')?.textContent === 'live'")
        await page.run(NOTIFIED)
        await page.run("document.querySelector('#top [data-command=\"Go Available\"]').click()")
        await page.until("document.querySelector('#work h1')?.textContent.includes('You are next')")
        before = await page.run("document.title")
        await page.hide()
        await house.review(seeker, posting)
        await page.until("document.title.startsWith('● Review: Senior Backend Engineer')")
        assert await page.run("window.told") == ["Review: Senior Backend Engineer at Northwind Payments"]
        await page.until("document.getElementById('review-form') !== null")
        assert not before.startswith("●")
        assert "icon-mine" in await page.run("document.querySelector('link[rel=icon]').href")
        assert await page.run("document.visibilityState") == "hidden"


async def test_reasons_are_lit_where_they_stand(house: House) -> None:
    page, _ = await at_work(house)
    posting, under = page.locator("#posting-text"), page.locator(".under")
    await expect(posting.locator(".lit")).to_have_count(0)
    await expect(under.locator("mark", has_text="PostgreSQL").first).to_be_attached()
    await page.locator("#part-requirements summary").focus()
    await expect(posting.locator("li.lit").first).to_be_visible()
    await expect(under.locator("span.lit").first).to_be_attached()
    await page.locator("#score [data-skill=PostgreSQL]").focus()
    await expect(posting.locator("mark.lit")).to_have_text(["PostgreSQL"])
    await expect(under.locator("mark.lit").first).to_have_text("PostgreSQL")
    await expect(under.locator("span.lit")).to_have_count(0)

    area = page.locator("[data-section] textarea").first
    sizes = "(e) => [e.getBoundingClientRect().height, getComputedStyle(e).lineHeight]"
    same = [await area.evaluate(sizes), await under.first.evaluate(sizes)]
    assert abs(same[0][0] - same[1][0]) <= 1, "the marks lie under their words"
    assert same[0][1] == same[1][1]


async def test_a_missing_skill_leads_to_its_place_and_sections_go_back(house: House) -> None:
    await house.add("employee", "Ada King")
    seeker = await house.seeker_with_resume()
    posting = await house.posting()
    async with house.db.transaction() as tx:
        resume = await seekers.latest_resume(tx, seeker)
        assert resume is not None
        bare = re.sub(r"Terraform|\bGo\b|Kafka", "tools", RESUME)
        await seekers.parsed(tx, house.objects, resume.id, text=bare, found={"skills": ["Python"]})
    page = await house.sign_in("Ada King")
    await go_available(page)
    await house.review(seeker, posting)
    await page.locator("[data-add=Terraform]").click()
    focused = await page.evaluate("document.activeElement.closest('[data-section]').dataset.heading")
    assert focused.lower() == "skills"

    section = page.locator("[data-section]").first
    area, original = section.locator("textarea"), await section.locator("textarea").input_value()
    back, undo = section.get_by_role("button", name="Back to the original"), section.locator("[data-back]")
    await expect(back).to_be_hidden()
    await area.fill("Jane Roe\nfirst")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await area.fill("Jane Roe\nsecond")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await undo.click()
    await expect(area).to_have_value("Jane Roe\nfirst")
    await back.click()
    await expect(area).to_have_value(original)
    await expect(back).to_be_hidden()
    await expect(page.locator("#added")).not_to_contain_text("first")
    await undo.click()
    await expect(area).to_have_value("Jane Roe\nfirst")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await page.reload()
    await expect(area).to_have_value("Jane Roe\nfirst")
    assert house.violations == []


async def test_the_upload_opens_for_the_assignee_alone(house: House) -> None:
    page, _ = await at_work(house)
    await page.locator("#work h1").click()
    async with page.context.expect_page() as opened:
        await page.keyboard.press("p")
    document = await opened.value
    await expect(document.locator("body")).to_contain_text("Jane Roe")
    address = document.url
    await house.add("employee", "Ben Frost")
    ben = await house.sign_in("Ben Frost")
    assert (await ben.request.get(address)).status == 404
    answer = await page.request.get(address)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


async def test_an_uploaded_pdf_is_shown_as_pictures(house: House) -> None:
    """The content policy leaves a browser's own viewer nothing to stand on."""
    page, app = await at_work(house)
    assert app.resume_version_id is not None
    async with house.db.transaction() as tx:
        upload = await seekers.get_resume(tx, app.resume_version_id)
        kept = update(resume_version).where(resume_version.c.id == upload.id)
        await tx.conn.execute(kept.values(media_type=PDF, pdf_key=upload.object_key))
        await house.objects.put(upload.object_key, await render_pdf("Jane Roe\n" + "- a line\n" * 90))
    await page.reload()
    await expect(page.locator("#review-form")).to_be_visible()
    await page.keyboard.press("p")
    first = page.get_by_role("img", name="Page 1 of 2 of the uploaded resume")
    await expect(first).to_be_visible()
    await expect(first).to_have_js_property("complete", True)
    assert await first.evaluate("(picture) => picture.naturalWidth") == 1200
    assert await faults(page) == []
    await page.keyboard.press("Escape")
    await expect(first).to_be_hidden()
    assert house.violations == []


async def test_the_history_is_searched_and_compared(house: House) -> None:
    page, app = await at_work(house)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("approved")
    await house.review(app.seeker_id, await house.posting("Data Engineer"))
    await expect(page.locator("#review-form")).to_be_visible()
    await time_runs_out(house)
    await expect(page.locator("#work h1")).to_contain_text("You are")
    await page.goto("/desk/history")
    rows, search = page.locator("#past tbody tr"), page.get_by_label("Words in the title")
    await expect(rows).to_have_count(2)
    await expect(page.locator("#figures")).to_contain_text("50 %")
    await search.fill("data eng")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("missed")
    await search.fill("100%")  # a sign of LIKE is a sign like any other
    await expect(page.locator("#past")).to_contain_text("Nothing like that")
    await search.fill("")
    await page.get_by_label("Result").select_option("approve")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Senior Backend Engineer")
    await page.get_by_label("Result").select_option("")
    await page.get_by_label("In time", exact=True).select_option("no")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Data Engineer")
    assert await faults(page) == []
    await page.get_by_text("Appeal", exact=True).first.click()
    await page.get_by_placeholder("Why should it not count?").fill("The page froze.")
    await page.get_by_role("button", name="Appeal").click()
    await expect(page.locator("#strikes")).to_contain_text("A supervisor has not decided yet")
    boss = await house.add("supervisor", "Sue Park")
    async with house.db.transaction() as tx:
        ((struck,),) = [await dispatch.strikes_of(tx, one.id) for one in await dispatch.list_employees(tx)]
        await dispatch.uphold(tx, struck.id, actor=boss, reason="The log shows you typing.")
    await expect(page.locator("#strikes")).to_contain_text("The supervisor: “The log shows you typing.”")
    assert house.violations == []
