"""Take the README's pictures of a running demo: `python tools/pictures.py http://127.0.0.1:8000 docs/pictures`.

Signs the demo's people in at once, so that the desk has a review and the board has somebody on it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from app.demo.people import DOMAIN, PASSWORD
from app.platform.chromium import find

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


async def signed_in(browser: Browser, address: str, login: str, size: dict[str, int]) -> Page:
    context = await browser.new_context(viewport=size, device_scale_factor=1)  # type: ignore[arg-type]  # its own dict
    page = await context.new_page()
    await page.goto(f"{address}/sign-in")
    await page.fill("[name=email]", f"{login}@{DOMAIN}")
    await page.fill("[name=password]", PASSWORD)
    await page.click("form button.main")
    await page.wait_for_url(lambda url: "sign-in" not in url)
    return page


async def main(address: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(None))
        desk = await signed_in(browser, address, "emil", DESK)
        await desk.get_by_role("button", name="Available").first.click()
        board = await signed_in(browser, address, "sam", DESK)
        portal = await signed_in(browser, address, "jane", DESK)
        await desk.locator("textarea").first.wait_for(timeout=30_000)
        await asyncio.sleep(2)
        phone = await signed_in(browser, address, "jane", PHONE)
        await asyncio.sleep(1)
        for name, page in (("desk", desk), ("board", board), ("portal", portal), ("portal-phone", phone)):
            await page.screenshot(path=folder / f"{name}.png")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
