"""Cabrank in one test process, on real engines: web, sockets, relay, dispatcher, and people in a real browser."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from arq.connections import ArqRedis
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, Page

from app import web_server
from app.accounts import service as accounts
from app.applications import service as applications
from app.applications.types import Application
from app.bots.match import service as matching
from app.bots.match import store as match_store
from app.bots.match.embedder_client import Embedder
from app.bots.match.types import explained
from app.config import Settings
from app.dispatch import dispatcher
from app.dispatch import people as staff
from app.platform import relay
from app.platform.db import Database
from app.platform.objects import Objects
from app.postings import service as postings
from app.postings.types import NewPosting, Posting
from app.process import Process
from app.seekers import service as seekers
from tests.web.reused import application

PASSWORD = "correct horse battery"
RESUME = (Path(__file__).parents[2] / "app" / "seekers" / "demo" / "jane_roe.txt").read_text()
POSTING = """<p>We own the ledger behind card payouts in eleven markets.</p><h3>What you bring</h3><ul>
<li>6+ years of Python in production</li><li>Strong PostgreSQL: query tuning, migrations without downtime</li>
<li>Kafka or another event stream</li><li>Terraform and Go</li></ul><p>Core hours are 11 to 15.</p>"""


class House:
    """Everything that runs, and verbs to fill it."""

    def __init__(self, settings: Settings, db: Database, redis: ArqRedis, objects: Objects, browser: Browser) -> None:
        self.settings, self.db, self.redis, self.objects, self.browser = settings, db, redis, objects, browser
        self.address = f"http://{settings.bind}"
        self.process = Process(settings, db, redis, objects, asyncio.Event())
        self.embedder = Embedder(settings.embedder_socket)
        self.violations: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._contexts: list[BrowserContext] = []
        self._held = ExitStack()

    async def open(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(web_server, "create_app", self._application)
            await self._start()

    def _application(self, settings: Settings, **means: Any) -> Litestar:
        return self._held.enter_context(application(settings, **means))

    async def _start(self) -> None:
        stop = self.process.stop
        works = [
            web_server.serve(self.process),
            relay.run(self.db, self.redis, stop),
            dispatcher.run(self.settings, self.db, self.redis, stop),
        ]
        self._tasks = [asyncio.create_task(work) for work in works]
        async with httpx.AsyncClient() as client, asyncio.timeout(20):
            while True:
                try:
                    await client.get(f"{self.address}/health/live")
                    return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    async def close(self) -> None:
        for context in self._contexts:  # first: a server waits for the connections that it has
            await context.close()
        self.process.stop.set()
        await asyncio.wait(self._tasks, timeout=15)
        self._held.close()
        await self.embedder.close()

    async def add(self, role: str, name: str) -> UUID:
        """A person; their mail is their first name."""
        mail = f"{name.split()[0].lower()}@cabrank.test"
        async with self.db.transaction() as tx:
            if role == "employee":
                return await staff.add_employee(tx, actor=None, email=mail, password=PASSWORD, name=name)
            user = await accounts.create_user(tx, email=mail, name=name, role=role, password=PASSWORD)
            if role == "seeker":
                await seekers.create(tx, user.id, name=name, email=mail)
            return user.id

    async def seeker_with_resume(self, name: str = "Jane Roe") -> UUID:
        """A seeker whose resume has been read."""
        seeker = await self.add("seeker", name)
        async with self.db.transaction() as tx:
            kept = await seekers.store_upload(tx, self.objects, seeker, "jane.txt", RESUME.encode())
            found = {"contact": {"name": name}, "jobs": [{}], "education": [{}], "skills": ["Python", "SQL"]}
            await seekers.parsed(tx, self.objects, kept.id, text=RESUME, found=found)
        return seeker

    async def posting(self, title: str = "Senior Backend Engineer", company: str = "Northwind Payments") -> Posting:
        async with self.db.transaction() as tx:
            new = NewPosting(
                company=company, title=title, location="London", description_html=POSTING, external_id=title
            )
            return await postings.create_internal(tx, new)

    async def matched(self, seeker: UUID, posting: Posting) -> float:
        """Score the pair with the real embedder and keep the match."""
        async with self.db.transaction() as tx:
            resume = await seekers.latest_resume(tx, seeker)
            assert resume is not None
            told = await matching.rescore(
                tx, self.embedder, posting_id=posting.id, seeker_id=seeker, resume_text=resume.text
            )
            row = {"seeker_id": seeker, "posting_id": posting.id, "score": told.score, "decision": "review"}
            row |= {"components": msgspec.to_builtins(told.components), "resume_version_id": resume.id}
            row |= {"explanation": explained(told, []), "posting_version": posting.version}
            await match_store.upsert(tx, [row | {"seeker_version": 1, "model_version": "test"}])
            return told.score

    async def review(self, seeker: UUID, posting: Posting) -> Application:
        """A match that a person has to look at."""
        score = await self.matched(seeker, posting)
        async with self.db.transaction() as tx:
            resume = await seekers.latest_resume(tx, seeker)
            return await applications.request_review(
                tx,
                seeker_id=seeker,
                posting_id=posting.id,
                score=score,
                resume_version_id=resume.id if resume else None,
            )

    async def context(self, *, dark: bool = False, phone: bool = False) -> BrowserContext:
        """A browser of somebody's own; what the content policy refuses is collected in `violations`."""
        context = await self.browser.new_context(
            base_url=self.address,
            color_scheme="dark" if dark else "light",
            viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
        )
        self._contexts.append(context)
        context.set_default_timeout(15_000)
        context.on("console", lambda message: self._heard(message.text))
        context.on("weberror", lambda error: self.violations.append(str(error.error)))
        return context

    def _heard(self, text: str) -> None:
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.violations.append(text)

    async def sign_in(self, name: str, *, dark: bool = False, phone: bool = False, page: Page | None = None) -> Page:
        """The person's own face; the form is sent without its page."""
        page = page or await (await self.context(dark=dark, phone=phone)).new_page()
        form = {"email": f"{name.split()[0].lower()}@cabrank.test", "password": PASSWORD}
        answer = await page.request.post("/sign-in", form=form, max_redirects=0)
        assert answer.status == 303, await answer.text()
        await page.goto(answer.headers["location"])
        return page

    async def sign_in_by_hand(self, name: str, *, dark: bool = False, phone: bool = False) -> Page:
        page = await (await self.context(dark=dark, phone=phone)).new_page()
        await page.goto("/sign-in")
        await page.get_by_label("Mail address").fill(f"{name.split()[0].lower()}@cabrank.test")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(lambda url: "/sign-in" not in url)
        return page


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
