"""The way in as steps: which are done, which is next, and what each is called."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec

from app.platform.db import Tx
from app.seekers import service as seekers
from app.seekers import way_in
from app.seekers.way_in import STEPS, Step, WayIn
from app.words import gettext as _
from app.words import later

# What the step is called, and why it is there.
WORDS: Final[dict[Step, tuple[str, str]]] = {
    "resume": (
        later("Your resume"),
        later("Everything starts from it: we read it and score it against every open posting."),
    ),
    "check": (
        later("What we read"),
        later("Put right what we got wrong. It counts for your score and for what forms ask."),
    ),
    "wants": (later("What you want"), later("What doesn't fit is left out. What you leave empty leaves nothing out.")),
    "forms": (
        later("What forms ask"),
        later("Nearly every employer asks these. They are sent word for word and never guessed."),
    ),
    "consent": (later("What goes out, and to whom"), later("Nothing is sent anywhere before you have said so here.")),
}


class Mark(msgspec.Struct, frozen=True):
    """A step as the list of steps draws it. `state`: done, later, open."""

    name: Step
    words: str
    why: str
    state: str


class Way(msgspec.Struct, frozen=True):
    """All steps, and the first that is open. `parsed`: a resume has been read."""

    marks: list[Mark]
    next: Step
    parsed: bool

    @property
    def done(self) -> int:
        return sum(mark.state == "done" for mark in self.marks)

    @property
    def mark(self) -> Mark:
        return next(mark for mark in self.marks if mark.name == self.next)


def steps(found: WayIn | None, *, parsed: bool) -> Way:
    """What is known of the seeker decides about the resume, what they said about the rest. Pure."""
    told = dict(found.steps) if found else {}
    told["resume"] = "done" if parsed else "later" if told.get("resume") == "later" else "open"
    marks = [Mark(name, _(WORDS[name][0]), _(WORDS[name][1]), told.get(name, "open")) for name in STEPS]
    following = next((mark.name for mark in marks if mark.state == "open"), None)
    put_off = next((mark.name for mark in reversed(marks) if mark.state == "later"), STEPS[-1])
    return Way(marks, following or put_off, parsed)


def after(step: Step) -> Step | None:
    """The step that follows, whether it is done or not."""
    place = STEPS.index(step) + 1
    return STEPS[place] if place < len(STEPS) else None


async def load(tx: Tx, seeker_id: UUID) -> Way:
    parsed = await seekers.latest_resume(tx, seeker_id) is not None
    return steps(await way_in.load(tx, seeker_id), parsed=parsed)


async def way(tx: Tx, seeker_id: UUID) -> Way | None:
    """What is left of the way in; None for who is through, or was here before there was one."""
    found = await way_in.load(tx, seeker_id)
    parsed = await seekers.latest_resume(tx, seeker_id) is not None
    through = parsed and (found is None or found.over)
    return None if through else steps(found, parsed=parsed)
