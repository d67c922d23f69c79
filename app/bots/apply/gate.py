"""Which requests of the browser may leave, when. Pure: the browser asks for each one and does what is said."""

import hashlib
from typing import Any, Literal
from urllib.parse import unquote_plus

import msgspec

from app.bots.apply.form import FormPage
from app.bots.apply.sites import Asked, Site

Phase = Literal["opening", "filling", "step", "sending", "over"]
Verdict = Literal["pass", "block", "stray", "arm"]


class Gate(msgspec.Struct, kw_only=True):
    """The state that decides.

    opening: nothing of the seeker is on the page yet. filling: the page saves drafts by itself, and may not submit.
    step: a button that leads to the next page was clicked. sending: the last button was clicked. over: nothing unsafe
    leaves any more. A rehearsal lets nothing out once filling has begun. `marks` are words that only the seeker's data
    contains.
    """

    site: Site
    rehearsal: bool
    marks: tuple[str, ...]
    phase: Phase = "opening"
    page: FormPage | None = None

    def decide(self, asked: Asked) -> Verdict:
        """What to do with this request; `stray` is a block that has to be told to a person."""
        if self.phase == "opening":
            return "pass"
        if self.rehearsal:
            return "pass" if asked.safe and asked.kind not in ("xhr", "fetch") and not self.carries(asked) else "block"
        if asked.safe:
            return self._safe(asked)
        return self._unsafe(asked)

    def _safe(self, asked: Asked) -> Verdict:
        """A form may submit by GET: a page address with the seeker's data in it counts as what it is."""
        if not asked.navigation or not self.carries(asked):
            return "pass"
        return {"sending": "arm", "step": "pass"}.get(self.phase, "stray")  # type: ignore[return-value]  # both words are verdicts

    def _unsafe(self, asked: Asked) -> Verdict:
        if asked.kind in ("ping", "csp_report"):
            return "pass"
        if self.phase == "sending":
            return "arm" if self.site.submits(asked, self.page) else "pass"
        if self.phase == "step":
            return "pass"
        return "stray" if asked.navigation or self.phase == "over" else "pass"

    def filled(self, values: tuple[str, ...]) -> None:
        """In a rehearsal what was typed is the seeker's too; a real walk goes to addresses with such words in them."""
        if self.rehearsal:
            self.marks += tuple(value for value in values if len(value) > 4)

    def carries(self, asked: Asked) -> bool:
        """Whether the address holds something of the seeker."""
        place = unquote_plus(asked.url).casefold()
        return any(mark and mark.casefold() in place for mark in self.marks)


def facts(asked: Asked) -> dict[str, Any]:
    """What is kept of the submitting request. The body is what the browser shows of it: an upload's bytes are not in
    it, the file's own digest is among the answers."""
    body = asked.body or b""
    digest = hashlib.sha256(body).hexdigest() if asked.body is not None else None
    return {"url": asked.url, "method": asked.method, "size": len(body), "sha256": digest}


def fingerprint(asked: Asked) -> str:
    """The same for two requests that ask for the same thing; a form's boundary, drawn anew each time, left out."""
    body = asked.body or b""
    boundary = body.partition(b"\r\n")[0]
    if boundary.startswith(b"--"):
        body = body.replace(boundary, b"")
    return f"{asked.method} {asked.url} {hashlib.sha256(body).hexdigest()}"
