"""A practice board on a free port, and a caller who fills its form as a browser would."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.practice.server import create_app, running

PERSON = {
    "first_name": "Jane",
    "last_name": "Roe",
    "email": "jane.roe@example.org",
    "phone": "+44 20 7946 0000",
    "location": "London",
}
RESUME = ("resume", ("jane.pdf", b"%PDF-1.7 " + bytes(range(256)) * 40, "application/pdf"))
BEST = "senior-python-engineer-payments"


class Caller:
    """Speaks to one board over one kept connection."""

    def __init__(self, client: httpx.AsyncClient, folder: Path) -> None:
        self.client, self.folder = client, folder

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def behave(self, **wish: Any) -> None:
        answer = await self.client.post("/control/behaviour", json=wish)
        assert answer.status_code == 200, answer.text

    async def posting(self, slug: str) -> dict[str, Any]:
        return next(p for p in await self.get("/control/postings") if p["slug"] == slug)

    async def questions(self, posting: dict[str, Any]) -> dict[str, tuple[str, dict[str, str], bool]]:
        """Label → (name, value by option label, required), as `?questions=true` lists them."""
        detail = await self.get(f"/greenhouse/v1/boards/{posting['token']}/jobs/{posting['id']}", questions="true")
        every = detail["questions"] + detail["location_questions"]
        return {
            q["label"]: (f["name"], {v["label"]: str(v["value"]) for v in f["values"]}, q["required"])
            for q in every
            for f in q["fields"]
        }

    async def answers(self, posting: dict[str, Any]) -> dict[str, str]:
        """Good answers to what the second page requires."""
        wanted = {"sponsorship": "No", "authorized": "Yes", "How many years": "8", "earliest": "2099-01-31",
                  "I agree": "I agree", "Why do you": "Because of the ledger."}  # fmt: skip
        found = {}
        for label, (name, options, _) in (await self.questions(posting)).items():
            for word, answer in wanted.items():
                if word in label:
                    found[name] = options.get(answer, answer)
        return found

    async def start(self, posting: dict[str, Any], **change: str) -> httpx.Response:
        path = httpx.URL(posting["url"]).path
        return await self.client.post(f"{path}/apply", data=PERSON | change)

    async def draft(self, posting: dict[str, Any]) -> str:
        """The path of the second page."""
        answer = await self.start(posting)
        assert answer.status_code == 303
        return str(answer.headers["location"])

    async def send(self, posting: dict[str, Any], page: str | None = None, **change: Any) -> httpx.Response:
        page = page or await self.draft(posting)
        return await self.client.post(
            f"{page}/submit", data=await self.answers(posting) | change, files=[RESUME], timeout=10
        )

    async def counted(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.get("/control/submissions")
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "practice"


@pytest_asyncio.fixture
async def board(folder: Path) -> AsyncIterator[Caller]:
    async with running(create_app(folder)) as origin, httpx.AsyncClient(base_url=origin) as client:
        yield Caller(client, folder)


def problems(html: str) -> dict[str, str]:
    """Message by field name, as the page shows them."""
    found = re.findall(r'<li><a href="#([\w\[\]]+)">.*?</a>: (.*?)</li>', html)
    return dict(found)
