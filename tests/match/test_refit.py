"""The scale learns from labels, is kept only where it is better, and can be switched back."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.accounts import audit
from app.bots.match import background, decisions, refit, scales, score_labels, service, skills, versions
from app.bots.match.models import match, match_decision, score_label, score_scale
from app.bots.match.scale import COMPONENTS, Quality, Scale, packaged
from app.bots.match.scales import ScaleView
from app.bots.match.score_labels import Label
from app.errors import Conflict, NotFound
from app.platform import queue
from app.platform.clock import utcnow
from app.platform.db import Database
from app.platform.ids import new_id
from tests.match.conftest import new_posting, new_seeker
from tests.match.test_background import FITTING, OTHER, PARTLY, Stage, stage

__all__ = ["stage"]  # the fixture, shared
START = datetime(2026, 10, 1, 9, tzinfo=UTC)
# Of people who look at titles above all.
TITLES = Scale(
    version="people",
    weights={"requirements": 5, "work": 5, "title": 80, "years": 5, "education": 3, "language": 2},
    slope=16.0,
    intercept=-11.0,
)


def _found(count: int, truth: Scale, seed: int = 3) -> list[Label]:
    """Labels of people who judge by `truth`, an hour apart."""
    chance, found = random.Random(seed), []
    for hour in range(count):
        base = chance.gauss(66, 14)
        parts = {name: min(100.0, max(0.0, base + chance.gauss(0, 18))) for name in COMPONENTS}
        raw = sum(truth.weights[name] * value for name, value in parts.items()) / sum(truth.weights.values())
        found.append(Label(parts, chance.random() < truth.chance(raw), START + timedelta(hours=hour)))
    return found


@pytest.fixture
async def people(db: Database) -> list[tuple[UUID, UUID]]:
    """Pairs of eight seekers and thirty postings, one seeker after the other."""
    names = ("Ann", "Ben", "Cid", "Dee", "Eva", "Fay", "Gus", "Hal")
    seekers = [await new_seeker(db, f"{name} Lee") for name in names]
    postings = [(await new_posting(db, f"Cook {number}", "Cook")).id for number in range(30)]
    return [(seeker, posting) for posting in postings for seeker in seekers]


async def _write(db: Database, people: list[tuple[UUID, UUID]], labels: list[Label]) -> None:
    line = versions.line("m", packaged())
    same = {"source": "review", "held": False, "model_version": line, "scale_version": packaged().version}
    rows = [
        {"id": new_id(), "seeker_id": seeker, "posting_id": posting, **msgspec.structs.asdict(label), **same}
        for (seeker, posting), label in zip(people, labels, strict=False)
    ]
    async with db.transaction() as tx:
        await tx.conn.execute(insert(score_label).values(rows))


async def _refit(stage: Stage) -> None:
    async with stage.db.transaction() as tx:
        await scales.ask_refit(tx)
    await stage.work()


async def _scales(db: Database) -> list[ScaleView]:
    async with db.transaction() as tx:
        return await scales.every(tx)


async def _now(db: Database) -> str:
    async with db.transaction() as tx:
        return (await scales.in_force(tx)).version


async def _actions(db: Database) -> list[str]:
    async with db.transaction() as tx:
        return [line.action for line in await audit.entries(tx) if line.subject_type == "scale"]


async def _rescored(stage: Stage) -> None:
    """Some seconds later, when no process scores by the scale before any more."""
    async with stage.db.transaction() as tx:
        await tx.conn.execute(text("UPDATE task SET run_at = now() WHERE kind = 'match.rescore' AND state = 'queued'"))
    await stage.work()


def learned_scale(version: str = "2026-11-01.1", *, better: bool = True) -> scales.Learned:
    """A scale as a refit hands it in."""
    figures = Quality(pairs=30, log_loss=0.5, brier=0.1, auc=0.8, auto=5, auto_good=5)
    scale = msgspec.structs.replace(TITLES, version=version)
    return scales.Learned(
        scale=scale, against=packaged().version, before=figures, after=figures, labels=100, better=better
    )


async def test_a_better_scale_is_kept_with_its_figures(stage: Stage, people: list[tuple[UUID, UUID]]) -> None:
    await _write(stage.db, people, _found(240, TITLES))
    await _refit(stage)
    new, own = await _scales(stage.db)
    assert (new.state, own.state, new.against, new.labels) == ("active", "retired", packaged().version, 240)
    assert new.before is not None
    assert new.after is not None
    assert new.after.log_loss < new.before.log_loss - refit.MARGIN
    assert new.after.pairs == new.before.pairs == 72  # the newest three of ten
    assert new.weights["title"] > packaged().weights["title"]
    assert (new.switched_how, await _now(stage.db)) == ("refit", new.version)
    assert await _actions(stage.db) == ["scale.learned"]


async def test_where_people_find_what_the_scale_says_a_new_one_is_refused(
    stage: Stage, people: list[tuple[UUID, UUID]]
) -> None:
    await _write(stage.db, people, _found(240, packaged()))
    await _refit(stage)
    new, own = await _scales(stage.db)
    assert (new.state, own.state, await _now(stage.db)) == ("refused", "active", packaged().version)
    assert new.after is not None
    assert await _actions(stage.db) == ["scale.learned"]
    async with stage.db.transaction() as tx:
        with pytest.raises(Conflict):
            await scales.use(tx, new.version, actor=None)


@pytest.mark.parametrize("count", [0, 1, 59])
async def test_too_few_labels_are_no_fault(stage: Stage, people: list[tuple[UUID, UUID]], count: int) -> None:
    if count:
        await _write(stage.db, people, _found(count, TITLES))
    await _refit(stage)
    assert len(await _scales(stage.db)) == 1
    async with stage.db.transaction() as tx:
        states = (await tx.conn.execute(text("SELECT state FROM task WHERE kind = 'match.refit'"))).scalars().all()
    assert states == ["done"]


async def test_the_same_labels_are_not_learned_from_twice(stage: Stage, people: list[tuple[UUID, UUID]]) -> None:
    labels = _found(200, TITLES)
    await _write(stage.db, people, labels)
    await _refit(stage)
    await _refit(stage)
    assert len(await _scales(stage.db)) == 2
    await _write(stage.db, people[200:], [msgspec.structs.replace(labels[0], at=utcnow())])
    await _refit(stage)
    assert len(await _scales(stage.db)) == 3


async def test_nobody_alone_makes_the_scale(db: Database) -> None:
    seeker = await new_seeker(db)
    postings = [(await new_posting(db, f"Cook {number}", "Cook")).id for number in range(40)]
    await _write(db, [(seeker, posting) for posting in postings], _found(40, TITLES))
    async with db.transaction() as tx:
        found = await score_labels.to_learn_from(tx)
    assert len(found) == score_labels.MOST_OF_ONE
    assert found[-1].at == START + timedelta(hours=39)
    assert found == sorted(found, key=lambda label: label.at)


def test_what_is_too_few() -> None:
    good, bad = Label({"work": 90.0}, True, START), Label({"work": 20.0}, False, START)
    assert refit.too_few([good, bad] * 30) is None
    assert refit.too_few([good, bad] * 29) is not None
    assert refit.too_few([good] * 46 + [bad] * 14) is not None
    assert refit.too_few([bad] * 42 + [good] * 18) is not None  # none good to learn from
    assert refit.too_few([]) is not None


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [((10, 9), (20, 18), True), ((10, 9), (20, 17), False), ((10, 9), (0, 0), True), ((0, 0), (10, 9), True),
     ((0, 0), (10, 8), False), ((4, 4), (40, 39), False)],
)  # fmt: skip
def test_of_the_nineties_no_smaller_share_may_be_good(
    before: tuple[int, int], after: tuple[int, int], kept: bool
) -> None:
    one, other = (
        Quality(pairs=50, log_loss=0, brier=0, auc=1, auto=auto, auto_good=good) for auto, good in (before, after)
    )
    assert refit.keeps_ninety(one, other) is kept


def test_what_was_not_judged_stays_as_the_packaged_curve_has_it() -> None:
    """Labels of a narrow band must not bend the rest of the curve."""
    labels = [label for label in _found(900, packaged()) if 55 < sum(label.components.values()) / 6 < 70]
    found = refit.learned(labels, packaged(), "new").scale
    for raw in (40.0, 60.0, 75.0, 90.0):
        assert found.score(raw) == pytest.approx(packaged().score(raw), abs=8)


async def test_switched_and_back_everything_is_scored_anew_and_acts_stay(stage: Stage, jane_text: str) -> None:
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    await stage.posted("Ward Nurse", OTHER)
    jane = await stage.seeker(jane_text)
    await stage.work()
    before = await stage.matches(jane)
    async with stage.db.transaction() as tx:
        decided = (await tx.conn.execute(select(match_decision.c.score, match_decision.c.model_version))).all()
        assert await scales.keep(tx, learned_scale()) == "active"
    await _rescored(stage)
    after = await stage.matches(jane)
    assert {view.id for view in after} == {view.id for view in before}
    assert all(new.score != old.score for new, old in zip(after, before, strict=True))
    assert after[0].components[0].weight != before[0].components[0].weight
    assert await _versions(stage) == {"2026-11-01.1"}
    assert (await stage.statuses(jane), after[0].state) == (["applying"], "acted")
    async with stage.db.transaction() as tx:
        used = await scales.use(tx, packaged().version, actor=jane)
    assert (used.state, used.packaged) == ("active", True)
    await _rescored(stage)
    assert [view.score for view in await stage.matches(jane)] == [view.score for view in before]
    assert await _versions(stage) == {packaged().version}
    async with stage.db.transaction() as tx:
        now = (await tx.conn.execute(select(match_decision.c.score, match_decision.c.model_version))).all()
    assert now == decided
    assert await _actions(stage.db) == ["scale.use", "scale.learned"]


async def test_a_switch_in_the_middle_of_a_run_ends_with_all_by_the_new_scale(
    stage: Stage, jane_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.posted("Ward Nurse", OTHER)
    jane = await stage.seeker(jane_text)
    looked, looks = background.Matcher._stale, []

    async def stale(self: background.Matcher, *given: Any) -> list[UUID]:
        found = await looked(self, *given)
        looks.append(found)
        assert len(looks) < 10
        if found and len(looks) == 1:
            async with stage.db.transaction() as tx:
                await scales.keep(tx, learned_scale())
        return found

    monkeypatch.setattr(background.Matcher, "_stale", stale)
    await stage.work()
    assert await _versions(stage) == {"2026-11-01.1"}
    assert len(await stage.matches(jane)) == 1
    async with stage.db.transaction() as tx:
        left = await tx.conn.execute(text("SELECT last_error FROM task WHERE kind = 'match.seeker'"))
        assert set(left.scalars()) == {None}


async def _versions(stage: Stage) -> set[str]:
    async with stage.db.transaction() as tx:
        lines = (await tx.conn.execute(select(match.c.model_version))).scalars()
        return {versions.parse(line).scale for line in lines}


async def test_a_score_by_an_earlier_scale_decides_nothing(stage: Stage, jane_text: str) -> None:
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(jane_text)
    async with stage.db.transaction() as tx:
        await service.stop(tx, jane)
    await stage.work()
    async with stage.db.transaction() as tx:
        await tx.conn.execute(text("UPDATE seeker SET matching_active = true"))
        await scales.keep(tx, learned_scale())
    async with stage.db.transaction() as tx:
        assert await decisions.decide(tx, stage.settings, jane) == []
        await tx.conn.execute(text("DELETE FROM task WHERE state = 'queued'"))  # the switch's own task is lost
    assert await background.tick(stage.db, stage.settings) == 1
    await stage.work()
    assert await _versions(stage) == {"2026-11-01.1"}


async def test_scores_on_demand_are_by_the_scale_in_force(stage: Stage, jane_text: str) -> None:
    posting_id = await stage.posted("Backend Engineer, Python", PARTLY)
    jane = await stage.seeker(jane_text)
    await stage.work()
    named: dict[str, Any] = {"posting_id": posting_id, "seeker_id": jane, "resume_text": jane_text}
    async with stage.db.transaction() as tx:
        before = await service.rescore(tx, stage.embedder, **named)
        await scales.keep(tx, learned_scale())
    async with stage.db.transaction() as tx:
        after = await service.rescore(tx, stage.embedder, **named)
    assert after.score != before.score


async def test_a_persons_choice_is_respected_by_refits(db: Database) -> None:
    async with db.transaction() as tx:
        assert await scales.keep(tx, learned_scale("2026-11-01.1")) == "active"
        await scales.use(tx, packaged().version, actor=None)
        assert await scales.keep(tx, learned_scale("2026-11-02.1")) == "candidate"
        assert (await scales.in_force(tx)).version == packaged().version
        assert (await scales.use(tx, "2026-11-02.1", actor=None)).state == "active"
        long_ago = utcnow() - timedelta(days=scales.RESPECTED_DAYS + 1)
        await tx.conn.execute(update(score_scale).values(switched_at=long_ago))
        assert await scales.keep(tx, learned_scale("2026-11-03.1")) == "active"
        states = {one.version: one.state for one in await scales.every(tx)}
    assert states == {
        "2026-11-03.1": "active",
        "2026-11-02.1": "retired",
        "2026-11-01.1": "retired",
        packaged().version: "retired",
    }


async def test_a_scale_counts_for_its_ranking_only(db: Database) -> None:
    async with db.transaction() as tx:
        await scales.keep(tx, learned_scale())
        await tx.conn.execute(update(score_scale).values(ranking="0"))
        assert (await scales.in_force(tx)).version == packaged().version
        with pytest.raises(Conflict):
            await scales.use(tx, "2026-11-01.1", actor=None)
        with pytest.raises(NotFound):
            await scales.use(tx, "never", actor=None)
        assert await scales.keep(tx, learned_scale("2026-11-02.1")) == "active"


async def test_two_are_never_in_force(db: Database) -> None:
    async with db.transaction() as tx:
        await scales.keep(tx, learned_scale("2026-11-01.1"))
        await scales.keep(tx, learned_scale("2026-11-02.1", better=False))
    with pytest.raises(IntegrityError):
        async with db.transaction() as tx:
            await tx.conn.execute(update(score_scale).values(state="active"))


async def test_versions_count_within_a_day(db: Database) -> None:
    async with db.transaction() as tx:
        assert await scales.next_version(tx, START) == "2026-10-01.1"
        await scales.keep(tx, learned_scale("2026-10-01.1"))
        assert await scales.next_version(tx, START) == "2026-10-01.2"
        assert await scales.next_version(tx, START + timedelta(days=1)) == "2026-10-02.1"


async def test_a_switch_meanwhile_puts_the_refit_off(
    stage: Stage, people: list[tuple[UUID, UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await _write(stage.db, people, _found(240, TITLES))
    force = scales.in_force

    async def switched(tx: Any) -> Scale:
        return msgspec.structs.replace(await force(tx), version=str(new_id()))

    monkeypatch.setattr(refit.scales, "in_force", switched)
    async with stage.db.transaction() as tx:
        task_id = await queue.add(tx, scales.REFIT, "scale")
    await queue.run(stage.db, stage.tasks, task_id)
    monkeypatch.undo()
    async with stage.db.transaction() as tx:
        (row,) = await tx.conn.execute(text("SELECT state, last_error FROM task WHERE kind = 'match.refit'"))
    assert tuple(row) == ("queued", "the scale was switched meanwhile")
    assert len(await _scales(stage.db)) == 1


def test_versions_are_read_back_from_the_right() -> None:
    line = versions.line("sentence-transformers/mini", packaged())
    told = versions.parse(line)
    assert (told.model, told.scale, told.taxonomy) == (
        "sentence-transformers/mini",
        packaged().version,
        skills.version(),
    )
    assert versions.parse("mini/2") == versions.Versions("mini/2")


def test_the_skill_lists_version_changes_with_the_list_and_with_esco() -> None:
    one, same, other = (skills.Taxonomy(text).version for text in ("[A]\nx\n", "[A]\nx\n", "[A]\ny\n"))
    assert one == same != other
    assert skills.Taxonomy("[A]\nx\n", {"weld": ["weld"]}).version != one
    assert skills.default().version == skills.version()
