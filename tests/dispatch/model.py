"""What an office of dispatch must do, written from its rules and apart from the product's own policy.

Time is a number of seconds; people and reviews go by small numbers. A wake is carried out until nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.dispatch.model_parts import (
    DISCONNECT,
    GRACE,
    LOCKS_AT,
    MISSERS,
    REST,
    SILENCE,
    SLA,
    UNDELIVERED,
    WARNING,
    WEB_SILENCE,
    Blow,
    Hand,
    Outage,
    Piece,
    Post,
    Refused,
    union,
    without,
)
from tests.dispatch.model_presence import Presence


class Model:
    """The whole office. Acts raise Refused where the product must refuse."""

    def __init__(self, hands: list[Hand], pools: int) -> None:
        self.now = 0.0
        self.hands = hands
        self.paused: set[int] = set()
        self.paused_then: set[int] = set()
        self.pools = pools
        self.pieces: dict[int, Piece] = {}
        self.posts: dict[int, Post] = {}
        self.blows: list[Blow] = []
        self.outages: list[Outage] = []
        self.presence = Presence(len(hands))
        self.silent = False
        self.last_wake: float | None = None
        self.web_beat = 0.0
        self.turns = 0
        self.filed = 0
        self.freed: dict[int, int] = {}

    # Facts
    def active(self, who: int) -> int:
        return sum(1 for post in self.posts.values() if post.who == who)

    def strikes(self, who: int) -> int:
        mine = [blow for blow in self.blows if blow.who == who]
        return sum(1 for blow in mine[self.hands[who].baseline :] if not blow.voided)

    def here(self, who: int) -> str:
        return self.presence.of(who, self.now)

    def free(self, who: int) -> bool:
        hand = self.hands[who]
        able = hand.available and not hand.locked and self.here(who) == "assignable"
        return able and self.active(who) + self.freed.get(who, 0) < hand.capacity

    def excluded(self, piece: Piece) -> set[int]:
        return {who for who, (_, until) in piece.kept.items() if until is None or until > self.now}

    def down(self, moment: float) -> bool:
        return any(outage.over(moment) for outage in self.outages)

    def thresholds(self) -> Iterator[float]:
        """Every moment at which something changes by the clock alone."""
        for post in self.posts.values():
            yield from (post.grace, post.warn, post.deadline, (post.delivered or post.at) + DISCONNECT)
        for piece in self.pieces.values():
            yield piece.until
            yield from (until for _, until in piece.kept.values() if until is not None)
        yield from (outage.end + DISCONNECT for outage in self.outages if outage.end is not None)
        yield from ((self.last_wake or 0.0) + SILENCE, self.web_beat + WEB_SILENCE)
        yield from self.presence.thresholds(DISCONNECT)

    # What arrives and what people do
    def file(self, pool: int, size: str, priority: int) -> int:
        self.filed += 1
        self.pieces[self.filed] = Piece(self.filed, pool, size, priority, self.now)
        return self.filed

    def ack(self, number: int) -> None:
        post = self.posts[number]
        post.delivered = self.now if post.delivered is None else post.delivered
        self.hands[post.who].run = 0

    def complete(self, number: int, *, asks: bool = False) -> None:
        piece, post = self.pieces[number], self._close(number)
        piece.state = "waiting" if asks else "completed"
        piece.preferred = post.who if asks else piece.preferred

    def let_go(self, number: int, verb: str) -> None:
        """Decline, release, or (by the dispatcher) disconnected."""
        post = self.posts[number]
        warned = post.warned or post.warn <= self.now
        unnoticed = self.silent and self.now - (self.last_wake or 0.0) > SILENCE
        if warned and post.delivered is not None and not self.down(self.now) and not unnoticed:
            self._miss(number, self.now)
        else:
            self._give_back(number, None if verb == "disconnected" else verb)

    def snooze(self, number: int, seconds: float) -> None:
        if self.posts[number].warned:
            raise Refused
        piece, post = self.pieces[number], self._close(number)
        piece.state, piece.until, piece.preferred = "snoozed", self.now + seconds, post.who

    def escalate(self, number: int) -> None:
        self._close(number)
        self.pieces[number].state = "escalated"

    def set_available(self, who: int, available: bool) -> None:
        hand = self.hands[who]
        if available and hand.locked:
            raise Refused
        hand.available = available
        hand.run = 0 if available else hand.run

    # What supervisors do
    def assign(self, number: int, who: int, *, ignore: bool) -> None:
        piece, hand = self.pieces[number], self.hands[who]
        if piece.state not in ("queued", "snoozed", "escalated") or hand.locked:
            raise Refused
        if not ignore and not (hand.available and self.active(who) < hand.capacity):
            raise Refused
        self._open(piece, who)
        if ignore:
            hand.overrides = max(hand.overrides, self.active(who) - hand.capacity)

    def transfer(self, number: int, who: int, *, ignore: bool) -> None:
        post = self.posts.get(number)
        if post is None or self.hands[who].locked:
            raise Refused
        left = self.active(who) - (post.who == who)
        if not ignore and not (self.hands[who].available and left < self.hands[who].capacity):
            raise Refused
        self.revoke(number)
        self.assign(number, who, ignore=ignore)

    def revoke(self, number: int) -> None:
        if number not in self.posts:
            raise Refused
        self._give_back(number, "supervisor")

    def cancel(self, number: int) -> None:
        if number in self.posts:
            self._close(number)
        self.pieces[number].state, self.pieces[number].stranded = "cancelled", False

    def requeue(self, number: int) -> None:
        if self.pieces[number].state != "escalated":
            raise Refused
        self.pieces[number].state = "queued"

    def set_capacity(self, who: int, capacity: int) -> None:
        self.hands[who].capacity = capacity
        self.hands[who].overrides = max(0, self.active(who) - capacity)

    def lock(self, who: int, *, by_strikes: bool = False) -> None:
        for number in [n for n, post in self.posts.items() if post.who == who]:
            self._give_back(number, "locked")
        if not self.hands[who].locked:
            self.hands[who].locked, self.hands[who].available = True, False
            self.hands[who].by_strikes = by_strikes

    def unlock(self, who: int) -> None:
        hand = self.hands[who]
        if hand.locked:
            hand.locked, hand.baseline = False, sum(1 for blow in self.blows if blow.who == who)

    # How assignments begin and end
    def _open(self, piece: Piece, who: int) -> None:
        deadline = self.now + SLA[piece.size]
        self.posts[piece.number] = Post(who, self.now, self.now + GRACE, deadline - WARNING, deadline)
        piece.state, piece.stranded, piece.until = "assigned", False, 0.0
        self.turns += 1
        self.hands[who].turn = self.turns

    def _close(self, number: int) -> Post:
        post = self.posts.pop(number)
        hand = self.hands[post.who]
        hand.overrides = min(hand.overrides, max(0, self.active(post.who) - hand.capacity))
        return post

    def _keep(self, piece: Piece, who: int, why: str, until: float | None) -> None:
        """A miss weighs most, and what is for good isn't shortened."""
        before = piece.kept.get(who)
        if before is None or before[1] is not None or why == "missed":
            piece.kept[who] = (why, until)

    def _give_back(self, number: int, why: str | None, until: float | None = None) -> None:
        piece, post = self.pieces[number], self._close(number)
        piece.state = "queued"
        if why is not None:
            self._keep(piece, post.who, why, until)

    def _miss(self, number: int, end: float) -> bool:
        """Returns whether it locks the account."""
        piece, post = self.pieces[number], self._close(number)
        struck = not self.down(end) and len(piece.missers) < MISSERS
        piece.missers.add(post.who)
        piece.state = "escalated" if len(piece.missers) >= MISSERS else "queued"
        self._keep(piece, post.who, "missed", None)
        if struck:
            self.blows.append(Blow(post.who, end))
        if not struck or self.strikes(post.who) < LOCKS_AT:
            return False
        self.lock(post.who, by_strikes=True)
        return True

    # The dispatcher
    def quick(self) -> None:
        """A pool that is open again is so from the next whole wake on."""
        paused, self.paused = self.paused, self.paused | self.paused_then
        self._give_out(set(), queue=self._queue(stranded=True), stranded=False)
        self.paused = paused

    def settle(self) -> None:
        """A wake, and again until there is nothing to do."""
        self._reckon()
        self.paused_then = set(self.paused)
        while True:
            for piece in self.pieces.values():
                if piece.state == "snoozed" and piece.until <= self.now:
                    piece.state, piece.until = "queued", 0.0
            queue, before = self._queue(stranded=True), [self.active(who) for who in range(len(self.hands))]
            barred, acted = self._clocks() if self._settled() else (set(), False)
            # Places that the clock made free go with the reviews that it put back: to the oldest, the next time round.
            self.freed = {who: count - self.active(who) for who, count in enumerate(before)}
            acted = self._give_out(barred, stranded=True, queue=queue) or acted
            self.freed = {}
            if not acted:
                return

    def _settled(self) -> bool:
        return self.presence.known and not any(outage.end is None for outage in self.outages)

    def _reckon(self) -> None:
        if self.last_wake is not None and self.now - self.last_wake > SILENCE:
            self._happened(Outage("dispatcher", self.last_wake, self.now))
        self.last_wake = self.now
        down = {} if self.presence.known else {"valkey": self.now}
        if self.now - self.web_beat > WEB_SILENCE:
            down["web"] = self.web_beat
        lasting = {outage.component for outage in self.outages if outage.end is None}
        for component in sorted(down.keys() - lasting):
            self._happened(Outage(component, down[component]))
        for outage in self.outages:
            if outage.end is None and outage.component not in down:
                outage.end = self.now
        self._credit()

    def _happened(self, outage: Outage) -> None:
        """What ended under it was our fault after all: those strikes are void, and a lock by them alone is undone."""
        self.outages.append(outage)
        wronged = {blow.who for blow in self.blows if not blow.voided and outage.over(blow.end)}
        for blow in self.blows:
            blow.voided = blow.voided or outage.over(blow.end)
        for hand in (self.hands[who] for who in wronged if self.strikes(who) < LOCKS_AT):
            hand.locked = hand.locked and not hand.by_strikes

    def _credit(self) -> None:
        """Once nothing is down, what was down together counts once."""
        if any(outage.end is None for outage in self.outages):
            return
        known = union([(o.start, o.end or 0.0) for o in self.outages if o.credited])
        for outage in self.outages:
            outage.credited = True
        for post in self.posts.values():
            for start, end in without(union([(o.start, o.end or 0.0) for o in self.outages]), known):
                if start < post.deadline and end > post.at:
                    self._extend(post, end - max(start, post.at), end)

    def _extend(self, post: Post, given: float, end: float) -> None:
        post.deadline, post.warn = post.deadline + given, post.warn + given
        post.grace = min(max(post.grace + given, end + GRACE), post.deadline)

    def _clocks(self) -> tuple[set[int], bool]:
        barred: set[int] = set()
        acted = False
        for number, post in sorted(self.posts.items(), key=lambda one: self._due(one[1])):
            if self.posts.get(number) is not post:
                continue  # taken away with a lock in this very wake
            acted = self._clock(number, post, barred) or acted
        return barred, acted

    def _due(self, post: Post) -> float:
        soon = [post.deadline, *([] if post.warned else [post.warn])]
        return min(soon + ([] if post.delivered is not None else [post.grace]))

    def _clock(self, number: int, post: Post, barred: set[int]) -> bool:
        if post.delivered is None:
            return self._undelivered(number, post, barred)
        if post.deadline <= self.now:
            if self._miss(number, post.deadline):
                barred.add(post.who)
        elif self.here(post.who) == "offline" and self.now - self._gone_since(post) >= DISCONNECT:
            self.let_go(number, "disconnected")
            barred |= {post.who} if self.hands[post.who].locked else set()
        elif post.warn <= self.now and not post.warned:
            post.warned = True
        else:
            return False
        return True

    def _gone_since(self, post: Post) -> float:
        since = [post.delivered or post.at, self.presence.gone_since(post.who)]
        return max(since + [outage.end for outage in self.outages if outage.end is not None])

    def _undelivered(self, number: int, post: Post, barred: set[int]) -> bool:
        if min(post.grace, post.deadline) > self.now or self.here(post.who) == "unknown":
            return False
        self._give_back(number, "undelivered", self.now + REST)
        hand = self.hands[post.who]
        hand.run += 1
        hand.available = hand.available and hand.run != UNDELIVERED
        barred.add(post.who)
        return True

    def _queue(self, *, stranded: bool) -> list[Piece]:
        found = [p for p in self.pieces.values() if p.state == "queued" and (stranded or not p.stranded)]
        return sorted(found, key=lambda piece: piece.rank)

    def _give_out(self, barred: set[int], *, stranded: bool, queue: list[Piece] | None = None) -> bool:
        acted = False
        for piece in self._queue(stranded=stranded) if queue is None else queue:
            who = None if piece.pool in self.paused else self._choice(piece, barred)
            if who is not None:
                self._open(piece, who)
                acted = True
            elif stranded:
                acted = self._nobody(piece, barred) or acted
        return acted

    def _choice(self, piece: Piece, barred: set[int]) -> int | None:
        able = [who for who, hand in enumerate(self.hands) if piece.pool in hand.pools and self.free(who)]
        able = [who for who in able if who not in self.excluded(piece) and who not in barred]
        if piece.preferred in able:
            return piece.preferred
        return min(able, key=lambda who: (self.hands[who].turn, who), default=None)

    def _nobody(self, piece: Piece, barred: set[int]) -> bool:
        """Whether somebody will come for it; where all have declined they are asked again."""
        members = {who for who, hand in enumerate(self.hands) if piece.pool in hand.pools}
        kept = self.excluded(piece)
        hopeless = piece.pool in self.paused or not any(self._present(who) for who in members - kept - barred)
        reasons = {piece.kept[who][0] for who in kept}
        if hopeless and piece.pool not in self.paused and members <= kept and "declined" in reasons:
            piece.kept = {who: why for who, why in piece.kept.items() if why[0] != "declined"}
            return True
        unsure = any(not self.hands[who].locked and self.here(who) == "unknown" for who in members - barred)
        changes = piece.stranded != hopeless and not (hopeless and unsure)
        piece.stranded = hopeless if changes else piece.stranded
        return changes

    def _present(self, who: int) -> bool:
        hand = self.hands[who]
        return hand.available and not hand.locked and self.here(who) in ("assignable", "online")
