"""Jane Roe, the demo's seeker: her profile, her answers, her resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from app.platform.db import Tx
from app.platform.objects import Objects
from app.seekers import service as seekers

PROFILE: dict[str, Any] = {
    "first_name": "Jane",
    "last_name": "Roe",
    "phone": "+44 20 7946 0018",
    "location": "London",
    "country": "GB",
    "headline": "Senior Python engineer, payments and data",
    "links": {
        "linkedin": "https://www.linkedin.com/in/jane-roe-example",
        "github": "https://github.com/jane-roe-example",
    },
    "authorized_to_work": "Yes",
    "needs_sponsorship": "No",
    "work_permission": "British citizen",
    "pay_expectation": "95000",
    "earliest_start": "2027-01-11",
}
ANSWERS: dict[str, Any] = {
    f"How many years of experience do you have with {subject}?": years
    for subject, years in {
        "Python": "8", "backend development": "8", "REST APIs": "8", "SQL": "8", "Linux operations": "6",
        "Kubernetes": "5", "data engineering": "3", "data analysis": "3", "leading engineers": "2", "TypeScript": "2",
    }.items()
} | {
    "What is your notice period?": "1 month",
    "How did you hear about this job?": "A job board",
    "Would you relocate for this role?": "No",
    "Which of these languages do you work in?": ["English"],
}  # fmt: skip
RESUMES = Path(__file__).parents[1] / "seekers" / "demo"


async def move_in(tx: Tx, objects: Objects, seeker_id: UUID) -> None:
    """Profile, answers and resume; matching starts by itself."""
    await seekers.update(tx, seeker_id, {"profile": PROFILE, "matching_active": True})
    for question, answer in ANSWERS.items():
        await seekers.set_answer(tx, seeker_id, question=question, answer=answer)
    resume = next(path for path in sorted(RESUMES.iterdir()) if path.suffix in {".pdf", ".docx", ".txt"})
    await seekers.store_upload(tx, objects, seeker_id, "jane-roe" + resume.suffix, resume.read_bytes())
