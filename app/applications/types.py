"""What applications look like to everybody else."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.errors import AppError, Conflict
from app.words import later


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """One seeker's attempt at one posting, with what a card needs of the posting.

    `score` is 0-100, `progress` 0-100. `attention` is None or {"kind", "title", "payload"}: why a person is needed.
    `given_answers` are those that a reviewer or the seeker gave for this application alone.
    """

    id: UUID
    number: int
    seeker_id: UUID
    posting_id: UUID
    posting_number: int
    company: str
    title: str
    apply_url: str | None
    portal: str | None
    vacancy_key: str
    status: str
    mode: str
    resume_version_id: UUID | None
    score: float | None
    progress: int
    phase: str
    attention: dict[str, Any] | None
    given_answers: list[dict[str, Any]]
    confirmation: str | None
    applied_at: datetime | None
    auto_customize: bool
    notes: str
    version: int
    created_at: datetime
    updated_at: datetime


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change of an application: when, from what to what, and who says so."""

    id: UUID
    at: datetime
    from_status: str | None
    to_status: str
    source: str
    actor_id: UUID | None
    note: str
    data: dict[str, Any]


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """The record that a bot is about to submit, or did. States: see intents.py.

    `answers` is what was filled in: [{"page","name","label","value","source"}]; `request` the facts of the one
    request: {"url","method","sha256","size"}; `response` the last answer seen: {"url","status","text"}.
    """

    id: UUID
    seeker_id: UUID
    vacancy_key: str
    application_id: UUID
    state: str
    task_id: UUID | None
    epoch: int
    link_key: str | None
    title_key: str
    request: dict[str, Any] | None
    answers: list[dict[str, Any]]
    response: dict[str, Any] | None
    screenshot_key: str | None
    confirmation: str | None
    decided_by: UUID | None
    prepared_at: datetime
    armed_at: datetime | None
    ended_at: datetime | None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes an intent: the task and the epoch of its lease. A later epoch fences the earlier one out."""

    task_id: UUID
    epoch: int


class NotAllowed(Conflict):
    """The table of transitions has no such move."""

    kind = "status-not-allowed"
    title = later("This application can't go there from where it is")


class IntentHeld(Conflict):
    """Another intent already stands for this seeker and vacancy; `state` and `intent` are in `extra`."""

    kind = "intent-held"
    title = later("An application for this vacancy already exists")


class Fenced(AppError):
    """This run has lost its right to write: a later run, a person or a withdrawal was first."""

    kind = "fenced"
    title = later("Another run has taken this over")
