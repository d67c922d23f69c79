"""The seeker's portal on a phone: the way in, cards that change in place, questions, withdrawal, several at once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import httpx
import msgspec
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from app.applications import batches
from app.applications import service as applications
from app.applications.types import Application
from app.bots.match import feedback
from app.bots.match.parse import parse
from app.postings.types import Posting
from app.seekers import reading
from app.seekers import service as seekers
from app.seekers.models import resume_version
from tests.browser.house import PASSWORD, RESUME, House
from tests.browser.test_faces import faults


async def live(page: Page) -> None:
    await expect(page.locator("[data-live-state]")).to_have_text("live")


async def small_targets(page: Page) -> list[str]:
    """What a thumb would miss: buttons, links that look like them, fields and tabs below 40 px."""
    return await page.evaluate(
        """[...document.querySelectorAll(`.portal .btn, .portal select, .portal input:not([type=hidden],
        [type=checkbox], [type=radio], [type=file]), .tabs a, .top .btn, .pick`)]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 39.5)
        .map((one) => one.outerHTML.slice(0, 100))"""
    )


async def read_upload(house: House) -> UUID:
    """What the match worker does with the newest upload."""
    async with house.db.transaction() as tx:
        columns = (resume_version.c.id, resume_version.c.seeker_id)
        newest = select(*columns).order_by(resume_version.c.created_at.desc()).limit(1)
        row = (await tx.conn.execute(newest)).one()
        found = msgspec.to_builtins(parse(RESUME, date(2026, 11, 26)))
        await seekers.parsed(tx, house.objects, row.id, text=RESUME, found=found)
        return UUID(str(row.seeker_id))


async def sign_up(page: Page) -> None:
    await page.goto("/sign-up")
    await page.get_by_label("Your name").fill("Nora Lind")
    await page.get_by_label("Mail address").fill("nora@cabrank.test")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_label("Mail address")).to_have_value("nora@cabrank.test")
    await expect(page.get_by_label("Password")).to_be_focused()
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def test_from_the_sign_up_to_the_first_matches(house: House) -> None:
    posting = await house.posting()
    page = await (await house.context(phone=True)).new_page()
    await sign_up(page)
    await page.get_by_role("link", name="Upload a resume").click()
    await expect(page.get_by_role("heading", name="Step 1 of 5")).to_be_visible()
    await expect(page.locator("#ready")).to_contain_text("upload it later")
    assert await small_targets(page) == []
    await page.locator("#file").set_input_files(
        {"name": "nora.txt", "mimeType": "text/plain", "buffer": RESUME.encode()}
    )
    await expect(page.locator("#ready")).to_contain_text("Reading your resume")
    me = await read_upload(house)
    await page.get_by_role("button", name="Look at what we read").click()

    await expect(page.get_by_role("heading", name="Step 2 of 5")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_label("Name", exact=True).fill("Nora A. Lind")
    await page.get_by_role("button", name="It is right, go on").click()

    await expect(page.get_by_role("heading", name="Step 3 of 5")).to_be_visible()
    await page.get_by_label("Least pay a year, a number").fill("60000")
    await page.get_by_label("Countries you may work in").fill("Germny")
    await page.get_by_role("button", name="Save and go on").click()
    await expect(page.locator("#step .wrong")).to_contain_text("“Germny” is no country that we know")
    await expect(page.get_by_label("Least pay a year, a number")).to_have_value("60000")
    await page.get_by_label("Countries you may work in").fill("Germany, UK")
    await page.get_by_role("button", name="Save and go on").click()
    await expect(page.get_by_role("heading", name="Step 4 of 5")).to_be_visible()
    assert await faults(page) == []

    # left, and taken up where it was left
    await page.goto("/portal")
    await expect(page.get_by_label("Getting started")).to_contain_text("3 of 5 steps done")
    async with house.db.transaction() as tx:
        assert not (await seekers.get(tx, me)).matching_active, "nothing goes out before it was said so"
    await page.get_by_role("link", name="Go on").click()
    await expect(page.get_by_role("heading", name="Step 4 of 5")).to_be_visible()
    await page.get_by_label("Phone").fill("+44 20 7946 0000")
    await page.get_by_label("May you work where the job is?").select_option("Yes")
    await page.get_by_role("button", name="Save and go on").click()

    await expect(page.get_by_text("never more than once for one job")).to_be_visible()
    assert await faults(page) == []
    assert await small_targets(page) == []
    for choice in ("Apply for me", "Wait for my word"):
        await expect(page.get_by_label(choice)).not_to_be_checked()  # nobody has chosen for them
    await page.get_by_label("Apply for me").check()
    await house.matched(me, posting)
    await page.get_by_role("button", name="Agree and see my matches").click()
    await expect(page.locator(f"#match-{posting.id}")).to_contain_text("Northwind Payments")
    async with house.db.transaction() as tx:
        kept, read = await seekers.get(tx, me), await reading.latest(tx, me)
    assert kept.matching_active
    assert (kept.preferences.pay_floor, kept.profile.phone) == (60000, "+44 20 7946 0000")
    assert read is not None
    assert read.facts.name == "Nora A. Lind"
    await page.goto("/portal")
    await expect(page.get_by_label("Getting started")).to_be_hidden()
    assert house.violations == []


async def applied(house: House, me: UUID, posting: Posting) -> Application:
    async with house.db.transaction() as tx:
        app = await applications.of_pair(tx, me, posting.id)
        assert app is not None
        await applications.progress(tx, app.id, 75, "Reading back…")
        return app


async def test_a_card_goes_from_match_to_interview_in_place(house: House) -> None:
    me, posting = await house.seeker_with_resume(), await house.posting()
    await house.matched(me, posting)
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto("/portal/matches")
    await live(page)
    await page.evaluate("window.same = true")
    await page.locator(f"#match-{posting.id}").get_by_role("button", name="Apply", exact=True).click()
    card = page.locator("#matches .card")
    await expect(card).to_contain_text("applying")
    app = await applied(house, me, posting)
    await expect(card.locator("progress")).to_have_attribute("value", "75")
    async with house.db.transaction() as tx:
        await applications.transition(tx, app.id, "applied", source="bot", changes={"confirmation": "CB-20418"})
    await expect(card).to_contain_text("CB-20418")
    async with house.db.transaction() as tx:
        await applications.transition(tx, app.id, "interview", source="mail", note="Thursday, 10:00")
    await expect(card.locator(".tag.ok")).to_have_text("interview")
    assert await page.evaluate("window.same"), "without a reload"

    await expect(page.locator("#bell .tag")).to_have_text("2")
    await page.locator("#bell").click()
    first = page.locator("#news .news").first
    await expect(first).to_contain_text("The employer invites you")
    await expect(first).to_contain_text("the employer's mail")
    assert await faults(page) == []
    await expect(page.locator("#bell .tag")).to_have_count(0)
    await page.reload()
    await expect(page.locator("#news .unread")).to_have_count(0)
    await first.click()
    await expect(page.locator(".tl li")).to_have_count(3)
    await expect(page.locator(".tl li").first).to_contain_text("the employer's mail")
    await expect(page.locator(".tl li").nth(1)).to_contain_text("our bot")
    await expect(page.locator(".tl li").nth(2)).to_contain_text("you")
    assert await page.locator(".tl time").first.get_attribute("title")
    await page.get_by_text("Heard from them yourself?").click()
    await page.get_by_label("What they said").select_option("They made me an offer")
    await page.get_by_label("A note for yourself").fill("By phone")
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.locator(".tl li").first).to_contain_text("Offer By phone you")
    assert await faults(page) == []
    await page.goto("/portal/progress")
    await expect(page.get_by_text("1 employer answered (100 %)")).to_be_visible()
    assert await faults(page) == []
    assert house.violations == []


async def test_a_reviewers_question_stands_on_top_until_it_is_answered(house: House) -> None:
    me = await house.seeker_with_resume()
    app = await house.review(me, await house.posting())
    reviewer = await house.add("employee", "Ada King")
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto("/portal/applications")
    await live(page)
    async with house.db.transaction() as tx:
        await applications.approve(
            tx, seeker_id=me, posting_id=(await house.posting("Data Engineer")).id, score=94, resume_version_id=None
        )
        await applications.reviewed(tx, app.id, verdict="ask_seeker", by=reviewer, notes="Have you mentored anyone?")
    first = page.locator("#applications .card").first
    await expect(first).to_contain_text("A reviewer asks you: Have you mentored anyone?")
    await expect(first.locator(".tag.cab")).to_have_text("needs you")
    assert await faults(page) == []
    await first.get_by_label("A reviewer asks you").fill("Four people, for two years.")
    await first.get_by_role("button", name="Answer").click()
    await expect(page.locator(f"#card-{app.id}")).to_contain_text("with a reviewer")
    await page.goto("/portal/profile")
    await expect(page.locator("#answers")).to_contain_text("Four people, for two years.")
    assert house.violations == []


async def test_a_withdrawal_is_taken_back(house: House) -> None:
    me = await house.seeker_with_resume()
    app = await house.review(me, await house.posting())
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto(f"/portal/applications/{app.number}")
    await live(page)
    card = page.locator(f"#card-{app.id}")
    await card.get_by_role("button", name="Withdraw").click()
    await expect(card).to_contain_text("what was sent stays sent")
    await expect(card.get_by_role("button", name="Withdraw")).to_have_count(0)
    assert await faults(page) == []
    await card.get_by_role("button", name="Undo").click()
    await expect(card).to_contain_text("A reviewer looks at your resume")
    await expect(card).to_contain_text("Withdrawal taken back you")
    await expect(card.get_by_role("button", name="Undo")).to_have_count(0)
    assert house.violations == []


async def test_thumbs_and_filters(house: House) -> None:
    me = await house.seeker_with_resume()
    good, bad = await house.posting("Platform Engineer"), await house.posting("Data Engineer")
    for posting in (good, bad):
        await house.matched(me, posting)
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto("/portal/matches")
    await page.get_by_role("button", name="Not for me: Data Engineer").click()
    await expect(page.locator(f"#match-{bad.id}")).to_contain_text("Not for you: Data Engineer")
    await page.locator(f"#match-{bad.id}").get_by_role("button", name="Undo").click()
    await expect(page.locator(f"#match-{bad.id}").get_by_role("button", name="Apply", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Not for me: Data Engineer").click()
    await expect(page.locator(f"#match-{bad.id}")).to_contain_text("Not for you: Data Engineer")
    await page.get_by_role("button", name="Good match: Platform Engineer").click()
    await expect(page.get_by_role("button", name="Good match: Platform Engineer")).to_have_attribute(
        "aria-pressed", "true"
    )
    async with house.db.transaction() as tx:
        assert await feedback.of(tx, me, [good.id, bad.id]) == {good.id: "up", bad.id: "down"}
    await page.goto("/portal")
    liked = page.get_by_role("button", name="Good match: Platform Engineer")
    await expect(liked).to_have_attribute("aria-pressed", "true")
    await page.goto("/portal/matches")
    await expect(page.locator("#matches .card")).to_have_count(1)
    await page.get_by_label("Which", exact=True).select_option("Not for me")
    await expect(page.locator(f"#match-{bad.id}")).to_be_visible()
    assert "show=down" in page.url
    await page.get_by_label("Which", exact=True).select_option("New")
    await expect(page.locator(f"#match-{good.id}")).to_be_visible()
    await page.get_by_label("Place", exact=True).select_option("Remote")
    await expect(page.get_by_role("heading", name="None of your matches is like this")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("link", name="Show all matches").click()
    await expect(page.locator("#matches .card")).to_have_count(1)
    assert house.violations == []


async def test_several_are_applied_for_and_the_rest_is_cancelled(house: House) -> None:
    me = await house.seeker_with_resume()
    offered = [await house.posting(title) for title in ("Platform Engineer", "Data Engineer", "Go Engineer")]
    for posting in offered:
        await house.matched(me, posting)
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto("/portal/matches")
    await live(page)
    await expect(page.locator("#pick")).to_be_hidden()
    for box in await page.locator(".pick input").all():
        await box.check()
    await expect(page.locator("#pick")).to_contain_text("3 selected")
    assert await small_targets(page) == []
    await page.get_by_role("button", name="Apply to all").click()
    dialog = page.locator("#batch")
    await expect(dialog).to_contain_text("Apply to 3 postings")
    await expect(dialog).to_contain_text("jane.txt")
    assert await faults(page) == []
    await dialog.get_by_role("button", name="Send 3 applications").click()
    batch = page.locator("#current-batch")
    await expect(batch).to_contain_text("0 of 3 sent")
    await expect(batch).to_contain_text("1 being applied for now. 2 waiting")
    await expect(dialog).to_be_hidden()
    async with house.db.transaction() as tx:
        (first,) = await applications.of_seeker(tx, me)
        await applications.transition(tx, first.id, "applied", source="bot", changes={"confirmation": "P-1"})
    await expect(batch).to_contain_text("1 of 3 sent")
    await batch.get_by_role("button", name="Cancel the 2 left").click()
    await expect(batch).to_contain_text("the rest was cancelled")
    await batches.tick(house.db, 20)
    async with house.db.transaction() as tx:
        assert len(await applications.of_seeker(tx, me)) == 1
    assert house.violations == []


@pytest.mark.parametrize("width", [320, 390])
async def test_nothing_is_wider_than_the_phone(house: House, width: int) -> None:
    me = await house.seeker_with_resume()
    app = await house.review(me, await house.posting("Backend Engineer, Payments and Settlement Infrastructure"))
    await house.matched(me, await house.posting("Engineer", "Woodgrove Bank International Holdings and Sons"))
    page = await house.sign_in("Jane Roe", phone=True, dark=True)
    await page.set_viewport_size({"width": width, "height": 700})
    paths = ["", "/matches", "/applications", f"/applications/{app.number}", "/news", "/progress", "/profile"]
    for path in [*paths, *(f"/start/{step}" for step in ("resume", "check", "wants", "forms", "consent"))]:
        await page.goto(f"/portal{path}")
        await live(page)
        assert await faults(page) == [], path  # the width is one of them
        assert await small_targets(page) == [], path


async def test_a_seeker_sees_their_own_alone(house: House) -> None:
    """By address, as another seeker, and as each of the other roles."""
    me, posting = await house.seeker_with_resume(), await house.posting()
    score = await house.matched(me, posting)
    async with house.db.transaction() as tx:
        kept = await seekers.latest_resume(tx, me)
        assert kept is not None
        app = await applications.approve(
            tx, seeker_id=me, posting_id=posting.id, score=score, resume_version_id=kept.id
        )
        await applications.transition(tx, app.id, "applied", source="bot", changes={"confirmation": "SECRET-7"})
        other = await batches.create(
            tx, me, [batches.Wanted((await house.posting("Data Engineer")).id, 80)], batches.Plan()
        )
    reads = [f"/portal/applications/{app.number}", f"/portal/cards/{app.number}?whole=1"]
    reads += [f"/portal/applications/{app.number}/screenshot", f"/portal/matches/{posting.number}"]
    reads += [f"/portal/matches/{posting.number}/why", f"/portal/batches/{other.id}"]
    reads += [f"/portal/resumes/{kept.id}/file", f"/jobapplier/apply/batch/{other.id}/"]
    writes = [f"/portal/applications/{app.number}/{act}" for act in ("withdraw", "undo", "heard")]
    writes += [f"/portal/matches/{posting.number}/{act}" for act in ("up", "down")]
    writes += [f"/portal/batches/{other.id}/cancel"]
    lists = ("/portal", "/portal/matches", "/portal/applications", "/portal/news", "/portal/today", "/portal/bell")
    await house.add("seeker", "Maria Lind")
    page = await house.sign_in("Maria Lind", phone=True)
    for path in reads:
        answer = await page.request.get(path)
        assert answer.status == 404, path
        assert "SECRET-7" not in await answer.text()
    token = await page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRF-Token']")
    for path in writes:
        said = {"status": "rejected"} if path.endswith("heard") else {}
        answer = await page.request.post(path, headers={"X-CSRF-Token": token}, form=said)
        assert answer.status == 404, path
    for path in lists:
        text = await (await page.request.get(path)).text()
        assert "SECRET-7" not in text, path
        assert "Northwind" not in text, path
    for role, name in (("employee", "Ada King"), ("supervisor", "Sue Park"), ("operator", "Olga Brandt")):
        await house.add(role, name)
        elsewhere = await house.sign_in(name)
        for path in [*reads, *lists]:
            assert (await elsewhere.request.get(path)).status in (403, 404), (role, path)
    async with httpx.AsyncClient(base_url=house.address) as nobody, house.db.transaction() as tx:
        for path in [*reads, *lists]:
            assert (await nobody.get(path)).status_code in (303, 401), path
        assert (await applications.get(tx, app.id)).status == "applied"
        assert await feedback.of(tx, me, [posting.id]) == {}
