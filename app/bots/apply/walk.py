"""The way through a form: open, fill page by page, read back, send, wait for the confirmation.

Ends in one of the outcomes below. Raises BrowserGone only while nothing is armed; after arming every failure is
`Unknown`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import msgspec

from app.applications.fitting import BEYOND_WORDS
from app.bots.apply import form
from app.bots.apply.browser import BrowserGone, Session
from app.bots.apply.form import Field, FormPage
from app.bots.apply.plan import Facts, Fill, Missing, plan
from app.bots.apply.sites import Look, since

MAX_PAGES: Final = 12
FORM_SECONDS: Final = 12.0
STEP_SECONDS: Final = 30.0
QUIET_SECONDS: Final = 20.0
CONFIRM_SECONDS: Final = 200.0
LOOK_SECONDS: Final = 0.1
ALREADY_SENT: Final = "a step of the form"  # a step that turned out to be the sending
Answers = list[dict[str, Any]]
Report = Callable[[int, str], Awaitable[None]]


class Confirmed(msgspec.Struct, frozen=True):
    """The site said that it has it."""

    confirmation: str | None
    look: Look
    status: int | None


class Unknown(msgspec.Struct, frozen=True):
    """It was sent, or nearly, and no confirmation was seen."""

    why: str
    look: Look | None
    status: int | None


class Refused(msgspec.Struct, frozen=True):
    """A site that we know answered that it took nothing, and why."""

    missing: tuple[Missing, ...]
    problems: tuple[str, ...]
    status: int


class Questions(msgspec.Struct, frozen=True):
    """Required questions without an answer; nothing was sent."""

    missing: tuple[Missing, ...]
    page: int
    url: str


class Handover(msgspec.Struct, frozen=True):
    """A person has to do it; nothing was sent. `what` names the kind of obstacle."""

    what: str
    why: str
    url: str


class Rehearsed(msgspec.Struct, frozen=True):
    """Filled and read back; nothing left."""

    url: str
    more_pages: bool


Outcome = Confirmed | Unknown | Refused | Questions | Handover | Rehearsed


class Walk:
    """One attempt. `answers` holds what was filled and read back so far, exactly."""

    def __init__(self, session: Session, facts: Facts, resume: bytes | None, report: Report) -> None:
        self._session = session
        self._facts = facts
        self._resume = resume
        self._report = report
        self._before = Look("", "", "", "", form=True)
        self.answers: Answers = []

    async def through(self, url: str) -> Outcome:
        """Walk the whole form that begins at `url`."""
        page = await self._open(url)
        for number in range(1, MAX_PAGES + 1):
            if isinstance(page, Handover):
                return page
            outcome = await self._one(page, number)
            if not isinstance(outcome, FormPage):
                return outcome
            page = outcome
        return Handover("endless", f"The form has more than {MAX_PAGES} pages.", url)

    async def _open(self, url: str) -> FormPage | Handover:
        await self._report(5, "Opening the form")
        for _ in range(3):
            status = await self._session.open(url)
            if status is not None and status >= 500:
                raise BrowserGone(f"the site answered {status}")
            if status is not None and status >= 400:
                return Handover("gone", f"The page answers {status}: the posting may be closed.", url)
            page = await self._form()
            if page.obstacles or form.is_application(page) or not page.links:
                break
            url = page.links[0]
        stopped = self._stopped(page, 1)
        if stopped is not None:
            return stopped
        if not form.is_application(page):
            return Handover("no_form", "There is no application form on this page.", page.url)
        return page

    def _stopped(self, page: FormPage, number: int) -> Handover | None:
        """What a bot leaves alone: then the answers are planned for a person to copy. A rehearsal, which doesn't send,
        fills in a form with a captcha all the same."""
        found = [what for what in page.obstacles if not (what == "captcha" and self._session.gate.rehearsal)]
        if not found:
            return None
        self._keep(plan(page, self._facts).fills, number)
        return Handover(found[0], _OBSTACLES[found[0]], page.url)

    def _keep(self, fills: Iterable[Fill], number: int) -> None:
        self.answers += [_answer(fill, number, self._facts) for fill in fills]

    async def _form(self) -> FormPage:
        """The page's form, given the time that scripts need to draw it."""
        async with asyncio.timeout(FORM_SECONDS) as limit:
            page = await self._session.read()
            try:
                while not page.fields and not page.obstacles and not page.links:
                    await asyncio.sleep(LOOK_SECONDS)
                    page = await self._session.read()
            except asyncio.CancelledError:
                if not limit.expired():
                    raise
        return page

    async def _one(self, page: FormPage, number: int) -> Outcome | FormPage:
        """Fill one page and take it on; the next page, or how it ended."""
        of = f" of {page.steps[1]}" if page.steps else ""
        await self._report(_percent(page, number), f"Filling page {number}{of}, reading back…")
        self._session.gate.phase = "filling"
        filled = await self._fill(page, number)
        if not isinstance(filled, FormPage):
            return filled
        if self._session.strayed:
            return Handover("strayed", "The page tried to send before it was finished.", page.url)
        button = form.forward(filled)
        if button is None:
            return Handover("no_button", "The form has no button that sends it.", page.url)
        if self._session.gate.rehearsal:
            return Rehearsed(page.url, more_pages=form.is_step(filled, button))
        if self._session.over_socket:
            return Handover("socket", _OBSTACLES["socket"], page.url)
        if form.is_step(filled, button):
            return await self._step(filled, button, number)
        return await self._send(filled, button, number)

    async def _fill(self, page: FormPage, number: int) -> FormPage | Questions | Handover:
        """Answer what the page asks, and again what it asks because of an answer; then compare."""
        done: list[Fill] = []
        for _ in range(4):
            stopped = self._stopped(page, number)
            if stopped is not None:
                return stopped
            todo = plan(page, self._facts)
            if todo.missing:
                if any(one.field.kind in BEYOND_WORDS for one in todo.missing):
                    self._keep(todo.fills, number)  # a person sends it, and copies these
                return Questions(todo.missing, number, page.url)
            fresh = [fill for fill in todo.fills if not _answered(fill.field, done)]
            if not fresh:
                break
            for fill in fresh:
                await self._put(fill)
            done += fresh
            page = await self._session.read()
        wrong = [fill for fill in done if not stands(fill, page)]
        if wrong:
            names = ", ".join(f"“{fill.field.label}”" for fill in wrong)
            return Handover("not_kept", f"The page doesn't keep what was filled into {names}.", page.url)
        self._keep(done, number)
        return page

    async def _put(self, fill: Fill) -> None:
        self._session.gate.filled(fill.values)
        if fill.field.kind == "file" and self._facts.resume is not None and self._resume is not None:
            await self._session.attach(fill.field, self._facts.resume.filename, self._resume)
        else:
            await self._session.fill(fill.field, fill.values)

    async def _step(self, page: FormPage, button: form.Button, number: int) -> Outcome | FormPage:
        """To the next page; a page that comes back with messages has refused an answer."""
        self._before = await self._session.look()
        self._session.gate.phase = "step"
        await self._session.click(button)
        try:
            async with asyncio.timeout(STEP_SECONDS):
                while True:
                    await asyncio.sleep(LOOK_SECONDS)
                    now = await self._session.read()
                    if now.fields and (now.steps != page.steps or _names(now) != _names(page)):
                        return now
                    if now.problems and now.problems != page.problems:
                        return _refused_answers(now, number)
                    if not now.fields and (taken := await self._taken()):
                        return taken
        except TimeoutError:
            return Handover("stuck", f"Page {number} doesn't go on.", page.url)

    async def _taken(self) -> Confirmed | None:
        """A step that was the sending after all: noted when it is seen, so that nobody sends it again."""
        look = await self._session.look()
        number = self._session.gate.site.confirmation(since(look, self._before))
        if number is None:
            return None
        await self._session.arm({"url": look.url, "method": ALREADY_SENT, "size": 0, "sha256": None})
        return Confirmed(number or None, look, self._session.last_status)

    async def _send(self, page: FormPage, button: form.Button, number: int) -> Outcome:
        await self._report(75, "Sending")
        gate = self._session.gate
        self._before = await self._session.look()
        gate.page, gate.phase = page, "sending"
        try:
            await self._session.click(button)
        except BrowserGone:  # the page may be gone because it was sent
            if not self._session.begun.is_set():
                raise
        if not await self._left():
            gate.phase = "over"
            now = await self._session.read()
            if now.problems or any(field.invalid for field in now.fields):
                return _refused_answers(now, number)
            return Handover("not_sent", "The last button was pressed and nothing was sent.", page.url)
        return await self._after(page)

    async def _left(self) -> bool:
        """Whether a submitting request was met; raises what kept it from being armed."""
        session = self._session
        try:
            await asyncio.wait_for(session.begun.wait(), QUIET_SECONDS)
        except TimeoutError:
            if not session.begun.is_set():
                return False
        await session.settled.wait()
        if session.refusal is not None:
            raise session.refusal
        return session.armed is not None

    async def _after(self, page: FormPage) -> Outcome:
        """Armed: from here on only evidence counts, and time is given generously."""
        await self._report(85, "Waiting for the confirmation")
        look: Look | None = None
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                while True:
                    look = await self._session.look()
                    outcome = await self._judge(look)
                    if outcome is not None:
                        return outcome
                    await asyncio.sleep(LOOK_SECONDS)
        except BrowserGone as why:
            return Unknown(f"The browser was lost after sending: {why}.", look, self._session.status)
        except TimeoutError:
            why_not = f"No confirmation was seen within {CONFIRM_SECONDS:.0f} seconds."
            return Unknown(why_not, look, self._session.status)

    async def _judge(self, look: Look) -> Outcome | None:
        session = self._session
        if not session.answered.is_set():
            return None
        status = session.status
        if status is None:
            return Unknown("The connection was lost after sending.", look, None)
        if status >= 400:
            return await self._judge_error(look, status)
        if session.last_status is not None and session.last_status >= 500:
            return Unknown(f"After sending, the site answered {session.last_status}.", look, session.last_status)
        number = session.gate.site.confirmation(since(look, self._before))
        return None if number is None else Confirmed(number or None, look, status)

    async def _judge_error(self, look: Look, status: int) -> Outcome:
        page = await self._session.read()
        if self._session.gate.site.refused(status, page):
            wrong = tuple(Missing(field, "; ".join(page.problems)) for field in page.fields if field.invalid)
            return Refused(wrong, page.problems, status)
        return Unknown(f"The site answered {status} to the application.", look, status)


