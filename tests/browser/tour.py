"""`make tour`: pictures of every page in its main states, light and dark, wide and on a phone, and the page of them.

A house of its own is filled with plain words; docs/tour.md and docs/tour/ are written anew.
"""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy import update

from app.dispatch.models import assignment
from app.platform.chromium import find
from app.platform.clock import utcnow
from tests.browser.chromium import ARGS
from tests.browser.house import House
from tests.browser.quality.conftest import opened_house
from tests.browser.quality.furnished import Furnished, State, furnish
from tests.browser.quality.pages import every_state, settled, standing
from tests.browser.quality.words import PLAIN
from tests.conftest import Engines
from tests.match.embedder_process import running
from tests.schema import make_schema

DOCS = Path(__file__).parents[2] / "docs"
WIDTHS = {1440: 900, 390: 844}
TALLEST, QUALITY = 1600, 62
HEADS = {
    "Review employees": "desk",
    "Supervisors": "supervisor",
    "Operators": "operator",
    "Job seekers": "",
}
INTRO = """# Tour

Every page in its main states, as `make tour` took them from a house filled with invented people and postings. Each is
there in light and dark, at 1440 and at 390 pixels; a picture opens the one that it names.
"""


class Shot:
    """The four pictures of one state, and its lines in the page."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")

    async def take(self, page: Page) -> None:
        session = await page.context.new_cdp_session(page)
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            tall = await page.evaluate("document.documentElement.scrollHeight")
            await page.set_viewport_size({"width": width, "height": max(height, min(tall, TALLEST))})
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its names
                await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))")
                taken = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
                self.file(width, scheme).write_bytes(base64.b64decode(taken["data"]))

    def file(self, width: int, scheme: str) -> Path:
        return DOCS / "tour" / f"{self.slug}-{width}-{scheme}.webp"

    def lines(self) -> str:
        def at(width: int, scheme: str) -> str:
            return self.file(width, scheme).relative_to(DOCS).as_posix()

        shown = (
            f'<a href="{at(1440, "dark")}"><img src="{at(1440, "light")}" width="640" alt="{self.name}, 1440 px"></a>'
        )
        phone = f'<a href="{at(390, "dark")}"><img src="{at(390, "light")}" width="180" alt="{self.name}, 390 px"></a>'
        return f"### {self.name}\n\n{shown} {phone}\n"


async def _clock_runs_out(house: House, made: Furnished) -> list[Shot]:
    """One desk as its time passes: the warning, the last minute, and the end under one's hands."""
    shots = []
    state = next(one for one in made.states if one.name == "desk, resume")
    for name, left in (("desk, five minutes left", 270), ("desk, the last minute", 45)):
        await _left(house, made, left)
        async with standing(house, state) as page:
            shots.append(await _taken(Shot(name), page))
    async with standing(house, state) as page:
        await page.locator("textarea").first.fill("What was being written.")
        await _left(house, made, 0)
        await page.locator("#work .empty, #work [aria-label='Your words']").first.wait_for(timeout=30_000)
        shots.append(await _taken(Shot("desk, taken back at the end of its time"), page))
    return shots


async def _left(house: House, made: Furnished, seconds: int) -> None:
    ends = utcnow() + timedelta(seconds=seconds)
    mine = assignment.c.employee_id == made.people["resume"]
    async with house.db.transaction() as tx:
        times = {"deadline_at": ends, "warn_at": ends - timedelta(seconds=300), "grace_at": ends}
        await tx.conn.execute(update(assignment).where(mine, assignment.c.state == "open").values(times))


async def _taken(shot: Shot, page: Page) -> Shot:
    await settled(page)
    await shot.take(page)
    return shot


async def _state(house: House, state: State) -> Shot:
    async with standing(house, state) as page:
        return await _taken(Shot(state.name), page)


def _head(shot: Shot) -> str:
    return next(head for head, part in HEADS.items() if part in shot.name)


def _written(shots: list[Shot]) -> str:
    parts = [INTRO]
    for head in HEADS:
        parts += [f"## {head}\n", *(one.lines() for one in shots if _head(one) == head)]
    return "\n".join(parts)


async def _house(engines: Engines, browser: Browser, home: Path) -> None:
    async with opened_house(engines, browser, home) as house:
        made = await furnish(house, PLAIN)
        shots = [await _state(house, one) for one in await every_state(house, made)]
        shots += await _clock_runs_out(house, made)
    (DOCS / "tour.md").write_text(_written(shots))


async def _tour(engines: Engines, home: Path) -> None:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(find(None)), args=ARGS)
        with running(home / "tour"):
            await _house(engines, browser, home / "tour")
        await browser.close()


async def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="cabrank-tour-"))
    home.chmod(0o755)
    shutil.rmtree(DOCS / "tour", ignore_errors=True)
    (DOCS / "tour").mkdir()
    engines = Engines(home)
    engines.postgres.start()
    try:
        await engines.sql("CREATE DATABASE template_cabrank")
        await make_schema(engines.postgres.url("template_cabrank"))
        await _tour(engines, home)
    finally:
        engines.postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
