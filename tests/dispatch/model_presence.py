"""Who is here, as the store of presence may know it: sockets of web processes, told in batches, and lost with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

STALE, TTL, PROCESS, QUIET = 20.0, 35.0, 5.0, 5.0
NEVER = -1e9
Tab = tuple[int, int]


@dataclass
class Store:
    """What Valkey holds. A socket's beat is None while it is fresh: then its process's beat counts."""

    since: float = NEVER
    touched: float = 0.0
    processes: dict[int, float] = field(default_factory=dict)
    sockets: dict[tuple[int, Tab], float | None] = field(default_factory=dict)
    left: dict[int, float] = field(default_factory=dict)


class Presence:
    """Tabs are the truth on the people's side; `store` what was told of them."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.tabs: dict[Tab, float] = {}  # (person, tab) → last beat
        self.mute: set[int] = set()  # whose pages have stopped beating
        self.process = 1
        self.web = True
        self.valkey = True
        self.known = False
        self.store = Store()
        self._closing: list[tuple[int, float | None]] = []  # person, and the last beat of a socket that was stale

    def passes(self, now: float) -> None:
        """People's pages go on beating, and those who live go on looking."""
        for tab in self.tabs:
            if self.web and tab[0] not in self.mute:
                self.tabs[tab] = now

    def touch(self, now: float) -> None:
        if self.store.touched == NEVER or now - self.store.touched > QUIET:
            self.store.since = now
        self.store.touched = now

    def flush(self, now: float) -> None:
        """The web process tells the store; one that forgot it hears everything."""
        if not (self.web and self.valkey):
            return
        self.touch(now)
        for who, beat in self._closing:
            self.store.left[who] = max(self.store.left.get(who, NEVER), now if beat is None else beat)
        self._closing = []
        mine = {key for key in self.store.sockets if key[0] == self.process}
        for key in mine:
            del self.store.sockets[key]
        for tab, beat in self.tabs.items():
            self.store.sockets[self.process, tab] = beat if now - beat > STALE else None
        self.store.processes[self.process] = now

    def look(self, now: float) -> None:
        """The dispatcher reads."""
        self.known = self.valkey
        if self.valkey:
            self.touch(now)

    def connect(self, tab: Tab, now: float) -> None:
        self.tabs[tab] = now
        self.mute.discard(tab[0])
        self.passes(now)

    def disconnect(self, tab: Tab, now: float, *, stale: bool) -> None:
        beat = self.tabs.pop(tab)
        self._closing.append((tab[0], beat if stale else None))

    def flushall(self) -> None:
        self.store = Store(touched=NEVER)

    def web_dies(self) -> None:
        self.web, self._closing = False, []

    def web_comes(self, now: float) -> None:
        """A new process; all pages that are still open come back."""
        self.web, self.process = True, self.process + 1
        self.tabs = dict.fromkeys(self.tabs, now)
        self.mute.clear()

    # What is known of a person
    def _beats(self, who: int) -> list[tuple[float, bool]]:
        """The sockets' last beats, and whether each is fresh."""
        mine = [(key[0], beat) for key, beat in self.store.sockets.items() if key[1][0] == who]
        return [(self.store.processes[p] if beat is None else beat, beat is None) for p, beat in mine]

    def of(self, who: int, now: float) -> str:
        if not self.known:
            return "unknown"
        beats = self._beats(who)
        if any(fresh and now - beat < PROCESS for beat, fresh in beats):
            return "assignable"
        if beats and now - max(beat for beat, _ in beats) < TTL:
            return "online"
        return "unknown" if now - self.store.since < TTL else "offline"

    def gone_since(self, who: int) -> float:
        """Of what was before the store came back nothing is known."""
        beats = [beat for beat, _ in self._beats(who)]
        return max([*beats, self.store.left.get(who, NEVER)]) if beats or who in self.store.left else self.store.since

    def thresholds(self, disconnect: float) -> Iterator[float]:
        yield self.store.since + TTL
        yield self.store.since + disconnect
        yield self.store.touched + QUIET
        for beat in self.tabs.values():
            yield beat + STALE
        for who in range(self.people):
            for beat in (*(b for b, _ in self._beats(who)), self.gone_since(who)):
                yield from (beat + PROCESS, beat + TTL, beat + disconnect)