_OBSTACLES: Final = {
    "captcha": "The form asks to prove that a person fills it in.",
    "login": "The form asks for a sign-in.",
    "frame": "The form is inside a frame of another site.",
    "socket": "The form talks over a socket: what it sends there can't be stopped to note it down first.",
}


def _percent(page: FormPage, number: int) -> int:
    """Between 10 and 70, by the pages that there are or may be."""
    total = page.steps[1] if page.steps else number + 1
    return 10 + min(60, 60 * (number - 1) // max(total, 1))


def _names(page: FormPage) -> list[tuple[str, str]]:
    return [(field.name, field.kind) for field in page.fields]


def _answered(field: Field, done: list[Fill]) -> bool:
    return any(form.same_field(field, fill.field) for fill in done)


def _refused_answers(page: FormPage, number: int) -> Questions | Handover:
    """The form says what is wrong: ask about those fields, or hand the page over where it names none."""
    wrong = tuple(Missing(field, "; ".join(page.problems)) for field in page.fields if field.invalid)
    if wrong:
        return Questions(wrong, number, page.url)
    return Handover("refused", "The form doesn't take the answers: " + "; ".join(page.problems), page.url)


def stands(fill: Fill, page: FormPage) -> bool:
    """Whether the page now holds what was put in. A field that has gone away holds nothing."""
    return any(
        form.same_field(field, fill.field) and _same(fill.field, fill.values, field.current) for field in page.fields
    )


def _same(field: Field, wanted: tuple[str, ...], found: tuple[str, ...]) -> bool:
    if field.kind in ("checkbox", "checkboxes"):
        return set(wanted) == set(found)
    if field.kind == "tel":  # widgets put spaces and brackets in
        return [_digits(text) for text in wanted] == [_digits(text) for text in found]
    if field.kind == "combobox":
        return len(found) == 1 and found[0].casefold() == wanted[0].casefold()
    return [text.replace("\r\n", "\n") for text in wanted] == [text.replace("\r\n", "\n") for text in found]


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _answer(fill: Fill, number: int, facts: Facts) -> dict[str, Any]:
    """One answer as it is kept: exactly what went into the form, and where it came from."""
    kept: dict[str, Any] = {
        "page": number,
        "name": fill.field.name,
        "label": fill.field.label,
        "kind": fill.field.kind,
        "value": fill.shown,
        "source": fill.source,
    }
    if fill.field.kind == "file" and facts.resume is not None:
        kept |= {"size": facts.resume.size, "sha256": facts.resume.sha256}
    return kept
