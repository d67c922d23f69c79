"""What an outcome writes, without a browser: a person gets what they can work on, and no title says a thing twice."""

from typing import Any

import pytest

from app.applications import intents
from app.applications.types import Application, Attempt
from app.bots.apply import endings, walk
from app.bots.apply.form import Field
from app.bots.apply.plan import Missing
from tests.applications.world import World

URL = "https://jobs.example.org/apply/1"
ASKED = Missing(Field(index=0, name="q_1", label="Years with Linux?", kind="number", required=True), "Nobody said.")
LETTER = Missing(Field(index=1, name="letter", label="Cover letter", kind="file", required=True), "Nobody said.")


async def _ended(world: World, outcome: walk.Outcome) -> Application:
    """One attempt that ends so."""
    app = await world.approve(await world.posting())
    claim = await world.claim(app)
    attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
    async with world.db.transaction() as tx:
        intent = await intents.prepare(tx, app, attempt, [])
    if isinstance(outcome, walk.Refused):
        async with world.db.transaction() as tx:
            await intents.arm(tx, intent.id, attempt, request={}, answers=[])
    case = endings.Case(app=app, intent=intent, attempt=attempt, answers=[{"label": "Name"}], picture=None)
    async with world.db.transaction() as tx:
        await endings.write(tx, case, outcome)
    return await world.get(app)


def _attention(app: Application) -> dict[str, Any]:
    assert app.attention is not None
    return app.attention


@pytest.mark.parametrize(
    ("outcome", "title"),
    [
        (walk.Questions((ASKED,), 1, URL), "The form asks for an answer"),
        (walk.Questions((ASKED, ASKED), 1, URL), "The form asks for 2 answers"),
        (walk.Handover("captcha", "A captcha.", URL), "Send it by hand"),
        (walk.Rehearsed(URL, more_pages=False), "Send it by hand"),
    ],
)
async def test_a_title_leaves_out_what_its_application_says(world: World, outcome: walk.Outcome, title: str) -> None:
    # the board writes "Engineer 1 at Larkfield Robotics: …" before it
    assert _attention(await _ended(world, outcome))["title"] == title


async def test_another_application_for_the_vacancy_is_named_by_its_id_alone(world: World) -> None:
    first = await world.approve(await world.posting())
    second = await world.approve(await world.posting())
    async with world.db.transaction() as tx:
        await endings.write_overtaken(
            tx,
            second,
            first.id,
            Attempt(task_id=first.id, epoch=1),
            endings.IntentHeld(state="armed", application=str(first.id)),
        )
    attention = _attention(await world.get(second))
    assert attention["title"] == "Another application for this vacancy exists"
    assert attention["payload"]["other_application"] == str(first.id)


@pytest.mark.parametrize(
    "outcome", [walk.Questions((ASKED, LETTER), 1, URL), walk.Refused((LETTER,), ("Your letter is too large.",), 422)]
)
async def test_what_words_can_not_answer_is_handed_over(world: World, outcome: walk.Outcome) -> None:
    """A question review for a file would come back for ever: no answer of it is one."""
    attention = _attention(await _ended(world, outcome))
    assert attention["kind"] == "handover"
    assert attention["payload"]["obstacle"] == "file"
    assert "“Cover letter”" in attention["payload"]["why"]
    assert attention["payload"]["answers"] == [{"label": "Name"}]


async def test_everything_that_is_asked_needs_an_answer(world: World) -> None:
    """An optional field is asked about where the site refused what was in it: left open it would be refused again."""
    optional = Missing(Field(index=0, name="q_2", label="Website", kind="url", invalid=True), "Not an address.")
    attention = _attention(await _ended(world, walk.Refused((optional,), ("Not an address.",), 422)))
    assert [field["required"] for field in attention["payload"]["fields"]] == [True]
