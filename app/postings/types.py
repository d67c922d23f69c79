"""What the postings room hands out and takes in. Plain structs; no I/O, so that pure code may use them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

Kind = Literal["greenhouse", "lever", "ashby", "operator"]
State = Literal["open", "closed"]
Change = Literal["new", "edited", "closed", "linked", "unchanged"]


class RawPosting(msgspec.Struct, frozen=True, kw_only=True):
    """One vacancy as one source tells it, read and cleaned.

    `description_html` is safe to show, `description_text` is the same as plain text; `places` are all its locations,
    `location` the one the source puts first. `note` says what was left out (a cut description).
    """

    external_id: str
    company: str
    title: str
    location: str = ""
    places: list[str] = []
    remote: bool | None = None
    description_html: str = ""
    description_text: str = ""
    note: str | None = None
    url: str | None = None
    apply_url: str | None = None
    pay: str | None = None
    employment_type: str | None = None
    updated: str | None = None
    region: str | None = None
    category: str | None = None


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a source that can't be a posting: `reason` for a person, `excerpt` of what came (at most 2 kB)."""

    external_id: str
    reason: str
    excerpt: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a list: its id and the hash of all the source said, with what was read from it."""

    external_id: str
    content_hash: str
    outcome: RawPosting | Rejected


class NewPosting(msgspec.Struct, kw_only=True, rename={"origin": "source"}):
    """A posting filed by an operator (contracts: `POST /api/postings/`). Without `apply_url` it is internal."""

    origin: str = ""
    external_id: str = ""
    company: str = ""
    title: str = ""
    location: str = ""
    description_html: str = ""
    apply_url: str | None = None
    region: str | None = None
    category: str | None = None


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """A vacancy. `portal` is the kind of form behind `apply_url` (`internal` without one); `version` counts every
    change of content or state; `identity_key` names the vacancy for good and is unique."""

    id: UUID
    number: int
    company: str
    title: str
    location: str
    places: list[str]
    remote: bool | None
    description_html: str
    description_text: str
    note: str | None
    apply_url: str | None
    portal: str
    pay: str | None
    employment_type: str | None
    region: str | None
    category: str | None
    identity_key: str
    block_key: str
    text_hash: str
    content_hash: str
    version: int
    state: State
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Where a posting was seen; `gone_at` since when it is no longer listed there."""

    id: UUID
    posting_id: UUID
    source_id: UUID | None
    external_id: str
    url: str | None
    apply_url: str | None
    title: str
    location: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A board that is watched. `last_error` says what was wrong with the last fetch and what to do about it."""

    id: UUID
    kind: Kind
    token: str
    base_url: str
    name: str
    interval_seconds: int
    enabled: bool
    next_at: datetime
    last_run_at: datetime | None
    last_ok_at: datetime | None
    last_error: str | None
    last_note: str | None
    last_count: int
    failures: int


class RawRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stored word of a source; `payload` is a RawPosting as plain data, or a Rejected when `error` is set."""

    id: UUID
    source_id: UUID
    external_id: str
    payload: dict[str, Any]
    content_hash: str
    accepted_at: datetime | None
    gone_at: datetime | None
    posting_id: UUID | None
    error: str | None
    kind: Kind


class Accepted(msgspec.Struct, frozen=True):
    """What became of a raw posting: the posting, and what changed."""

    posting_id: UUID
    number: int
    change: Change


class Recorded(msgspec.Struct, frozen=True):
    """Counts of one fetch: entries of the list, those new or changed, those that can't be used (of all listed), links
    that are gone since the last one."""

    listed: int = 0
    changed: int = 0
    rejected: int = 0
    gone: int = 0
