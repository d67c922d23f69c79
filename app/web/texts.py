"""How long a text may be that somebody sends us; what is longer is refused by its field's name."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from app.errors import FieldError, Invalid
from app.seekers.render import MAX_CHARS
from app.words import gettext as _

Line = Annotated[str, Meta(max_length=500)]
Words = Annotated[str, Meta(max_length=4000)]
ResumeText = Annotated[str, Meta(max_length=MAX_CHARS)]
# An answer in the seeker's own words, or several of a form's options.
Given = Words | Annotated[list[Line], Meta(max_length=100)]


def said(answer: Given, path: str = "answer") -> Given:
    """The answer, if there are words in it. Raises Invalid."""
    if not "".join(answer).strip():
        raise Invalid(errors=[FieldError(path, _("Write an answer."))])
    return answer
