"""The practice board as the bot's tests use it."""

from typing import Any

import httpx

from app.seekers.policy import question_key


class Board:
    """A running practice board and its controls."""

    def __init__(self, origin: str, client: httpx.AsyncClient) -> None:
        self.origin, self.client = origin, client

    async def postings(self, form: str = "standard") -> list[dict[str, Any]]:
        """Postings of the Greenhouse board; the first has this kind of form."""
        found = (await self.client.get("/control/postings")).json()
        ours = [p for p in found if p["form"] == "standard" and p["ats"] == "greenhouse"]
        if form != "standard":
            await self.told(forms={ours[0]["slug"]: form})
        return ours

    async def told(self, **behaviour: Any) -> None:
        (await self.client.post("/control/behaviour", json=behaviour)).raise_for_status()

    async def arrivals(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get("/control/submissions")).json()
        return found

    async def years_question(self, posting: dict[str, Any]) -> str:
        """The one standard question that no profile answers."""
        url = f"/greenhouse/v1/boards/{posting['token']}/jobs/{posting['id']}?questions=true"
        questions = (await self.client.get(url)).json()["questions"]
        return next(str(q["label"]) for q in questions if q["label"].startswith("How many years"))


async def years_bank(board: Board, posting: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    return {question_key(await board.years_question(posting)): ("7", "answer bank")}
