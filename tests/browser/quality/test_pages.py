"""What is asked of every page in every main state: readable by all, at any width, by keyboard, and at rest."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.browser.house import House
from tests.browser.quality import probes
from tests.browser.quality.conftest import opened_house
from tests.browser.quality.furnished import Furnished, State, furnish
from tests.browser.quality.pages import every_state, standing
from tests.conftest import Engines

pytestmark = pytest.mark.asyncio(loop_scope="session")
WIDTHS = (320, 390, 768, 1440, 2560)
CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    engines: Engines, shared_browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with opened_house(engines, shared_browser, tmp_path_factory.mktemp("furnished")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(house: House) -> Furnished:
    return await furnish(house)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def states(house: House, made: Furnished) -> list[State]:
    return await every_state(house, made)


async def _axe(page: Page, options: dict[str, object]) -> list[str]:
    found = (await Axe().run(page, options=options)).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]


async def test_axe_finds_nothing(house: House, states: list[State]) -> None:
    """All rules at both widths in light; in dark, what differs: the contrast."""
    wrong = {}
    for state in states:
        async with standing(house, state, reduced_motion="reduce") as page:
            for width in (1440, 390):
                await page.set_viewport_size({"width": width, "height": 900})
                for scheme, options in (("light", {"resultTypes": ["violations"]}), ("dark", CONTRAST)):
                    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
                    if found := await _axe(page, options):
                        wrong[f"{state.name} {width} {scheme}"] = found
    assert wrong == {}


async def test_every_page_fits_and_is_within_reach(house: House, states: list[State]) -> None:
    wrong = {}
    for state in states:
        async with standing(house, state) as page:
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 900})
                found = await page.evaluate(probes.WIDE)
                found += await page.evaluate(probes.TARGETS, 40 if width <= 390 else 24)
                if found:
                    wrong[f"{state.name} {width}"] = found
            if found := await page.evaluate(probes.TIMES):
                wrong[f"{state.name} times"] = found
    assert wrong == {}
