"""What a seeker is: plain values, stored as JSON, read by the bots. Empty means "not given" and is never guessed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from app.seekers.corrections import NOTHING, Corrections

Employment = Literal["full_time", "part_time", "contract", "internship", "temporary"]


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Who the seeker is. The legal, visa, pay and equality texts are sent word for word as the seeker wrote them."""

    name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    location: str = ""
    country: str = ""
    headline: str = ""
    current_company: str = ""
    links: dict[str, str] = {}  # linkedin, github, website, portfolio → address
    authorized_to_work: str = ""  # "Yes", "No" or the seeker's own words
    needs_sponsorship: str = ""
    work_permission: str = ""  # free text: citizenship, permit, until when
    pay_expectation: str = ""
    earliest_start: str = ""
    equality: dict[str, str] = {}  # gender, ethnicity, disability, veteran → the seeker's words


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What the seeker wants. The hard filters of matching; empty lists filter nothing."""

    titles: list[str] = []
    places: list[str] = []
    remote: Literal["any", "only", "never"] = "any"
    pay_floor: int | None = None  # a year, in pay_currency
    pay_currency: str = "USD"
    excluded_employers: list[str] = []
    employment_types: list[Employment] = []
    work_countries: list[str] = []  # where one may work, in English names; "European Union" is all of its countries
    needs_sponsor: bool = False  # elsewhere; postings that sponsor nobody are then left out


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The seeker's own limits, 0–100; None takes the setting (CABRANK_AUTO_APPLY_SCORE, CABRANK_REVIEW_FLOOR)."""

    auto: float | None = None
    floor: float | None = None


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What the seeker allowed."""

    llm: bool = False
    silence: bool = False
    veto_seconds: int = 0


# The columns of a seeker that hold a struct each.
PARTS: Final[dict[str, type[msgspec.Struct]]] = {
    "profile": Profile,
    "preferences": Preferences,
    "thresholds": Thresholds,
    "consent": Consent,
}


class Seeker(msgspec.Struct, frozen=True, kw_only=True):
    """A seeker as the rest of the house sees one."""

    user_id: UUID
    profile: Profile
    preferences: Preferences
    thresholds: Thresholds
    consent: Consent
    matching_active: bool
    version: int
    corrections: Corrections = NOTHING


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the answer bank. `source` is seeker, reviewer or resume; `answer` is text or a list of texts."""

    id: UUID
    seeker_id: UUID
    question: str
    question_key: str
    answer: Any
    source: str
    updated_at: datetime


class ResumeVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a resume. `state` failed keeps the file and says why in `error` {"code", "text"}."""

    id: UUID
    number: int
    seeker_id: UUID
    kind: str  # upload | review | tailored
    parent_id: UUID | None
    application_id: UUID | None
    filename: str
    media_type: str
    object_key: str
    pdf_key: str | None
    text: str
    parsed: dict[str, Any] | None
    content_hash: str
    state: str  # stored | parsed | failed
    error: dict[str, str] | None
    created_by: UUID | None
    created_at: datetime

    @property
    def document_key(self) -> str:
        """The object that bots upload: the PDF where there is one, else the file as it came."""
        return self.pdf_key or self.object_key
