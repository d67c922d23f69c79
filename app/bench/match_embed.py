"""`cabrank bench match-embed`: the fast model beside plain sentence-transformers, each in a process of its own.

Both read the same texts of about 184 tokens, in turns, so that what else the machine does meets both alike.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil

from app.bench.rig.report import machine, show
from app.bots.match import embedder, fast_model
from app.errors import NotFound
from app.platform.clock import monotonic
from app.practice.catalogue import lines

ROOT = Path(__file__).parents[2]
WORDS = 143  # of our postings' lines: 184 tokens
TEXTS, ROUNDS = 64, 5


class Side(msgspec.Struct, frozen=True):
    """One of the two: how soon it was ready, what it holds in memory (PSS), texts a second in the median round."""

    model: str
    load_seconds: float
    pss_mb: float
    per_second: float


class EmbedRates(msgspec.Struct, frozen=True):
    """`ratio`: the median over the rounds of fast by plain; both sides have `threads` threads."""

    ratio: float
    ratios: list[float]
    fast: Side
    plain: Side
    texts: int
    threads: int


def pieces(texts: int = TEXTS) -> list[str]:
    """Our postings' lines, joined to texts of WORDS words; they begin again where they end."""
    words = " ".join(lines()).split()
    found = [" ".join(words[start : start + WORDS]) for start in range(0, len(words) - WORDS, WORDS)]
    return [found[n % len(found)] for n in range(texts)]


class Child:
    """A process with one model in it, which encodes the texts each time it is told to."""

    def __init__(self, folder: str, texts: int, threads: int) -> None:
        began = monotonic()
        self._texts = texts
        command = [sys.executable, "-m", "app.bench.match_embed", folder, str(texts), str(threads)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.model = self._line()
        self.load_seconds = monotonic() - began

    def _line(self) -> str:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the measured process ended: exit code {self._process.wait()}")
        return line.strip()

    def round(self) -> float:
        """Texts a second."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self._texts / float(self._line())

    def side(self, rates: list[float]) -> Side:
        held = psutil.Process(self._process.pid).memory_full_info().pss / 2**20
        return Side(self.model, round(self.load_seconds, 2), round(held, 1), round(statistics.median(rates), 1))

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def _child(folder: str, texts: int, threads: int) -> Iterator[Child]:
    child = Child(folder, texts, threads)
    try:
        yield child
    finally:
        child.end()


def measure(*, rounds: int = ROUNDS, texts: int = TEXTS, threads: int = 1, folder: Path | None = None) -> EmbedRates:
    """Both models in turns, `rounds` times each after one that warms them; `folder`: a fast model, else set-up's.

    Raises NotFound where there is none.
    """
    folder = folder or fast_model.home()
    if not fast_model.is_one(folder):
        raise NotFound(f"There is no fast model at {folder}; run make setup")
    with _child(str(folder), texts, threads) as fast, _child(embedder.packaged_model(), texts, threads) as plain:
        for child in (fast, plain):
            child.round()
        rates = [(fast.round(), plain.round()) for _ in range(rounds)]
        ratios = [round(one / other, 2) for one, other in rates]
        quick, slow = fast.side([rate for rate, _ in rates]), plain.side([rate for _, rate in rates])
    return EmbedRates(statistics.median(ratios), ratios, quick, slow, texts, threads)


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    told: dict[str, Any] = {"bench": "match-embed", "machine": machine()}
    show(told | msgspec.to_builtins(measure()), as_json=as_json)
    return 0


def _serve(folder: str, count: int, threads: int) -> None:
    """In the child: a line with the model's name when it is ready, then the seconds of each round."""
    os.environ.update(OMP_NUM_THREADS=str(threads), TQDM_DISABLE="1")
    fast_model.THREADS = embedder.THREADS = threads
    path = Path(folder)
    model = fast_model.FastModel(path) if fast_model.is_one(path) else embedder.Model(folder)
    texts = pieces(count)
    print(model.name, flush=True)
    for _ in sys.stdin:
        began = monotonic()
        model.encode(texts)
        print(monotonic() - began, flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
