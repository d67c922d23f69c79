"""What is asked of every page in every main state: readable by all, at any width, by keyboard, and at rest."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

from tests.browser.house import House
from tests.browser.quality import probes
from tests.browser.quality.furnished import Furnished, State
from tests.browser.quality.pages import every_state, standing, too_heavy

WIDTHS, THOROUGH = (320, 390, 768, 1440, 2560), (390, 1440)
CONTRAST = {"runOnly": ["color-contrast"]}
CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "DisclosureTriangle", "dialog"}
CONTROLS |= {"progressindicator", "timer", "listbox", "spinbutton", "switch", "tab", "navigation", "image"}


# What people come to a page for, by role and (part of the) name in the accessibility tree.
MAIN: dict[str, list[tuple[str, str]]] = {
    "/sign-in": [("textbox", "Mail address"), ("button", "Sign in"), ("link", "Create an account")],
    "desk, paused": [("button", "Available"), ("button", "Go Available"), ("combobox", "Why you are paused")],
    "desk, resume": [
        ("timer", "Time left"), ("button", "Approve and apply"), ("button", "Reject"), ("button", "Snooze"),
        ("button", "Escalate"), ("button", "Hand back"), ("complementary", "Score"), ("progressbar", "Score"),
    ],
    "desk, handover": [("link", "Open the form"), ("button", "I sent it"), ("textbox", "Confirmation number")],
    "desk, unknown_outcome": [("button", "It was sent"), ("button", "It was not sent"), ("button", "Can't tell")],
    "desk, mail_match": [("textbox", "Number of the application"), ("button", "Decide")],
    "desk, question": [("textbox", "How many years of"), ("combobox", "Where?"), ("button", "Send the answers")],
    "/board, supervisor": [("timer", "Time left"), ("button", "Void"), ("textbox", "Why, about the strike of")],
    "/portal, seeker": [("button", "Apply"), ("textbox", "A reviewer asks you"), ("progressbar", "Filling page 2")],
    "/portal/profile, seeker": [("textbox", "Phone"), ("button", "Save"), ("button", "Remove the answer to")],
}  # fmt: skip


class Findings(dict[str, list[str]]):
    """What is wrong, by what was asked; each line names the page's state, and the width."""

    def note(self, asked: str, where: str, found: list[str]) -> None:
        self.setdefault(asked, []).extend(f"{where}: {one}" for one in found)


async def _axe(page: Page, options: dict[str, Any]) -> list[str]:
    """The checker is put into a page once, and tells what is wrong alone, not all that it has seen."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    run = "(options) => axe.run(options).then((result) => result.violations)"
    found = await page.evaluate(run, options | {"resultTypes": ["violations"]})
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]


async def _at_width(page: Page, width: int, found: Findings, where: str) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    found.note("wide", where, await page.evaluate(probes.WIDE))
    found.note("targets", where, await page.evaluate(probes.TARGETS, 40 if width <= 390 else 24))
    if width in THOROUGH:
        # all rules in light; in dark what differs, the contrast
        found.note("axe", where, await _axe(page, {}))
        await page.emulate_media(color_scheme="dark")
        found.note("axe", f"{where} dark", await _axe(page, CONTRAST))
        await page.emulate_media(color_scheme="light")
        await page.keyboard.press("Tab")
        found.note("focus", where, await page.evaluate(probes.FOCUS))


async def _nameless(page: Page) -> list[str]:
    """Controls that the accessibility tree has no name for."""
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    return [
        f"a {node['role']['value']} without a name"
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in CONTROLS and not node.get("name", {}).get("value")
    ]


async def _missing(page: Page, wanted: list[tuple[str, str]]) -> list[str]:
    """Main controls that nobody finds by role and name."""
    return [
        f"no {role} named {name}"
        for role, name in wanted
        if not await page.get_by_role(role, name=name).count()  # type: ignore[arg-type]  # a role
    ]


async def _examine(house: House, state: State, found: Findings) -> None:
    async with standing(house, state, reduced_motion="reduce") as page:
        found.note("weight", state.name, await too_heavy(page))
        found.note("names", state.name, await _nameless(page) + await _missing(page, MAIN.get(state.name, [])))
        found.note("times", state.name, await page.evaluate(probes.TIMES))
        found.note("motion", state.name, await page.evaluate(probes.MOTION))
        for width in WIDTHS:
            await _at_width(page, width, found, f"{state.name} {width}")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def findings(house: House, made: Furnished) -> Findings:
    """Each page is opened once, and asked everything."""
    states, found, two = await every_state(house, made), Findings(), asyncio.Semaphore(2)
    assert len(states) > 35, "the list of pages has got lost"

    async def examined(state: State) -> None:
        async with two:
            await _examine(house, state, found)

    assert MAIN.keys() <= {state.name for state in states}, "the controls of these are looked for in vain"
    await asyncio.gather(*(examined(state) for state in states))
    return found


@pytest.mark.parametrize("asked", ["axe", "names", "wide", "targets", "focus", "motion", "times", "weight"])
async def test_no_page_fails(findings: Findings, asked: str) -> None:
    assert asked in findings, "nobody asked"
    if findings[asked]:
        pytest.fail("\n".join(findings[asked]), pytrace=False)
