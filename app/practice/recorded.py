"""Recorded answers of real boards, served as they are under the file's stem (and the board's own token)."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from app.practice.model import ATS_NAMES
from app.practice.shapes import Json


class Recording(msgspec.Struct, frozen=True):
    """One recorded answer: `raw` is the file, `jobs` its postings; a lone posting's detail has `jobs` of one."""

    raw: bytes
    jobs: list[Json]
    is_list: bool


Recordings = dict[tuple[str, str], Recording]


def load(folder: Path) -> Recordings:
    """Boards by (ats, token). What holds no posting, such as a list of question wordings, is passed over."""
    found: Recordings = {}
    for ats in ATS_NAMES:
        for path in sorted((folder / ats).glob("*.json")):
            recording = _recording(ats, path.read_bytes())
            if recording:
                found[ats, path.stem] = recording
                for token in _tokens(ats, recording):
                    found.setdefault((ats, token), recording)
    return found


def _recording(ats: str, raw: bytes) -> Recording | None:
    data = msgspec.json.decode(raw)
    if ats == "lever":
        jobs = data if isinstance(data, list) else []
        return Recording(raw, jobs, True) if jobs and "hostedUrl" in jobs[0] else None
    if not isinstance(data, dict):
        return None
    if "jobs" in data:
        return Recording(raw, data["jobs"], True)
    return Recording(raw, [data], False) if "questions" in data else None


def _tokens(ats: str, recording: Recording) -> set[str]:
    """The board's token as its URLs carry it; only where every posting agrees, so that none is served twice."""
    key = {"greenhouse": "absolute_url", "lever": "hostedUrl", "ashby": "jobUrl"}[ats]
    tokens = {urlsplit(job[key]).path.strip("/").split("/")[0] for job in recording.jobs}
    return tokens if len(tokens) == 1 and recording.is_list else set()
