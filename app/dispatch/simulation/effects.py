"""What the effects of a decision mean in the imagined office; dispatch/carry.py is the same on rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec.structs import replace

from app.dispatch.policy.types import Assign, Effect, GiveBack, Lapse, Lock, Miss, Pause, Strand, TakeBack, Warn
from app.dispatch.simulation.floor import Desk, Lying, Piece

if TYPE_CHECKING:
    from app.dispatch.simulation.office import Office


class Effects:
    """Carries out decisions in an office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.ack = timedelta(seconds=office.day.customs.ack_seconds)

    def carry_out(self, effects: Iterable[Effect]) -> None:
        """In the order of carry.py: what closes, then pauses and locks, then what is told and given."""
        for effect in sorted(effects, key=lambda effect: _ORDER.get(type(effect), len(_ORDER))):
            match effect:
                case Miss() | TakeBack() | GiveBack():
                    self._close(effect)
                case Pause(employee=person):
                    self._pause(person)
                case Lock(employee=person):
                    self._lock(person)
                case Warn():
                    self._warn(effect)
                case Assign():
                    self.assign(effect)
                case Strand() | Lapse():
                    self._queue(effect)

    # Given

    def assign(self, effect: Assign) -> None:
        office = self.office
        piece, desk = office.pieces[effect.review], office.desks[effect.employee]
        lying = Lying(effect, piece, desk, office.day.conduct(desk.worker, piece.arrival))
        self._waits_no_more(piece, lying)
        if not desk.lying:
            desk.hours.turn("open", True, office.now)
        desk.lying[effect.review] = lying
        desk.counts["assignments"] += 1
        office.tell(office.now, "assigned", effect.review, effect.employee)
        if lying.attempt.kind == "undelivered":
            office.at(effect.grace_at, office.due, lying)
        else:
            self._arrives(lying, self.ack)

    def _waits_no_more(self, piece: Piece, lying: Lying) -> None:
        if not piece.given:
            self.office.tally.waits.append((self.office.now - piece.arrival.at).total_seconds())
        piece.given, piece.lying = True, lying
        if piece.waiting.stranded is not None:
            piece.waiting = replace(piece.waiting, stranded=None)

    def _arrives(self, lying: Lying, after: timedelta) -> None:
        office, desk = self.office, lying.desk
        lying.delivered_at = office.now + after
        if office.rotation.people[desk.worker.id].undelivered_run:
            office.change(desk, undelivered_run=0)
        if lying.attempt.kind == "done":
            desk.free_at = max(desk.free_at, lying.delivered_at) + timedelta(seconds=lying.attempt.after)
            lying.finish = desk.free_at
        elif lying.attempt.kind == "declined":
            lying.finish = lying.delivered_at + timedelta(seconds=lying.attempt.after)
        self._watch(lying)

    def _watch(self, lying: Lying) -> None:
        """The moments at which something will happen to it, as things stand."""
        office, effect = self.office, lying.effect
        if lying.finish is not None:
            office.at(lying.finish, office.finished, lying)
            if lying.finish <= effect.warn_at:
                return
        office.at(effect.warn_at, office.due, lying)
        if lying.finish is None or lying.finish > effect.deadline_at:
            office.at(effect.deadline_at, office.due, lying)

    def resume(self, lying: Lying, away: timedelta) -> None:
        """The person is back after so long: work stood still, and what hadn't arrived arrives."""
        if lying.delivered_at is None:
            if lying.attempt.kind != "undelivered":
                self._arrives(lying, timedelta(0))
            return
        if lying.finish is not None:
            lying.finish += away
            self._watch(lying)

    # Closed

    def complete(self, lying: Lying) -> None:
        office = self.office
        lying.desk.counts["completed"] += 1
        if office.now <= lying.effect.deadline_at:
            lying.desk.counts["in_time"] += 1
        del office.pieces[lying.effect.review]
        self._off_the_desk(lying)

    def _off_the_desk(self, lying: Lying, **facts: int) -> None:
        office, desk = self.office, lying.desk
        lying.closed, lying.piece.lying = True, None
        del desk.lying[lying.effect.review]
        who = office.rotation.people[desk.worker.id]
        office.rotation.put(replace(who, active=who.active - 1, **facts))
        if not desk.lying:
            desk.hours.turn("open", False, office.now)
            if not desk.on_shift:
                office.leave_if_done(desk)

    def _close(self, effect: Miss | TakeBack | GiveBack) -> None:
        office, piece = self.office, self.office.pieces[effect.review]
        lying = piece.lying
        if lying is None:
            raise RuntimeError("an assignment was closed that isn't open")
        desk, person = lying.desk, effect.employee
        office.tell(office.now, _NAMES[type(effect)], effect.review, person)
        run = office.rotation.people[person].undelivered_run
        self._off_the_desk(lying, **({"undelivered_run": run + 1} if isinstance(effect, TakeBack) else {}))
        if isinstance(effect, Miss):
            self._missed(effect, piece, desk)
        elif isinstance(effect, TakeBack):
            desk.counts["undelivered"] += 1
            piece.rests[person] = effect.rest_until
            piece.waiting.excluded.setdefault(person, "undelivered")
            office.at(effect.rest_until, office.rested, piece)
        elif effect.exclude:
            piece.waiting.excluded.setdefault(person, effect.reason)
        if isinstance(effect, GiveBack) and effect.reason == "disconnected":
            desk.counts["disconnected"] += 1
        if not (isinstance(effect, Miss) and effect.then == "escalated"):
            self._requeue(piece)

    def _missed(self, effect: Miss, piece: Piece, desk: Desk) -> None:
        office = self.office
        desk.counts["missed"] += 1
        piece.missed_by |= {effect.employee}
        piece.waiting.excluded[effect.employee] = "missed"
        if effect.strike is not None:
            desk.counts["strikes"] += 1
            office.strikes[effect.employee] = effect.strike.count
        if effect.then == "escalated":
            office.tally.escalated += 1
            office.tell(office.now, "escalated", effect.review, None)
            del office.pieces[effect.review]

    def _requeue(self, piece: Piece) -> None:
        self.office.queues[piece.arrival.pool].put(piece)
        self.office.doubt(piece)

    # The rest

    def _pause(self, person: UUID) -> None:
        office = self.office
        office.tell(office.now, "paused", None, person)
        office.change(office.desks[person], availability="paused")
        if office.desks[person].on_shift:
            office.at(office.now + timedelta(seconds=office.day.customs.return_seconds), office.resumed, person)
        office.doubt()

    def _lock(self, person: UUID) -> None:
        office, desk = self.office, self.office.desks[person]
        desk.counts["locks"] += 1
        office.tell(office.now, "locked", None, person)
        for one in list(desk.lying):
            self._close(
                GiveBack(assignment=one, review=one, employee=person, state="revoked", reason="locked", exclude=True)
            )
        office.change(desk, locked=True, availability="paused")
        office.at(office.now + timedelta(seconds=office.day.customs.unlock_seconds), office.resumed, person)
        office.doubt()

    def _warn(self, effect: Warn) -> None:
        lying = self.office.pieces[effect.review].lying
        if lying is not None:
            lying.warned_at = self.office.now
        self.office.tell(self.office.now, "warned", effect.review, effect.employee)

    def _queue(self, effect: Strand | Lapse) -> None:
        office, piece = self.office, self.office.pieces[effect.review]
        if isinstance(effect, Strand):
            if piece.waiting.stranded is None:
                office.tally.stranded += 1
            piece.waiting = replace(piece.waiting, stranded=effect.reason)
            office.tell(office.now, f"stranded:{effect.reason}", effect.review, None)
            return
        for person in [who for who, reason in piece.waiting.excluded.items() if reason == "declined"]:
            del piece.waiting.excluded[person]
        office.tell(office.now, "lapsed", effect.review, None)
        office.doubt(piece)


_ORDER: dict[type, int] = {Miss: 0, TakeBack: 0, GiveBack: 0, Pause: 1, Lock: 2, Warn: 3}
_NAMES = {Miss: "missed", TakeBack: "taken_back", GiveBack: "given_back"}
