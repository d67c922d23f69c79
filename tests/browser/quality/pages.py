"""Every page of the house, from the application's own list of routes, and the main states of each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page

from app.asgi import routed
from app.web.guards import rules_of
from tests.browser.house import House
from tests.browser.quality.furnished import Furnished, State
from tests.browser.quality.people import let_in
from tests.web.test_authorisation import routes_of

_NO_PAGES = ("/api", "/jobapplier", "/schema", "/static", "/health", "/metrics")
FIRST_LOAD = 200_000
OWNERS = {"seeker": "seeker", "employee": "several", "supervisor": "boss", "operator": "ops"}


def addresses(house: House, role: str) -> list[str]:
    """What the role may open without naming a thing: pages and parts."""
    app = routed(house.settings)
    return [
        path
        for method, path, handler in routes_of(app)
        if method == "GET" and "{" not in path and not path.startswith(_NO_PAGES)
        and any(rule.roles and role in rule.roles for rule in rules_of(handler))
    ]  # fmt: skip


async def every_state(house: House, made: Furnished) -> list[State]:
    """The written-down states, and each page of each role: a new page is looked at without being listed here."""
    found = list(made.states)
    for role, who in OWNERS.items():
        context = await house.browser.new_context(base_url=house.address)
        await let_in(house, context, made.people[who])
        for path in addresses(house, role):
            answer = await context.request.get(path, headers={"accept": "text/html"}, max_redirects=0)
            if answer.status == 200 and (await answer.text()).lstrip().lower().startswith("<!doctype html"):
                found.append(State(f"{path}, {role}", made.people[who], path))
        await context.close()
    return found


@asynccontextmanager
async def standing(house: House, state: State, **options: object) -> AsyncIterator[Page]:
    """The page in a browser of its own, drawn and settled."""
    options = {"viewport": {"width": 1440, "height": 900}} | options
    context = await house.browser.new_context(base_url=house.address, **options)  # type: ignore[arg-type]  # the browser's own names
    context.set_default_timeout(15_000)
    if state.user is not None:
        await let_in(house, context, state.user, restricted=state.restricted)
    page = await context.new_page()
    await page.goto(state.path, wait_until="load")
    await settled(page)
    yield page
    await context.close()


async def settled(page: Page) -> None:
    """Nothing is being fetched any more, and the live tag has said its word."""
    await page.wait_for_function(
        "() => !document.querySelector('.htmx-request') && "
        "![...document.querySelectorAll('[data-live-state]')].some((tag) => tag.textContent === 'connecting')"
    )


async def too_heavy(page: Page) -> list[str]:
    """The first load, with nothing in the cache: what went over the wire for the page and all that it asks for."""
    took = await page.evaluate(
        "() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".reduce((sum, entry) => sum + entry.transferSize, 0)"
    )
    if took > FIRST_LOAD:
        return [f"{took / 1000:.0f} kB"]
    return [] if took > 20_000 else [f"only {took} bytes were counted"]
