"""Learn the scale from what people found, and keep it only where it says better what they found since.

Task `match.refit`. The oldest labels teach, the newest judge: what is kept has foretold judgements it hadn't seen. The
fit starts from the packaged scale, which was learned from pairs judged by hand, and holds to it where labels say
little. Kept is what loses less on the judging labels than the scale in force, by MARGIN and by more than chance, while
of what it puts at ninety and above no smaller share is good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from app.bots.match import calibration, scales, score_labels
from app.bots.match.calibration import Judged
from app.bots.match.scale import Quality, Scale, packaged
from app.bots.match.scales import Learned
from app.bots.match.score_labels import LEAST, LEAST_OF_A_KIND, Label
from app.platform import queue
from app.platform.clock import utcnow
from app.platform.db import Database, Tx
from app.platform.queue import Claim, Retry
from app.platform.telemetry import get_logger

log = get_logger(__name__)
LEAST_IN_A_PART: Final = 3  # of a kind, to teach and to judge: where one is missing nothing is told apart
TEACH: Final = 0.7
MARGIN: Final = 0.01  # of the mean log loss
ERRORS: Final = 1.64  # standard errors: chance alone looks like that one time in twenty
WORTH: Final = 20.0  # how many labels the packaged curve counts for
PROMISED: Final = 0.9  # of what is scored ninety


def parts(labels: Sequence[Label]) -> tuple[list[Judged], list[Judged]]:
    """(to teach, to judge), out of labels in the order of their time."""
    rows = [Judged(label.components, label.good) for label in labels]
    at = round(len(rows) * TEACH)
    return rows[:at], rows[at:]


def too_few(labels: Sequence[Label]) -> str | None:
    """What is missing, in a sentence; None: there is enough."""
    count = score_labels.counts(labels)
    if len(labels) < LEAST or min(count.good, count.bad) < LEAST_OF_A_KIND:
        return f"{LEAST} labels are needed, {LEAST_OF_A_KIND} of them good and {LEAST_OF_A_KIND} bad"
    for rows in parts(labels):
        good = sum(row.good for row in rows)
        if min(good, len(rows) - good) < LEAST_IN_A_PART:
            return f"of the older as of the newer labels {LEAST_IN_A_PART} must be good and {LEAST_IN_A_PART} bad"
    return None


def learned(labels: Sequence[Label], now: Scale, version: str) -> Learned:
    """Fit, and judge beside the scale in force. Pure; takes up to some seconds."""
    teach, judge = parts(labels)
    scale = calibration.fit(teach, packaged(), version, good_share=None, worth=WORTH)
    before = calibration.quality(judge, now, good_share=None)
    after = calibration.quality(judge, scale, good_share=None)
    lower, error = calibration.gain(judge, scale, now)
    better = lower >= MARGIN and lower > ERRORS * error and keeps_ninety(before, after)
    figures = {"before": before, "after": after}
    return Learned(scale=scale, against=now.version, labels=len(labels), better=better, **figures)


def keeps_ninety(before: Quality, after: Quality) -> bool:
    """Whether of the pairs at ninety and above no smaller share is good; where none were, the promised share."""
    if not after.auto:
        return True
    least = before.auto_good / before.auto if before.auto else PROMISED
    return after.auto_good / after.auto >= least


async def refit(db: Database, claim: Claim) -> None:
    """Too few labels, or none since the last time, are no fault: the log says so."""
    async with db.transaction() as tx:
        labels, now = await score_labels.to_learn_from(tx), await scales.in_force(tx)
        missing = too_few(labels) or await _nothing_new(tx, labels)
        version = await scales.next_version(tx, utcnow())
    if missing is not None:
        count = score_labels.counts(labels)
        log.info("scale_not_refitted", why=missing, good=count.good, bad=count.bad)
        return
    found = await asyncio.to_thread(learned, labels, now, version)
    async with db.transaction() as tx:
        await scales.lock(tx)
        if (await scales.in_force(tx)).version != now.version:
            raise Retry("the scale was switched meanwhile", in_seconds=5)
        state = await scales.keep(tx, found)
        await queue.finish(tx, claim)
    log.info("scale_learned", version=version, state=state, before=found.before.log_loss, after=found.after.log_loss)


async def _nothing_new(tx: Tx, labels: Sequence[Label]) -> str | None:
    last = await scales.latest(tx)
    same = last is not None and last.labels == len(labels) and labels[-1].at <= last.made_at
    return "nothing was found since the last time" if same else None
