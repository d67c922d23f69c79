"""A tab that nobody looks at, in a real Chromium: its own timers are slowed, and its person stays online.

Playwright keeps every page visible and unslowed, so this browser is driven by its own protocol.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from app.accounts import sessions
from app.dispatch import heartbeats
from app.platform.chromium import find
from tests.browser.chromium import ARGS
from tests.browser.house import House

FLAGS = ["--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--no-first-run", "--disable-gpu", *ARGS]
EVERY = 100  # milliseconds: a hidden page's own timers tick once a second
START = """(async () => {
  const { Live } = await import("/static/live.js");
  window.count = { timers: 0, plain: 0, worker: 0 };
  setInterval(() => window.count.timers++, EVERY);
  const worker = document.body.dataset.beatWorker;
  for (const [name, more] of [["plain", {}], ["worker", { worker }]]) {
    const client = new Live({ every: EVERY, events: [], ...more });
    client.on("heartbeat_ack", () => window.count[name]++);
    client.start();
  }
  return worker;
})()""".replace("EVERY", str(EVERY))

BY_WORKER = """(async () => {
  const page = performance.getEntriesByType("resource").find((one) => /\\/page\\.[0-9a-f]+\\.js$/.test(one.name));
  return (await import(page.name)).live.beats instanceof Worker;
})()"""


class Tab:
    """A tab by the DevTools protocol."""

    def __init__(self, wire: ClientConnection) -> None:
        self.wire = wire
        self.session: str | None = None
        self._ids = itertools.count(1)

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        message: dict[str, Any] = {"id": next(self._ids), "method": method, "params": params}
        await self.wire.send(json.dumps(message | ({"sessionId": self.session} if self.session else {})))
        async with asyncio.timeout(20):
            while (answer := json.loads(await self.wire.recv())).get("id") != message["id"]:
                pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self) -> None:
        target = (await self.send("Target.createTarget", url="about:blank"))["targetId"]
        self.session = (await self.send("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]

    async def run(self, script: str) -> Any:
        answer = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        async with asyncio.timeout(20):
            while not await self.run(script):
                await asyncio.sleep(0.05)

    async def hide(self) -> None:
        """Another tab of the same window comes to the front."""
        mine, self.session = self.session, None
        other = (await self.send("Target.createTarget", url="about:blank"))["targetId"]
        await self.send("Target.activateTarget", targetId=other)
        self.session = mine
        await self.until("document.visibilityState === 'hidden'")


@asynccontextmanager
async def tab(profile: Path) -> AsyncIterator[Tab]:
    command = [str(find(None)), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    browser = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        async with connect(await _address(browser), max_size=None) as wire:
            opened = Tab(wire)
            await opened.open()
            yield opened
            opened.session = None
            await opened.send("Browser.close")
        async with asyncio.timeout(10):
            await browser.wait()
    finally:
        if browser.returncode is None:
            browser.kill()
            await browser.wait()


async def _address(browser: asyncio.subprocess.Process) -> str:
    assert browser.stderr is not None
    async with asyncio.timeout(30):
        while line := (await browser.stderr.readline()).decode():
            if "DevTools listening on" in line:
                return line.split()[-1]
    raise AssertionError("Chromium ended before it listened")


async def test_a_hidden_tab_stays_online(house: House, tmp_path: Path) -> None:
    ada = await house.add("employee", "Ada King")
    async with house.db.transaction() as tx:
        token = await sessions.open_session(tx, ada, "cookie")
    async with tab(tmp_path / "profile") as page:
        await page.send("Network.setCookie", name="cabrank", value=token, url=house.address)
        await page.send("Page.navigate", url=f"{house.address}/")
        await page.until("document.querySelector('[data-live-state]')?.textContent === 'live'")
        assert await page.run(BY_WORKER)
        assert await page.run(START)
        await page.hide()
        before = await page.run("({ ...count })")
        await page.until(f"count.timers - {before['timers']} >= 4")  # some seconds, by the page's own slow clock
        after = await page.run("({ ...count })")
        beats = {name: after[name] - before[name] for name in after}
        assert beats["worker"] >= 3 * beats["timers"], beats  # the worker's clock isn't slowed,
        assert beats["plain"] <= 2 * beats["timers"], beats  # as it is without one: this would show it
        assert (await heartbeats.presence(house.redis)).of(ada, 35) == "assignable"
        assert await page.run("document.visibilityState") == "hidden"
