"""Foreign text in everybody's pages, with the content policy and with the sanitizer each switched off in turn.

Nothing may run, nothing may ask another origin, and no foreign text may become an element or an attribute that could.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Dialog, Page, Request, Route

from app.asgi import routed
from app.postings.text import printable
from app.web.guards import rules_of
from tests.browser.house import House
from tests.browser.quality.conftest import opened_house
from tests.browser.quality.hostile import Hostile, furnish
from tests.browser.quality.payloads import PAYLOADS
from tests.browser.quality.people import let_in
from tests.conftest import Engines
from tests.web.test_authorisation import routes_of

# What a page of ours never has, whatever is in the database; `known` are the page's own before anything was put in.
SCAN = """() => {
  const found = [];
  const say = (node, why) => found.push(why + ": " + node.outerHTML.slice(0, 200));
  const own = location.pathname === "/desk" && document.getElementById("kept-words"); // a second is told
  const drawn = (node) => location.pathname === "/kpis" && node.closest(".plot > .uplot"); // the charts' own
  for (const node of document.querySelectorAll("*")) {
    const name = node.localName;
    if (["iframe", "object", "embed", "base", "math", "template", "style", "frame", "marquee", "foreignobject",
         "animate", "set", "use", "image", "audio", "video", "source", "track", "noscript", "plaintext", "xmp",
         "listing", "mglyph", "portal", "applet"].includes(name) && node !== own) say(node, "element");
    if (name === "script" && !new URL(node.src, location).pathname.startsWith("/static/")) say(node, "script");
    if (name === "meta" && node.httpEquiv) say(node, "meta");
    if (name === "link" && !new URL(node.href).pathname.startsWith("/static/")) say(node, "link");
    for (const { name: attribute, value } of node.attributes) {
      if (/^on/i.test(attribute) || /^(data-)?hx-on/i.test(attribute) || (attribute === "style" && !drawn(node))
          || attribute === "srcdoc" || attribute === "ping" || /^(x|v|ng)-/.test(attribute)) say(node, attribute);
      if (/^(data-)?hx-(get|post|put|patch|delete)$/.test(attribute) && /canary|^(https?:)?\\/\\//.test(value))
        say(node, attribute);
      if (["href", "src", "action", "formaction", "xlink:href", "poster", "srcset", "background"].includes(attribute)) {
        const to = new URL(value, location);
        if (!["http:", "https:", "mailto:"].includes(to.protocol)) say(node, attribute);
        if (attribute !== "href" && to.origin !== location.origin) say(node, attribute);
        if (attribute === "href" && to.origin !== location.origin && !/noopener/.test(node.rel)) say(node, "opener");
      }
    }
  }
  return found;
}"""


# All words of a page: texts, what stands in fields, and what attributes tell.
SHOWN = """() => [document.body.textContent, ...[...document.querySelectorAll("textarea, input")].map((f) => f.value),
  ...[...document.querySelectorAll("[aria-label]")].map((e) => e.ariaLabel)].join("\\n").replace(/\\s+/g, " ")"""
HOMES = {"seeker": "/portal", "employee": "/desk/history", "supervisor": "/board", "operator": "/operations"}


class Watch:
    """What a browser did that no page of ours asks for."""

    def __init__(self, house: House, context: BrowserContext) -> None:
        self.own = urlsplit(house.address).netloc
        self.found: list[str] = []
        self.shown = ""
        context.on("request", self._asked)
        context.on("dialog", self._spoke)
        context.on("page", lambda page: self.found.append(f"opened {page.url}") if context.pages[1:] else None)

    def _asked(self, request: Request) -> None:
        to = urlsplit(request.url)
        own = to.netloc == self.own or to.scheme in ("data", "blob", "about")
        if not own or "canary" in to.path:
            self.found.append(f"asked {request.url}")

    async def _spoke(self, dialog: Dialog) -> None:
        self.found.append(f"dialog {dialog.message}")
        await dialog.dismiss()

    async def look(self, page: Page, where: str) -> None:
        self.shown += await page.evaluate(SHOWN)
        ran = await page.evaluate("window.ran ?? []")
        self.found += [f"{where}: ran {PAYLOADS[n]}" for n in ran]
        self.found += [f"{where}: {one}" for one in await page.evaluate(SCAN)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(engines: Engines, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    home: Path = tmp_path_factory.mktemp("hostile")
    async with opened_house(engines, chromium, home) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hostile(house: House) -> Hostile:
    return await furnish(house)


def _pages(house: House, role: str) -> list[str]:
    """Every address of the role's that may be a page: none can be forgotten."""
    app = routed(house.settings)
    skip = ("/api", "/jobapplier", "/schema", "/static", "/health", "/metrics")
    return [
        path
        for method, path, handler in routes_of(app)
        if method == "GET" and "{" not in path and not path.startswith(skip)
        and any(rule.roles and role in rule.roles for rule in rules_of(handler))
    ]  # fmt: skip


async def _walk(page: Page, watch: Watch, paths: list[str]) -> None:
    """Whole pages are opened; parts are put into one by htmx, as a refresh would."""
    for path in paths:
        answer = await page.request.get(path, headers={"accept": "text/html"})
        assert answer.status < 500, f"{path}: {answer.status}"
        body = await answer.text()
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        if body.lstrip().lower().startswith("<!doctype"):
            await page.goto(path)
        else:
            await _put(page, path)
        await watch.look(page, path)


async def _put(page: Page, path: str, select: str = "") -> None:
    """What a frame makes the page do: ask for a part and put it where it goes."""
    script = (
        "([path, select]) => htmx.ajax('GET', path, {target: '#main', swap: 'innerHTML', ...(select ? {select} : {})})"
    )
    await page.evaluate(script, [path, select])


@pytest.mark.parametrize("policy", ["on", "off"])
async def test_nothing_foreign_runs(house: House, hostile: Hostile, policy: str) -> None:
    people = {
        "seeker": hostile.seeker, "employee": hostile.employee, "supervisor": hostile.supervisor,
        "operator": hostile.operator,
    }  # fmt: skip
    more = {
        "seeker": [f"/portal/cards/{n}?whole=1" for n in hostile.applications[::9]]
        + [f"/portal/applications/{n}" for n in hostile.applications[:3]]
        + [f"/portal/matches/{n}/why/part" for n in hostile.matches]
        + [f"/portal/applications?before={n}" for n in hostile.applications[::29]],
        "employee": [],
        "supervisor": ["/board/people/rows?from=0&count=200"],
    }
    found: list[str] = []
    for role, user in people.items():
        context = await house.browser.new_context(base_url=house.address, bypass_csp=policy == "off")
        context.set_default_timeout(15_000)
        await let_in(house, context, user)
        watch, page = Watch(house, context), await context.new_page()
        await page.goto(HOMES[role])
        await _walk(page, watch, _pages(house, role) + more.get(role, []))
        if role == "employee":
            await page.goto("/desk/history")
            for review in hostile.reviews:
                await _put(page, f"/desk?review={review}", "#work")
                assert await page.locator("#review-form").count() == 1, "it is on the desk"
                await watch.look(page, f"review {review}")
        found += watch.found
        unseen = [payload for payload in PAYLOADS if _words(payload) not in watch.shown]
        assert role == "operator" or len(unseen) < 8, f"the {role} was not shown {unseen}"
        await context.close()
    assert found == []


def _words(payload: str) -> str:
    """What must be readable of a payload wherever it is shown, however its spaces are set and its end is cut."""
    return " ".join(printable(payload).split())[:40].strip()


@pytest.mark.parametrize("policy", ["on", "off"])
async def test_without_sanitizer_and_templates_they_do_run(house: House, policy: str) -> None:
    """The control: raw in a page they run unless the policy stops them, and the scan sees them in either case."""
    context = await house.browser.new_context(base_url=house.address, bypass_csp=policy == "off")
    page = await context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    headers = dict((await context.request.get("/sign-in")).headers)
    shapes = [n for n, payload in enumerate(PAYLOADS) if "<" in payload and "refresh" not in payload][::2]

    async def raw(route: Route) -> None:
        number = route.request.url.rsplit("/", 1)[1]
        body = f"<!doctype html><body>{PAYLOADS[int(number)]}" if number.isdigit() else ""
        await route.fulfill(status=200 if body else 404, headers=headers, body=body)

    await page.route("**/raw/*", raw)
    ran, seen = 0, 0
    for n in shapes:
        await page.goto(f"/raw/{n}")
        ran += bool(await page.evaluate("window.ran"))
        seen += bool(await page.evaluate(SCAN))
    await context.close()
    assert ran > 15 if policy == "off" else ran == 0
    assert seen > 0.75 * len(shapes)
