"""How the tests' browser is started."""

from __future__ import annotations

import psutil
from playwright.async_api import Browser

OFF = "--disable-features="


async def test_what_playwright_turns_off_stays_off_and_no_renderer_is_there_for_nobody(browser: Browser) -> None:
    await (await browser.new_context()).new_page()
    lines = [one.cmdline() for one in psutil.Process().children(recursive=True)]
    playwrights, ours = next(
        [set(word.removeprefix(OFF).split(",")) for word in line if word.startswith(OFF)]
        for line in lines
        if "--remote-debugging-pipe" in line and "--type=renderer" not in line
    )
    assert playwrights <= ours
    assert not [line for line in lines if "--top-chrome-webui" in line]
