"""What is kept of a draft when the review changes hands; a person's own history, and what is usual in the team."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatch import service
from app.dispatch.policy.types import Rules
from tests.dispatch.floor import Floor
from tests.dispatch.test_verbs import held_by


async def _passed_on(floor: Floor) -> tuple[object, object, dict[str, object], dict[str, object]]:
    """Ana wrote, her time ran out, and Ben has it: both, with how each names their assignment."""
    ana, held = await held_by(floor)
    hers = {"employee_id": ana, "review_id": held.review_id, "assignment_id": held.id}
    async with floor.db.transaction() as tx:
        await service.put_draft(tx, **hers, version=0, body={"text": "hers"})
    ben = await floor.employee("Ben")
    await floor.age(1201)
    await floor.settle()
    his = await floor.ack(ben)
    return ana, ben, hers, {"employee_id": ben, "review_id": held.review_id, "assignment_id": his.id}


async def test_the_next_is_offered_what_was_written_and_saving_takes_nothing_from_it(floor: Floor) -> None:
    ana, ben, hers, his = await _passed_on(floor)
    async with floor.db.transaction() as tx:
        draft = await service.get_draft(tx, ben, hers["review_id"])
        assert (draft.version, draft.employee_id, draft.assignment_id) == (1, ana, hers["assignment_id"])
        mine = await service.review_view(tx, floor.principal(ben, "employee"), hers["review_id"])
        (offered,) = await service.earlier_drafts(tx, mine)
        assert (offered.employee_id, offered.author, offered.body) == (ana, "Ana", {"text": "hers"})
        not_mine = await service.review_view(tx, floor.principal(ana, "supervisor"), hers["review_id"])
        with pytest.raises(service.NoSuchReview):
            await service.earlier_drafts(tx, not_mine)
    async with floor.db.transaction() as tx:
        late = await service.put_draft(tx, **hers, version=1, body={"text": "hers, late"})
        assert late.orphan
        mine = await service.review_view(tx, floor.principal(ben, "employee"), hers["review_id"])
        assert [one.body["text"] for one in await service.earlier_drafts(tx, mine)] == ["hers, late"]
    async with floor.db.transaction() as tx:
        assert (await service.put_draft(tx, **his, version=1, body={"text": "his"})).version == 2
        assert (await service.get_draft(tx, ben, hers["review_id"])).body == {"text": "his"}
        mine = await service.review_view(tx, floor.principal(ben, "employee"), hers["review_id"])
        assert mine.orphans == 2
        assert await service.earlier_drafts(tx, mine) == []
        again = await service.put_draft(tx, **his, version=2, body={"text": "his own"})
        assert again.version == 3
        assert (await service.review_view(tx, floor.principal(ben, "employee"), hers["review_id"])).orphans == 2


async def test_a_history_is_searched_by_words_result_and_time(floor: Floor) -> None:
    ana, held = await held_by(floor, title="100% remote")
    mine = {"employee_id": ana, "review_id": held.review_id, "assignment_id": held.id}
    async with floor.db.transaction() as tx:
        await service.complete(tx, **mine, verdict="reject", notes="no visa")
    await floor.file(title="Baker")
    await floor.settle()
    await floor.ack(ana)
    await floor.age(1201)
    await floor.settle()
    async with floor.db.transaction() as tx:

        async def found(**asked: object) -> list[str]:
            return [work.review.title for work in await service.history_of(tx, ana, **asked)]

        assert sorted(await found()) == ["100% remote", "Baker"]
        assert await found(words="BAK") == ["Baker"]
        assert await found(words="0%") == ["100% remote"]
        assert await found(words="_") == []
        assert await found(result="reject") == ["100% remote"]
        assert await found(result="missed") == ["Baker"]
        assert await found(result="snooze") == []
        assert await found(in_time=True) == ["100% remote"]
        assert await found(in_time=False) == ["Baker"]
        assert len(await found(limit=1)) == 1
        figures = await service.my_figures(tx, ana)
        assert (figures.done_today, figures.in_time_today_percent, figures.in_time_percent) == (1, 50.0, 50.0)
        team = await service.team_figures(tx)
        assert (team.people, team.done, team.in_time_percent) == (1, 1.0, 50.0)


async def test_each_reads_what_they_did_themselves(floor: Floor) -> None:
    ana, held = await held_by(floor, title="Baker")
    hers = {"employee_id": ana, "review_id": held.review_id, "assignment_id": held.id}
    async with floor.db.transaction() as tx:
        with pytest.raises(service.NoSuchReview):
            await service.decided(tx, ana, held.id)  # it is still open
        later = await service.database_time(tx) + timedelta(hours=1)
        await service.snooze(tx, **hers, until=later, reason="The shop is closed")
    ben, boss = await floor.employee("Ben"), await floor.user("Boss", "supervisor")
    async with floor.db.transaction() as tx:
        his = await service.assign(tx, held.review_id, actor=boss, employee_id=ben, rules=Rules())
        mine = {"employee_id": ben, "review_id": held.review_id, "assignment_id": his.id}
        await service.complete(tx, **mine, verdict="reject", notes="no visa")
        one, other = await service.decided(tx, ana, held.id), await service.decided(tx, ben, his.id)
        for person, whose in ((ana, his.id), (ben, held.id)):
            with pytest.raises(service.NoSuchReview):
                await service.decided(tx, person, whose)
        assert [work.review.title for work in await service.history_of(tx, ana, result="snooze")] == ["Baker"]
        assert await service.history_of(tx, ana, result="reject") == []
        assert await service.history_of(tx, ana, result="released") == []
    assert (one.said, one.outcome) == (["The shop is closed"], {})
    assert (other.said, other.outcome["verdict"]) == (["no visa"], "reject")


async def test_nobody_has_done_anything_yet(floor: Floor) -> None:
    await floor.employee("Ana")
    async with floor.db.transaction() as tx:
        team = await service.team_figures(tx)
    assert (team.people, team.done, team.in_time_percent, team.median_seconds) == (0, None, None, None)
