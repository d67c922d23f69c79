"""What was read of a resume, corrected through the API and the page, for its owner alone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import text

from app.accounts import sessions
from app.platform.db import Database
from app.platform.objects import Objects
from app.seekers import service as seekers
from app.seekers.types import Seeker
from tests.web.conftest import MakeUser, client_of

PATH = "/api/seekers/me/resume-facts"
FOUND: dict[str, Any] = {
    "contact": {
        "name": "Jane Rowe",
        "phone": "+44 1",
        "links": ["github.com/jane"],
        "confidence": {"name": 0.4, "phone": 0.9},
    },
    "summary": "A nurse.",
    "jobs": [
        {
            "title": "Staff Nurse",
            "employer": "St Mary's",
            "start": "2016",
            "end": "present",
            "confidence": {"end": 0.6},
        },
        {"title": "Carer", "employer": "Elm House", "start": "2012", "end": "2015"},
    ],
    "education": [{"institution": "University of Leeds", "degree": "BSc", "end": "2012"}],
    "skills": ["BLS", "Wound care", "Welsh"],
    "languages": [{"name": "Welsh", "level": "fluent"}],
    "years": 12.0,
}
Read = Callable[..., Awaitable[UUID]]


class Jane:
    """A seeker, her client, and her row."""

    def __init__(self, db: Database, objects: Objects, client: httpx.AsyncClient, user_id: UUID) -> None:
        self.db, self.objects, self.client, self.user_id = db, objects, client, user_id

    async def upload(self, found: dict[str, Any] | None = FOUND, code: str = "") -> UUID:
        """A resume that was read so, or couldn't be read."""
        async with self.db.transaction() as tx:
            kept = await seekers.store_upload(tx, self.objects, self.user_id, "jane.txt", b"Jane\nNurse")
            if found is not None:
                await seekers.parsed(tx, self.objects, kept.id, text="Jane\nNurse", found=found)
            elif code:
                await seekers.failed(tx, kept.id, code=code, text="There are only pictures in it.")
            await tx.conn.execute(text("DELETE FROM task"))
        return kept.id

    async def row(self) -> Seeker:
        async with self.db.transaction() as tx:
            return await seekers.get(tx, self.user_id)

    async def tasks(self) -> list[str]:
        async with self.db.transaction() as tx:
            return list((await tx.conn.execute(text("SELECT kind FROM task"))).scalars())

    async def facts(self) -> dict[str, Any]:
        return dict((await self.client.get(PATH)).json())

    async def put(self, shown: dict[str, Any], **facts: Any) -> httpx.Response:
        """Save what was shown, with these parts changed."""
        body = {"resume": shown["resume"], "revision": shown["revision"], "facts": shown["facts"] | facts}
        return await self.client.put(PATH, json=body)

    async def form(self) -> dict[str, str]:
        """The page's form as a browser would send it."""
        page = (await self.client.get("/portal/facts", headers={"accept": "text/html"})).text
        found: dict[str, str] = {}
        for tag in re.findall(r"<input [^>]*>", page[page.index('id="facts"') :]):
            given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            if "name" in given and (given.get("type") != "checkbox" or " checked" in tag):
                found[given["name"]] = given.get("value", "").replace("&#39;", "'")
        for name, value in re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>([^<]*)<', page):
            found[name] = value
        return found


@pytest_asyncio.fixture
async def jane(running: Litestar, db: Database, objects: Objects, make_user: MakeUser) -> Any:
    user = await make_user("seeker", "jane@cabrank.test")
    async with db.transaction() as tx:
        await seekers.create(tx, user.id)
        token = await sessions.open_session(tx, user.id, "bearer")
    async with client_of(running, token) as client:
        yield Jane(db, objects, client, user.id)


