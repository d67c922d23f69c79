"""`cabrank scale`: what makes a score a chance, from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from app.bots.match import scales, score_labels
from app.bots.match.scales import ScaleView
from app.bots.match.score_labels import Counts
from app.commands.session import once
from app.platform.db import Database


def list_(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def act(db: Database) -> tuple[list[ScaleView], Counts]:
        async with db.transaction() as tx:
            return await scales.every(tx), score_labels.counts(await score_labels.to_learn_from(tx))

    found, labels = once(environ, act)
    for one in found:
        print(f"{one.version:<14}{one.state:<11}{_figures(one)}")
    needed = f"{score_labels.LEAST} are needed, {score_labels.LEAST_OF_A_KIND} of each kind"
    print(f"{labels.good + labels.bad} labels to learn from: {labels.good} good, {labels.bad} bad; {needed}")
    return 0


def _figures(one: ScaleView) -> str:
    if one.before is None or one.after is None:
        return "packaged: learned from pairs judged by hand"
    loss = f"log loss {one.before.log_loss:.3f} -> {one.after.log_loss:.3f}"
    right = [f"{each.auto_good} of {each.auto}" for each in (one.before, one.after)]
    auc = f"AUC {one.before.auc:.3f} -> {one.after.auc:.3f}"
    return f"{loss}, right at 90 {right[0]} -> {right[1]}, {auc}, {one.labels} labels, against {one.against}"


def use(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def act(db: Database) -> ScaleView:
        async with db.transaction() as tx:
            return await scales.use(tx, given.version, actor=None)

    print(f"scale {once(environ, act).version} is in force; everything is scored anew")
    return 0


def refit(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def act(db: Database) -> None:
        async with db.transaction() as tx:
            await scales.ask_refit(tx, by_person=True)

    once(environ, act)
    print("asked for a scale to be learned; `cabrank scale list` shows what came of it, the match worker's log why not")
    return 0
