"""The scorer as the product runs it, without its processes: texts in, scores out; vectors kept between runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np

from app.bots.match import likeness, person, ranking, requirements
from app.bots.match.embedder import Vectors, load
from app.bots.match.likeness import Likeness
from app.bots.match.person import Person
from app.bots.match.ranking import Score
from app.bots.match.requirements import Needs
from app.bots.match.vectors import key_of
from app.config import Settings

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 25)  # what "present" means in resumes; fixed, so that figures can be compared


class Pair(msgspec.Struct, frozen=True):
    """One posting and one resume, both as plain text."""

    title: str
    description: str
    resume: str


class Engine:
    """Scores pairs. `home`: where vectors are kept."""

    def __init__(self, home: Path = ROOT / "var" / "eval") -> None:
        self._model = load(Settings(home=home))
        self._path = home / f"{self._model.name}.npz"
        self._known: dict[str, Vectors] = {}
        if self._path.exists():
            with np.load(self._path) as kept:
                self._known = dict(zip(kept["keys"].tolist(), kept["vectors"].astype(np.float32), strict=True))

    @property
    def model(self) -> str:
        return self._model.name

    def vectors(self, texts: Iterable[str]) -> dict[str, Vectors]:
        """One unit vector a text, in half precision as the product keeps them."""
        keys = {text: key_of(self._model.name, text) for text in dict.fromkeys(texts)}
        new = sorted((text for text, key in keys.items() if key not in self._known), key=len)
        for start in range(0, len(new), 256):
            part = new[start : start + 256]
            rounded = self._model.encode(part).astype(np.float16).astype(np.float32)
            self._known |= {keys[text]: vector for text, vector in zip(part, rounded, strict=True)}
        return {text: self._known[key] for text, key in keys.items()}

    def save(self) -> None:
        """Keep the vectors for the next run."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        keys = np.array(list(self._known))
        np.savez(self._path, keys=keys, vectors=np.stack(list(self._known.values())).astype(np.float16))

    def score(self, pairs: Sequence[Pair]) -> list[Score]:
        """The score of each pair, in order."""
        sides = [(needs_of(pair.title, pair.description), person_of(pair.resume)) for pair in pairs]
        return [ranking.score(needs, who, like) for needs, who, like in self.compared(sides)]

    def compared(self, sides: Sequence[tuple[Needs, Person]]) -> list[tuple[Needs, Person, Likeness]]:
        """Each pair with its likeness."""
        vectors = self.vectors(text for needs, who in sides for text in likeness.texts_of(needs, who))
        asked = {id(needs): likeness.asked(needs, vectors) for needs, _ in sides}
        told = {id(who): likeness.told(who, vectors) for _, who in sides}
        return [(needs, who, likeness.of_postings([asked[id(needs)]], told[id(who)])[0]) for needs, who in sides]


@lru_cache(maxsize=10_000)
def needs_of(title: str, description: str) -> Needs:
    return requirements.analyse(title, description)


@lru_cache(maxsize=2_000)
def person_of(resume: str) -> Person:
    return person.person(resume, TODAY)