async def test_nothing_read_yet_is_said(jane: Jane) -> None:
    assert await jane.facts() == {
        "resume": None, "revision": 0, "corrected": False, "facts": None, "read": None, "check": []
    }  # fmt: skip
    assert "Nothing read yet" in (await jane.client.get("/portal/facts")).text
    await jane.upload(None, code="scanned")
    page = (await jane.client.get("/portal/facts")).text
    assert "could not be read" in page
    assert "There are only pictures in it." in page
    await jane.upload()
    await jane.upload(None, code="scanned")
    page = (await jane.client.get("/portal/facts")).text
    assert "There are only pictures in it." in page
    assert "Staff Nurse" in page
    await jane.upload(None)
    assert "is being read" in (await jane.client.get("/portal/facts/form")).text


async def test_what_was_read_and_what_to_check(jane: Jane) -> None:
    await jane.upload()
    found = await jane.facts()
    assert found["check"] == ["name", "positions.0.end"]
    assert found["facts"]["positions"][0] == {
        "id": "r0", "employer": "St Mary's", "title": "Staff Nurse", "start": "2016", "end": "present"
    }  # fmt: skip
    assert found["facts"]["skills"] == ["BLS", "Wound care"]
    page = (await jane.client.get("/portal/facts")).text
    assert page.count("please check</span>") == 2
    assert "2 to check" in (await jane.client.get("/portal/profile")).text


async def test_a_correction_is_kept_counts_everywhere_and_outlives_the_resume(jane: Jane) -> None:
    await jane.upload()
    before, shown = await jane.row(), await jane.facts()
    assert before.profile.name == "Jane Rowe"
    positions = [shown["facts"]["positions"][0] | {"title": "Charge Nurse"}]
    new = {"title": "Nurse", "employer": "Ash Clinic", "start": "jan 2010", "end": "3/2012"}
    told = await jane.put(shown, name="Jane Roe", positions=[*positions, new], skills=["BLS", "Triage"], years=11)
    assert told.status_code == 200, told.text
    assert told.json()["facts"]["positions"][1] | {"id": ""} == new | {"id": "", "start": "2010-01", "end": "2012-03"}
    assert (told.json()["corrected"], told.json()["check"], told.json()["revision"]) == (True, [], 1)
    row = await jane.row()
    assert row.version == before.version + 1
    assert (row.profile.name, row.profile.current_company) == ("Jane Roe", "St Mary's")
    assert await jane.tasks() == ["match.seeker"]

    later = FOUND | {"jobs": [FOUND["jobs"][0] | {"end": "2025"}, FOUND["jobs"][1]], "skills": ["Wound care", "ECG"]}
    await jane.upload(later | {"contact": FOUND["contact"] | {"phone": "+44 2"}})
    found = (await jane.facts())["facts"]
    assert (found["name"], found["phone"], found["years"]) == ("Jane Roe", "+44 2", 11)
    assert [(one["title"], one["end"]) for one in found["positions"]] == [
        ("Charge Nurse", "2025"),
        ("Nurse", "2012-03"),
    ]
    assert found["skills"] == ["ECG", "Triage"]
    assert (await jane.row()).profile.phone == "+44 1"  # the profile is the seeker's own


async def test_undo_brings_back_what_was_read(jane: Jane) -> None:
    await jane.upload()
    shown = await jane.facts()
    await jane.put(shown, name="Jane Roe", positions=[], skills=[], links=[])
    assert (await jane.row()).profile.links == {}
    told = (await jane.client.delete(PATH)).json()
    assert {name: told["facts"][name] for name in ("name", "skills", "links")} == {
        name: shown["facts"][name] for name in ("name", "skills", "links")
    }
    assert told["corrected"] is False
    row = await jane.row()
    assert (row.profile.name, row.profile.links) == ("Jane Rowe", {"github": "github.com/jane"})
    stale = await jane.put(shown, name="X")
    assert (stale.status_code, stale.json()["title"]) == (409, "These facts were saved in another window meanwhile")


