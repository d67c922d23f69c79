"""No word of the pages stands outside the catalogue: asked for in a language of wide letters, none are left plain."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import APIRequestContext

from tests import pseudo
from tests.browser.house import POSTING, RESUME, House
from tests.browser.quality.furnished import ROLES, Furnished, State
from tests.browser.quality.pages import OWNERS, addresses, every_state
from tests.browser.quality.people import let_in
from tests.browser.quality.words import LONG

AS_BROWSERS = {"accept": "text/html", "accept-language": pseudo.TAG}
# What people of the house wrote, longest first, and what is the same in every language.
WORD, TOKEN, TITLE, NAME = LONG.word, LONG.token, LONG.titles[0], LONG.names[0]
WRITTEN = {f"{NAME} {who}" for who in ROLES} | {
    NAME,
    NAME.split()[0],
    *(f"{NAME.split()[0]} {who[0].upper()}." for who in ROLES),
}
WRITTEN |= {
    TITLE,
    TOKEN,
    WORD,
    WORD[:60],
    WORD[:57],
    f"group-{WORD}"[:60],
    f"{WORD} {WORD}"[:150],
    LONG.reason,
    f"four strikes {WORD}",
}
WRITTEN |= {
    LONG.companies[0],
    LONG.asks,
    f"{WORD} at scale",
    f"How many years of {WORD}?",
    f"6+ years of {WORD}",
    f"Added {WORD} {LONG.said}",
}
WRITTEN |= {"Why us?", "Where?", "London", "Name, in full", "Website", "Bad gateway", "holiday.pdf", f"{WORD[:33]}.txt"}
WRITTEN |= {
    f"Filling page 2 of 2 {WORD}",
    f"This file can't be read. {LONG.said}",
    f"{LONG.file}@example.com",
    f"{LONG.file}.txt",
}
WRITTEN |= {*RESUME.splitlines(), *pseudo.Plain(POSTING).texts}
# a posting is cut at the skills in it
WRITTEN |= {"6+ years of", "in production", "Strong", ": query tuning, migrations without downtime", "and Go"}
DATA = sorted(WRITTEN - {""}, key=len, reverse=True)
SKILLS = {"Python", "PostgreSQL", "SQL", "Terraform", "Go"}
# names of products, and codes that the log, the tasks and the parts of the house have
CODES = {"LinkedIn", "GitHub", "general", "greenhouse", "embedder", "Embedder", "EmbedderUnavailable", "Valkey"}
CODES |= {"apply", "match.seeker", "match.resume", "discover.fetch", "apply.application"}
CODES |= {
    "user",
    "user.lock",
    "review",
    "review.assign-above-capacity",
    "pool",
    "pool.add",
    "strike",
    "strike.void",
    "name",
}
SAME = frozenset({"Cabrank", "CAB", "UTC", "PDF", "CSV", *SKILLS, *CODES})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def states(house: House, made: Furnished) -> list[State]:
    return await every_state(house, made)


async def _walk(request: APIRequestContext, paths: list[str]) -> dict[str, str]:
    """Each page, and each part that a page asks for or leads to."""
    pages: dict[str, str] = {}
    waiting = list(paths)
    while waiting:
        path = waiting.pop().split("#")[0]
        if path in pages or not path.startswith("/") or path.startswith(("/static", "/api")):
            continue
        answer = await request.get(path, headers=AS_BROWSERS, max_redirects=0)
        assert answer.status < 500, path
        pages[path] = await answer.text() if "text/html" in answer.headers.get("content-type", "") else ""
        waiting += pseudo.Plain(pages[path]).links
    return pages


@pytest.mark.parametrize("role", ["anybody", *OWNERS])
async def test_no_text_is_bare(
    house: House, made: Furnished, states: list[State], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    pseudo.speak(monkeypatch)
    found, seen = set[str](), 0
    for user in {state.user for state in states if _role(made, state) == role}:
        context = await house.browser.new_context(base_url=house.address)
        own = [state for state in states if state.user == user]
        if user is not None:
            await let_in(house, context, user, restricted=any(state.restricted for state in own))
        paths = [state.path for state in own]
        if role in OWNERS and made.people[OWNERS[role]] == user:
            paths += addresses(house, role)
        for path, page in (await _walk(context.request, paths)).items():
            seen += len(page)
            found |= {f"{path.split('?')[0]}: {text}" for text in pseudo.bare(page, DATA, SAME)}
        await context.close()
    assert seen > 2_000, "hardly a page was looked at"
    if found:
        pytest.fail("\n".join(sorted(found)), pytrace=False)


def _role(made: Furnished, state: State) -> str:
    """Whose page it is."""
    names = {user: name for name, user in made.people.items()}
    who = names.get(state.user, "") if state.user else "anybody"
    return {"boss": "supervisor", "ops": "operator", "seeker": "seeker", "new": "seeker"}.get(
        who, who if who == "anybody" else "employee"
    )
