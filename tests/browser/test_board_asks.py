"""When a table of the board asks for its rows, by a clock that stands still."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.house import House
from tests.browser.test_board_storm import SOCKETS
from tests.browser.test_boards import quiet

# A table whose answers come at once, and show what was so at that moment.
TABLE = """async () => {
  const { Rows } = await import("/static/rows.js");
  const section = document.createElement("section");
  const body = '<tbody data-from="0" data-total="0"></tbody>';
  section.innerHTML = `<div data-rows="/board/rows" data-first><table>${body}</table></div>`;
  document.body.append(section);
  class Answered extends Rows {
    async fetch(what) {
      asks.push(what);
      this.body.dataset.at = new Date().toISOString();
      return true;
    }
  }
  window.asks = [];
  window.table = new Answered(section.firstChild, () => "", () => {});
}"""
ELSEWHERE = "00000000-0000-0000-0000-000000000000"


async def asked(page: Page, milliseconds: int) -> int:
    """How often in all, so much later."""
    await page.clock.run_for(milliseconds)
    return int(await page.evaluate("asks.length"))


async def test_what_changes_anew_comes_early_and_what_is_known_not_at_all(house: House) -> None:
    page = await (await house.context()).new_page()
    await page.clock.install()
    await page.goto("/sign-in")
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000") + 10)
    await page.evaluate(TABLE)
    await page.evaluate("table.changed()")
    assert await asked(page, 20) == 0, "what one act changes is asked for together"
    assert await asked(page, 80) == 1
    await page.evaluate("([id]) => { table.changed(id); table.changed(); }", [ELSEWHERE])
    assert await asked(page, 60) == 2, "one of four a second may come early, whatever row it is of"
    await page.evaluate("table.changed()")
    assert await asked(page, 60) == 2
    assert await asked(page, 120) == 3, "and the next in its turn"
    await page.evaluate("([id]) => table.changed(id)", [ELSEWHERE])
    assert await asked(page, 900) == 3, "what is not here is not asked for"

    assert await page.evaluate("table.knows(new Date(Date.now() - 1000).toISOString())")
    assert not await page.evaluate("table.knows(new Date(Date.now() + 1000).toISOString())")
    assert not await page.evaluate("table.knows(undefined)"), "a frame without its time is news"


HAND = """(after) => {
  const at = new Date(Date.parse(document.querySelector("#rows").dataset.at) + after).toISOString();
  const data = JSON.stringify({ type: "queue_changed", at, data: {} });
  window.sockets.at(-1).onmessage(new MessageEvent("message", { data }));
}"""


async def test_a_frame_that_comes_late_is_not_asked_about(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    page = await (await house.context()).new_page()
    await page.add_init_script(SOCKETS)
    await house.sign_in("Sue Park", page=page)
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await quiet(page)
    asks: list[str] = []
    page.on("request", lambda request: asks.append(request.url) if "/board/rows" in request.url else None)
    await page.evaluate(HAND, -1000)
    await page.wait_for_timeout(500)
    assert asks == []
    async with page.expect_request("**/board/rows?*"):
        await page.evaluate(HAND, 1000)