@pytest.mark.parametrize(
    ("bad", "path", "says"),
    [
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"email": "nobody"}, "email", "mail address"),
        ({"positions": [{"title": "Nurse", "start": "2019", "end": "2018-05"}]}, "positions.0.end", "before it starts"),
        ({"positions": [{"title": "Nurse", "start": "2999"}]}, "positions.0.start", "future"),
        ({"positions": [{"title": "Nurse", "start": "soon"}]}, "positions.0.start", "like 2019"),
        ({"positions": [{"title": "Nurse", "start": "2019-13"}]}, "positions.0.start", "like 2019"),
        ({"positions": [{"start": "2019"}]}, "positions.0.employer", "employer or the title"),
        ({"positions": [{"title": "x"}, {"title": "y" * 201}]}, "positions.1.title", "at most 200"),
        ({"positions": [{"title": "Nurse"}] * 61}, "positions", "at most 60"),
        ({"studies": [{"degree": "BSc"}] * 61}, "studies", "at most 60"),
        ({"studies": [{"degree": "BSc", "end": "2999"}]}, "studies.0.end", "future"),
        ({"skills": [f"skill {number}" for number in range(301)]}, "skills", "at most 300"),
        ({"skills": ["x" * 201]}, "skills.0", "at most 200"),
        ({"languages": [{"level": "B2"}]}, "languages.0.name", "which language"),
        ({"years": 90}, "years", "from 0 to 70"),
    ],
)
async def test_bad_input_is_told_by_its_field_and_changes_nothing(
    jane: Jane, bad: dict[str, Any], path: str, says: str
) -> None:
    await jane.upload()
    told = await jane.put(await jane.facts(), **bad)
    assert told.status_code == 400
    assert [error["path"] for error in told.json()["errors"]] == [f"facts.{path}"]
    assert says in told.json()["errors"][0]["message"]
    assert (await jane.row()).corrections.revision == 0
    assert await jane.tasks() == []


async def test_what_was_read_wrong_is_no_fault_of_the_seekers(jane: Jane) -> None:
    odd = FOUND | {"jobs": [{"title": "", "employer": "", "start": "2031", "end": "2012"}], "contact": {"email": "x@"}}
    await jane.upload(odd)
    assert (await jane.put(await jane.facts(), name="Jane")).status_code == 200


async def test_nobody_elses(jane: Jane, running: Litestar, db: Database, make_user: MakeUser) -> None:
    await jane.upload()
    shown = await jane.facts()
    other = await make_user("seeker", "other@cabrank.test")
    async with db.transaction() as tx:
        await seekers.create(tx, other.id)
        token = await sessions.open_session(tx, other.id, "bearer")
    async with client_of(running, token) as client:
        assert (await client.get(PATH)).json()["facts"] is None
        body = {"resume": shown["resume"], "revision": 0, "facts": {"name": "Mallory"}}
        assert (await client.put(PATH, json=body)).status_code == 404
        assert (await client.post("/portal/facts", data={"resume": shown["resume"]})).status_code == 404
        assert (await client.post("/portal/facts", data={"resume": "nonsense"})).status_code == 404
    assert (await jane.row()).corrections.revision == 0


async def test_the_form_saved_as_it_is_changes_nothing(jane: Jane) -> None:
    await jane.upload()
    before, form = await jane.facts(), await jane.form()
    assert form["positions.r0.employer"] == "St Mary's"
    told = await jane.client.post("/portal/facts", data=form)
    assert told.status_code == 200
    assert "saved, your matches are being scored again" in told.text
    after = await jane.facts()
    assert (after["facts"], after["corrected"]) == (before["facts"], False)


