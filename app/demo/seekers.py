"""The demo's seekers: profile, answer bank and resume. Their resumes lie with the seekers' room."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from app.platform.db import Tx
from app.platform.objects import Objects
from app.seekers import service

_RESUMES = Path(service.__file__).parent / "demo"


class Demo(msgspec.Struct, frozen=True):
    """One seeker. `years`: subject → years, asked by every form of the practice board."""

    resume: str
    profile: dict[str, Any]
    years: dict[str, str]
    answers: dict[str, Any]


_LEGAL = {"country": "GB", "authorized_to_work": "Yes", "needs_sponsorship": "No", "work_permission": "British citizen"}
JANE = Demo(
    resume="jane_roe.txt",
    profile=_LEGAL
    | {
        "first_name": "Jane",
        "last_name": "Roe",
        "phone": "+44 20 7946 0018",
        "location": "London",
        "headline": "Senior Python Backend Engineer, Payments",
        "current_company": "Fernbank Pay",
        "links": {
            "linkedin": "https://www.linkedin.com/in/jane-roe-example",
            "github": "https://github.com/jane-roe-example",
        },
        "pay_expectation": "95000",
        "earliest_start": "2027-01-11",
    },
    years={"Python": "8", "backend development": "8", "REST APIs": "8", "SQL": "8", "Kubernetes": "6"},
    answers={
        "What is your notice period?": "1 month",
        "How did you hear about this job?": "A job board",
        "Would you relocate for this role?": "No",
    },
)
MARIA = Demo(
    resume="maria_lind.txt",
    profile=_LEGAL
    | {
        "first_name": "Maria",
        "last_name": "Lind",
        "phone": "+44 113 496 0123",
        "location": "Leeds",
        "headline": "Intensive Care Nurse",
        "current_company": "Moor Edge Hospital",
        "earliest_start": "2027-02-01",
    },
    years={"intensive care": "5"},
    answers={"What is your notice period?": "2 months", "Which shifts can you work?": ["Early", "Late", "Night"]},
)
DEMOS = {"jane": JANE, "maria": MARIA}


def years_question(subject: str) -> str:
    """The question that every form of the practice board asks."""
    return f"How many years of experience do you have with {subject}?"


async def move_in(tx: Tx, objects: Objects, seeker_id: UUID, demo: Demo) -> None:
    """Profile, answers and resume; matching starts by itself."""
    await service.update(tx, seeker_id, {"profile": demo.profile, "matching_active": True})
    for question, answer in (demo.answers | {years_question(name): n for name, n in demo.years.items()}).items():
        await service.set_answer(tx, seeker_id, question=question, answer=answer)
    await service.store_upload(tx, objects, seeker_id, demo.resume, (_RESUMES / demo.resume).read_bytes())
