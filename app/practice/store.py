"""What the board keeps on disk: drafts, arrivals, submissions. Written so that kill -9 loses nothing it confirmed."""

import hashlib
import os
import re
import secrets
import shutil
import threading
from pathlib import Path
from typing import IO, Any

import msgspec

FIRST_NUMBER = 20_400
DRAFT_SECONDS = 7 * 86_400


class Upload(msgspec.Struct):
    """A received file; `filename` is the sender's word and never becomes a path."""

    field: str
    filename: str
    media_type: str
    data: bytes


class Draft(msgspec.Struct):
    """The first page's answers, and what the second page saved by itself."""

    token: str
    path: str
    fields: dict[str, list[str]]
    created_at: str
    saved: dict[str, str] = {}
    beacons: int = 0


class Arrival(msgspec.Struct):
    """One submitting request that came with body bytes, whatever became of it.

    `outcome`: received (still being worked on, or the process died), submitted, invalid, failed, dropped,
    incomplete, refused (no such draft).
    """

    arrival: int
    at: str
    posting: str
    draft: str
    bytes: int
    sha256: str
    reused: bool
    outcome: str = "received"
    number: str | None = None


class KeptFile(msgspec.Struct):
    field: str
    filename: str
    media_type: str
    stored: str
    bytes: int
    sha256: str


class Submission(msgspec.Struct):
    """One application that the board took; `number` is what the confirmation page says."""

    n: int
    number: str
    ats: str
    token: str
    posting: str
    title: str | None
    email: str
    draft: str
    arrived_at: str
    fields: dict[str, list[str]]
    answers: list[dict[str, str]]
    files: list[KeptFile]
    request_bytes: int
    request_sha256: str
    user_agent: str


class Store:
    """Folder `practice`: `drafts/`, `arrivals.jsonl`, `submissions/<n>/`. Methods block; call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._submissions, self._drafts = folder / "submissions", folder / "drafts"
        self._lock = threading.Lock()
        for path in (self._submissions, self._drafts):
            path.mkdir(parents=True, exist_ok=True)
        for left in self._submissions.glob(".incoming-*"):
            shutil.rmtree(left)
        self._arrivals = _read_arrivals(folder / "arrivals.jsonl")
        self._kept = _read_submissions(self._submissions)

    def new_draft(self, path: str, fields: dict[str, list[str]], at: str) -> Draft:
        draft = Draft(secrets.token_urlsafe(12), path, fields, at)
        self.save_draft(draft)
        return draft

    def save_draft(self, draft: Draft) -> None:
        _replace(self._drafts / f"{draft.token}.json", msgspec.json.encode(draft))

    def draft(self, token: str) -> Draft | None:
        if not re.fullmatch(r"[\w-]{16}", token, re.ASCII):
            return None
        try:
            return msgspec.json.decode((self._drafts / f"{token}.json").read_bytes(), type=Draft)
        except FileNotFoundError:
            return None

    def save_answer(self, draft: Draft, name: str, value: str) -> None:
        """One answer that the page saved by itself; several may come at once, so the draft is read again."""
        with self._lock:
            now = self.draft(draft.token) or draft
            now.saved[name] = value
            now.beacons += 1
            self.save_draft(now)

    def forget_drafts(self, before: float) -> None:
        """Drop drafts last written before this Unix time."""
        for path in self._drafts.glob("*.json"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    def arrived(self, *, at: str, posting: str, draft: str, body: bytes, reused: bool, outcome: str) -> Arrival:
        """On disk before it returns, so that a dropped or crashed request still counts."""
        with self._lock:
            arrival = Arrival(
                len(self._arrivals) + 1,
                at,
                posting,
                draft,
                len(body),
                hashlib.sha256(body).hexdigest(),
                reused,
                outcome,
            )
            self._log(arrival)
            self._arrivals[arrival.arrival] = arrival
        return arrival

    def settle(self, arrival: Arrival, outcome: str, number: str | None = None) -> None:
        arrival.outcome, arrival.number = outcome, number
        with self._lock:
            self._log(arrival)

    def keep(self, submission: Submission, prefix: str, uploads: list[Upload]) -> Submission:
        """Give it the next number and file it; it is on disk, whole, before this returns."""
        with self._lock:
            n = self._kept[-1].n + 1 if self._kept else 1
            submission.n, submission.number = n, f"{prefix}-{FIRST_NUMBER + n}"
            incoming = self._submissions / f".incoming-{n}"
            incoming.mkdir()
            submission.files = [_keep_file(incoming, place, upload) for place, upload in enumerate(uploads, 1)]
            _write(incoming / "submission.json", msgspec.json.format(msgspec.json.encode(submission)))
            _sync_folder(incoming)
            incoming.rename(self._submissions / str(n))
            _sync_folder(self._submissions)
            self._kept.append(submission)
        return submission

    def submissions(self) -> list[Submission]:
        """All, oldest first."""
        return list(self._kept)

    def arrivals(self) -> list[Arrival]:
        return list(self._arrivals.values())

    def _log(self, arrival: Arrival) -> None:
        with (self.folder / "arrivals.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(arrival) + b"\n")
            _flush(file)


def _read_submissions(folder: Path) -> list[Submission]:
    """Oldest first. A folder with a number is whole: it got its name last."""
    numbered = sorted((p for p in folder.iterdir() if p.name.isdigit()), key=lambda p: int(p.name))
    return [msgspec.json.decode((p / "submission.json").read_bytes(), type=Submission) for p in numbered]


def _read_arrivals(path: Path) -> dict[int, Arrival]:
    """The last line of an arrival counts. A torn last line is what kill -9 left: it was never answered."""
    found: dict[int, Arrival] = {}
    raw = path.read_bytes() if path.exists() else b""
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):
        _replace(path, whole)
    for line in whole.splitlines():
        arrival = msgspec.json.decode(line, type=Arrival)
        found[arrival.arrival] = arrival
    return found


def _keep_file(folder: Path, place: int, upload: Upload) -> KeptFile:
    stored = f"file-{place}"
    _write(folder / stored, upload.data)
    digest = hashlib.sha256(upload.data).hexdigest()
    return KeptFile(upload.field, upload.filename, upload.media_type, stored, len(upload.data), digest)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        _flush(file)


def _replace(path: Path, data: bytes) -> None:
    incoming = path.with_suffix(f".{secrets.token_hex(4)}.new")
    _write(incoming, data)
    incoming.replace(path)
    _sync_folder(path.parent)


def _flush(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    """A rename is only safe once the folder that holds the name is."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
