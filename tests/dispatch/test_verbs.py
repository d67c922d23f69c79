"""What people do: complete, give back, draft, appeal, supervise; and who may see what."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import app_user, audit_log
from app.dispatch import service
from app.dispatch.models import assignment, draft_orphan, employee, review, strike
from app.dispatch.wake import quick
from app.errors import AppError, Conflict, Invalid
from app.platform.ids import new_id
from tests.dispatch.floor import Floor


async def held_by(floor: Floor, name: str = "Ana", **more: object) -> tuple[object, object]:
    who = await floor.employee(name)
    await floor.file(**more)
    await floor.settle()
    return who, await floor.ack(who)


async def test_completing_ends_it_all_at_once(floor: Floor) -> None:
    ana, held = await held_by(floor)
    async with floor.db.transaction() as tx:
        done = await service.complete(
            tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, verdict="reject", notes="no visa"
        )
    assert (done.state, done.outcome["verdict"]) == ("completed", "reject")
    assert (await floor.person(ana)).active == 0
    assert len(await floor.frames("TaskCompleted")) == 1
    (frame,) = await floor.frames("review_completed", f"user:{ana}")
    assert frame["verdict"] == "reject"
    with pytest.raises(service.LostAssignment, match="It was completed"):
        async with floor.db.transaction() as tx:
            await service.complete(
                tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, verdict="approve"
            )
    await floor.check()


async def test_a_wrong_verdict_changes_nothing(floor: Floor) -> None:
    ana, held = await held_by(floor)
    with pytest.raises(Invalid):
        async with floor.db.transaction() as tx:
            await service.complete(tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, verdict="sent")
    assert (await floor.open_of(ana)).id == held.id
    await floor.check()


async def test_the_loser_learns_who_won(floor: Floor) -> None:
    ana, held = await held_by(floor)
    await floor.employee("Ben")
    await floor.age(1201)
    await floor.settle()
    with pytest.raises(service.LostAssignment) as caught:
        async with floor.db.transaction() as tx:
            await service.complete(
                tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, verdict="approve"
            )
    assert "Time ran out" in caught.value.detail
    assert "Ben has it now." in caught.value.detail
    assert caught.value.extra["winner"] == "Ben"


@pytest.mark.parametrize("turn", range(4))
async def test_complete_against_the_deadline_has_one_winner(floor: Floor, turn: int) -> None:
    ana, held = await held_by(floor)
    await floor.age(1201)

    async def completes() -> str:
        await asyncio.sleep(0.002 * turn)
        try:
            async with floor.db.transaction() as tx:
                await service.complete(
                    tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, verdict="approve"
                )
        except service.LostAssignment:
            return "lost"
        return "won"

    told, woken = await asyncio.gather(completes(), floor.wake())
    state = (await floor.review(held.review_id)).state
    assert state == ("completed" if told == "won" else "queued")
    assert woken.did.get("Miss", 0) == (0 if told == "won" else 1)
    await floor.check()


async def test_another_ones_review_does_not_exist(floor: Floor) -> None:
    ana, held = await held_by(floor)
    ben, boss = await floor.employee("Ben"), await floor.user("Boss", "supervisor")
    async with floor.db.transaction() as tx:
        mine = await service.review_view(tx, floor.principal(ana, "employee"), held.review_id)
        assert mine.mine
        assert mine.why is not None
        assert mine.why.startswith("Ana: longest since the last assignment")
        assert mine.verdicts == ["approve", "reject", "ask_seeker"]
        assert [line.kind for line in mine.history] == ["filed", "assigned"]
        theirs = await service.review_view(tx, floor.principal(boss, "supervisor"), held.review_id)
        assert (theirs.mine, theirs.assignee) == (False, "Ana")
        for who, role in ((ben, "employee"), (ben, "seeker"), (boss, "operator")):
            with pytest.raises(service.NoSuchReview):
                await service.review_view(tx, floor.principal(who, role), held.review_id)
        assert not await service.ack(tx, ben, held.id)
        with pytest.raises(service.NoSuchReview):
            await service.complete(
                tx, employee_id=ben, review_id=held.review_id, assignment_id=held.id, verdict="approve"
            )


async def test_after_completion_the_former_assignee_sees_it_no_more(floor: Floor) -> None:
    ana, held = await held_by(floor)
    async with floor.db.transaction() as tx:
        await service.complete(tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, verdict="approve")
        with pytest.raises(service.NoSuchReview):
            await service.review_view(tx, floor.principal(ana, "employee"), held.review_id)
        assert [work.review.id for work in await service.history_of(tx, ana)] == [held.review_id]


@pytest.mark.parametrize(("age", "strikes"), [(100, 0), (950, 1)])
async def test_giving_back_after_the_warning_is_a_miss(floor: Floor, age: int, strikes: int) -> None:
    ana, held = await held_by(floor)
    await floor.age(age)
    async with floor.db.transaction() as tx:
        await service.release(
            tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, reason="too hard", rules=floor.rules
        )
        assert len((await tx.conn.execute(select(strike))).all()) == strikes
    assert (await floor.review(held.review_id)).state == "queued"
    await floor.settle()
    assert await floor.open_of(ana) is None
    await floor.check()


async def test_drafts_are_compared_and_set_and_late_ones_are_kept(floor: Floor) -> None:
    ana, held = await held_by(floor)
    ids = {"employee_id": ana, "review_id": held.review_id, "assignment_id": held.id}
    async with floor.db.transaction() as tx:
        assert (await service.put_draft(tx, **ids, version=0, body={"text": "a"})).version == 1
        assert (await service.put_draft(tx, **ids, version=1, body={"text": "b"})).version == 2
        stale = await service.put_draft(tx, **ids, version=1, body={"text": "c"})
        assert (stale.version, stale.orphan) == (2, True)
        assert (await service.get_draft(tx, ana, held.review_id)).body == {"text": "b"}
    ben = await floor.employee("Ben")
    await floor.age(1201)
    await floor.settle()
    async with floor.db.transaction() as tx:
        late = await service.put_draft(tx, **ids, version=2, body={"text": "late"})
        assert late.orphan
        assert "Ben has it now." in late.detail
        assert (await service.get_draft(tx, ben, held.review_id)).body == {"text": "b"}
        assert (await tx.conn.execute(select(func.count()).select_from(draft_orphan))).scalar_one() == 2
        with pytest.raises(service.NoSuchReview):
            await service.get_draft(tx, ana, held.review_id)
    assert len(await floor.frames("draft_orphaned", f"user:{ben}")) == 1


async def test_a_strike_is_appealed_and_decided(floor: Floor) -> None:
    ana, _ = await held_by(floor)
    boss = await floor.user("Boss", "supervisor")
    await floor.age(1201)
    await floor.settle()
    async with floor.db.transaction() as tx:
        (mine,) = await service.strikes_of(tx, ana)
        assert mine.counts
        assert mine.evidence["delivered_at"]
        await service.appeal(tx, ana, mine.id, "The fire alarm rang.")
        with pytest.raises(service.NoSuchStrike):
            await service.appeal(tx, boss, mine.id, "Not mine.")
    with pytest.raises(Conflict):
        async with floor.db.transaction() as tx:
            await service.appeal(tx, ana, mine.id, "Again.")
    async with floor.db.transaction() as tx:
        assert [one.id for one in (await service.board(tx)).appeals] == [mine.id]
        await service.void(tx, mine.id, actor=boss, reason="So it did.")
        (after,) = await service.strikes_of(tx, ana)
        assert (after.counts, after.appeal.decision) == (False, "void")
        assert (await service.employee_of(tx, ana)).strikes == 0
        assert (
            await service.void_interval(
                tx, mine.at - timedelta(hours=1), mine.at + timedelta(hours=1), actor=boss, reason="again"
            )
            == 0
        )
        acts = (await tx.conn.execute(select(audit_log.c.action))).all()
    assert ("strike.void",) in [tuple(act) for act in acts]


async def test_a_supervisor_assigns_transfers_and_takes_back(floor: Floor) -> None:
    ana, held = await held_by(floor)
    ben, boss = await floor.employee("Ben", here=False), await floor.user("Boss", "supervisor")
    with pytest.raises(Conflict, match="no capacity left, or is paused"):
        async with floor.db.transaction() as tx:
            await service.transfer(tx, held.review_id, actor=boss, employee_id=ben, rules=floor.rules)
    assert (await floor.open_of(ana)).id == held.id  # nothing half done
    async with floor.db.transaction() as tx:
        given = await service.transfer(
            tx, held.review_id, actor=boss, employee_id=ben, rules=floor.rules, reason="speaks it", ignore_capacity=True
        )
    assert given.employee_id == ben
    other = await floor.file("another")
    async with floor.db.transaction() as tx:
        await service.assign(
            tx, other.id, actor=boss, employee_id=ben, rules=floor.rules, ignore_capacity=True, reason="urgent"
        )
    person = await floor.person(ben)
    assert (person.active, person.capacity, person.overrides) == (2, 1, 1)
    await floor.check()
    async with floor.db.transaction() as tx:
        view = await service.review_view(tx, floor.principal(boss, "supervisor"), other.id)
        assert view.why == "Ben: given by Boss (urgent)."
        await service.revoke(tx, other.id, actor=boss, reason="mistake")
    person = await floor.person(ben)
    assert (person.active, person.overrides) == (1, 0)
    with pytest.raises(Conflict):
        async with floor.db.transaction() as tx:
            await service.revoke(tx, other.id, actor=boss, reason="again")
    await floor.check()


async def test_escalated_by_hand_requeued_and_put_first(floor: Floor) -> None:
    ana, held = await held_by(floor)
    boss = await floor.user("Boss", "supervisor")
    async with floor.db.transaction() as tx:
        await service.escalate(tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, reason="fraud?")
    assert (await floor.review(held.review_id)).state == "escalated"
    await floor.wake()
    assert await floor.open_of(ana) is None
    async with floor.db.transaction() as tx:
        await service.requeue(tx, held.review_id, actor=boss)
        await service.set_priority(tx, held.review_id, actor=boss, priority=9)
    await floor.settle()
    assert (await floor.open_of(ana)).review_id == held.review_id


async def test_capacity_below_what_is_open_stands_until_it_closes(floor: Floor) -> None:
    ana, boss = await floor.employee("Ana", capacity=3), await floor.user("Boss", "supervisor")
    for n in range(3):
        await floor.file(f"r{n}")
    await floor.settle()
    async with floor.db.transaction() as tx:
        await service.change_employee(tx, ana, actor=boss, capacity=1, skills=["welding"])
    person = await floor.person(ana)
    assert (person.active, person.capacity, person.overrides) == (3, 1, 2)
    async with floor.db.transaction() as tx:
        work = await service.reviews_of(tx, ana)
        await service.complete(
            tx,
            employee_id=ana,
            review_id=work[0].review.id,
            assignment_id=work[0].assignment.id,
            verdict="approve",
        )
    assert (await floor.person(ana)).overrides == 1
    await floor.file("another")
    await floor.settle()
    assert (await floor.person(ana)).active == 2
    await floor.check()


async def test_the_board_shows_the_risky_first(floor: Floor) -> None:
    ana, held = await held_by(floor)
    await floor.employee("Ben", here=False)
    await floor.file("waits")
    await floor.age(1000)
    await floor.wake()
    async with floor.db.transaction() as tx:
        board = await service.board(tx, await floor.presence())
        assert [(line.risk, line.employee) for line in board.reviews] == [(1, "Ana"), (3, None)]
        assert {seat.name: seat.state for seat in board.people} == {"Ana": "Busy", "Ben": "Offline"}
        (general,) = board.pools
        assert (general.queued, general.assigned) == (1, 1)
        assert general.oldest_seconds > 0
        blind = await service.board(tx)
        assert {seat.state for seat in blind.people} == {"Unknown"}
        listed = await service.list_reviews(tx, states=["assigned"], assignee=ana)
        assert [line.review.id for line in listed] == [held.review_id]
        seat = await service.seat_of(tx, ana, await floor.presence())
        assert seat is not None
        assert (seat.state, seat.active) == ("Busy", 1)


async def test_own_figures(floor: Floor) -> None:
    ana, held = await held_by(floor)
    await floor.age(60)
    async with floor.db.transaction() as tx:
        assert (await service.my_figures(tx, ana)).in_time_percent is None
        await service.complete(tx, employee_id=ana, review_id=held.review_id, assignment_id=held.id, verdict="approve")
        figures = await service.my_figures(tx, ana)
    assert (figures.done_today, figures.done, figures.missed, figures.in_time_percent) == (1, 1, 0, 100.0)
    assert figures.median_seconds is not None
    assert 59 < figures.median_seconds < 70


async def test_pools_and_people(floor: Floor) -> None:
    boss = await floor.user("Boss", "supervisor")
    async with floor.db.transaction() as tx:
        pool = await service.add_pool(tx, actor=boss, name="North", region="north", sla_seconds=100)
        ana = await service.add_employee(
            tx, actor=boss, email="a@x.test", password="long enough", name="Ana", pools=["North"], capacity=2
        )
        await service.set_availability(tx, ana, "available")
        assert [p.name for p in await service.list_pools(tx)] == ["North", "general"]
        (row,) = await service.list_employees(tx)
        assert (row.pools, row.capacity) == (["North"], 2)
    for wrong in ({"name": "North"}, {"name": ""}, {"name": "X", "strategy": "luck"}):
        with pytest.raises(AppError):
            async with floor.db.transaction() as tx:
                await service.add_pool(tx, actor=boss, **wrong)
    await floor.come(ana)
    filed, general = await floor.file(pool="North"), await floor.file()
    async with floor.db.transaction() as tx:
        await service.pause_pool(tx, pool.id, actor=boss, paused=True, reason="drill")
    await floor.settle()
    assert (await floor.review(filed.id)).stranded == "pool_paused"
    async with floor.db.transaction() as tx:
        await service.pause_pool(tx, pool.id, actor=boss, paused=False)
    await floor.settle()
    mine = await floor.open_of(ana)
    assert mine.review_id == filed.id
    assert mine.deadline_at - mine.assigned_at == timedelta(seconds=100)
    assert (await floor.review(general.id)).stranded == "nobody"
    with pytest.raises(Invalid):
        await floor.file(pool="nowhere")


async def test_whoever_is_an_employee_has_a_place(floor: Floor) -> None:
    ana = await floor.user("Ana")
    async with floor.db.transaction() as tx:
        await service.set_availability(tx, ana, "available")
        with pytest.raises(service.NoSuchEmployee):
            await service.set_availability(tx, await _somebody(tx), "available")
    assert (await floor.person(ana)).capacity == 1


async def _somebody(tx: object) -> object:
    await tx.conn.execute(
        app_user.insert(),
        [{"id": (who := new_id()), "email": "s@x.test", "name": "S", "role": "seeker", "password_hash": "-"}],
    )
    return who


async def test_no_two_open_assignments_by_any_hand(floor: Floor) -> None:
    _, held = await held_by(floor)
    copy = {"id": new_id(), "review_id": held.review_id, "employee_id": held.employee_id, "grace_at": held.grace_at}
    copy |= {"warn_at": held.warn_at, "deadline_at": held.deadline_at}
    with pytest.raises(Exception, match="uq_assignment_open_review"):
        async with floor.db.transaction() as tx:
            await tx.conn.execute(assignment.insert(), [copy])
    with pytest.raises(Exception, match="active_within_capacity"):
        async with floor.db.transaction() as tx:
            await tx.conn.execute(update(employee).values(active=employee.c.active + 1))


async def test_a_cancelled_review_is_taken_away(floor: Floor) -> None:
    ana, held = await held_by(floor)
    async with floor.db.transaction() as tx:
        assert await service.cancel(tx, held.review_id, reason="withdrawn")
        assert not await service.cancel(tx, held.review_id, reason="withdrawn")
        assert (await tx.conn.execute(select(review.c.state))).scalar_one() == "cancelled"
    (frame,) = await floor.frames("review_revoked", f"user:{ana}")
    assert frame["reason"] == "withdrawn"
    await floor.check()


async def test_what_is_given_out_at_the_moment_it_is_cancelled_leaves_nothing_open(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.settle()
    filed = await floor.file()

    async def cancel() -> bool:
        async with floor.db.transaction() as tx:
            return await service.cancel(tx, filed.id, reason="posting_closed")

    async with floor.db.direct() as tx:
        assert (await quick(tx, floor.office, floor.roster)).did == {"Assign": 1}
        cancelling = asyncio.create_task(cancel())
        await asyncio.sleep(0.3)
    with pytest.raises(Conflict):
        await cancelling
    await floor.check()
    assert await cancel()
    assert await floor.open_of(ana) is None
    assert (await floor.person(ana)).active == 0
    await floor.check()