async def test_the_form_adds_removes_and_unticks(jane: Jane) -> None:
    await jane.upload()
    form = await jane.form()
    del form["skills.0"]
    row = (await jane.client.post("/portal/facts/rows/positions")).text
    new = re.search(r'name="positions\.(n\w+)\.title"', row)
    assert new is not None
    form |= {"positions.r0.gone": "yes", f"positions.{new[1]}.title": "Matron", f"positions.{new[1]}.start": "2020"}
    form |= {"languages.n1.name": "Polish", "more_skills": "ECG,  triage, ", "years": "11,5"}
    told = await jane.client.post("/portal/facts", data=form)
    assert told.status_code == 200, told.text
    found = (await jane.facts())["facts"]
    assert [one["title"] for one in found["positions"]] == ["Matron", "Carer"]
    assert found["skills"] == ["Wound care", "ECG", "triage"]
    assert [one["name"] for one in found["languages"]] == ["Welsh", "Polish"]
    assert found["years"] == 11.5
    assert 'value="BLS">' in told.text  # unticked, and there to be ticked again
    assert (await jane.client.post("/portal/facts/rows/nothing")).status_code == 404


async def test_a_refused_form_comes_back_with_all_that_was_typed(jane: Jane) -> None:
    await jane.upload()
    form = await jane.form()
    del form["skills.1"]
    form |= {"name": "Jane Roe", "positions.r0.gone": "yes", "positions.r1.end": "1999", "years": "many"}
    form |= {"positions.n1.title": "Matron", "positions.n1.start": "2999", "more_skills": "ECG"}
    told = await jane.client.post("/portal/facts", data=form)
    assert told.status_code == 422
    page = told.text
    for typed in ('value="Jane Roe"', 'value="1999"', 'value="many"', 'value="Matron"', 'value="2999"', 'value="ECG"'):
        assert typed in page, typed
    assert 'name="positions.r0.gone" value="yes" checked' in page
    assert 'value="Wound care">' in page
    assert 'id="w-positions.r1.end">This ends (1999) before it starts (2012)' in page
    assert 'id="w-positions.n1.start">2999 is in the future' in page
    assert 'id="w-years">Write a number' in page
    assert (await jane.row()).corrections.revision == 0


async def test_two_windows(jane: Jane) -> None:
    await jane.upload()
    first, second = await jane.form(), await jane.form()
    await jane.client.post("/portal/facts", data=first | {"name": "Jane Roe"})
    told = await jane.client.post("/portal/facts", data=second | {"name": "J. Roe", "positions.r1.title": "Aide"})
    assert told.status_code == 422
    assert "saved in another window" in told.text
    assert 'value="J. Roe"' in told.text
    assert told.text.count('value="Staff Nurse"') == 1
    again = second | {"name": "J. Roe", "revision": "1", "positions.r1.title": "Aide"}
    assert (await jane.client.post("/portal/facts", data=again)).status_code == 200
    found = (await jane.facts())["facts"]
    assert (found["name"], [one["title"] for one in found["positions"]]) == ("J. Roe", ["Staff Nurse", "Aide"])


async def test_a_form_of_an_older_resume_is_laid_over_the_newer(jane: Jane) -> None:
    await jane.upload()
    form = await jane.form()
    await jane.upload(
        FOUND | {"jobs": [{"title": "Matron", "employer": "Ash Clinic", "start": "2024"}, *FOUND["jobs"]]}
    )
    told = await jane.client.post("/portal/facts", data=form | {"positions.r0.title": "Charge Nurse"})
    assert told.status_code == 200
    found = (await jane.facts())["facts"]
    assert [one["title"] for one in found["positions"]] == ["Matron", "Charge Nurse", "Carer"]


async def test_the_largest_form_is_taken(jane: Jane) -> None:
    jobs = [{"title": f"Job {n}", "employer": f"Firm {n}", "start": "2001", "end": "2002"} for n in range(60)]
    await jane.upload(FOUND | {"jobs": jobs, "skills": [f"skill {n}" for n in range(300)]})
    form = await jane.form()
    assert (await jane.client.post("/portal/facts", data=form | {"positions.r59.title": "Last"})).status_code == 200
    assert (await jane.facts())["facts"]["positions"][59]["title"] == "Last"
