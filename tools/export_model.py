"""Make the fast model out of the packaged one: `python tools/export_model.py [FOLDER]`, once at set-up.

The reference is written as an ONNX graph, its large matrices become eight-bit numbers, and what comes out is compared
with the reference on the lines of our own practice postings. Below LEAST_SPEARMAN no folder is left: exit code 3.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TQDM_DISABLE="1")

import msgspec
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from transformers import AutoModel

from app.bots.match import fast_model
from app.bots.match.embedder import Model, packaged_model
from app.bots.match.fast_model import MADE, MODEL, TOKENIZER, FastModel, Made, Probe, Unusable, Vectors
from app.practice.catalogue import lines

REFUSED = 3
LEAST_SPEARMAN = 0.99
PROBES = ("A nurse on a surgical ward", "Payment services in Python and PostgreSQL, on call one week in six", "")
ONNXRUNTIME = "com.microsoft"  # the domain of its own operators
ACTIVATION_TOP = 127
# Seven bits and no more: processors without VNNI add two products in sixteen bits, and 2 × 255 × 127 would not fit.
WEIGHT_TOP = 63
TABLE_TOP = 127
TABLE_ROWS = 1000  # a table of embeddings that is worth it: the words; not the positions
Array = np.ndarray[Any, np.dtype[Any]]


class Sentence(torch.nn.Module):
    """Token ids and their mask to unit vectors, as sentence-transformers does it: the mean over the tokens."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden = self.inner(input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids)).last_hidden_state
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def export(source: str, path: Path) -> None:
    """The reference as a graph in fp32, any number of texts of any length."""
    inner = AutoModel.from_pretrained(source, attn_implementation="eager").eval()
    ids = torch.ones(2, 8, dtype=torch.long)
    axes = {"ids": {0: "texts", 1: "tokens"}, "mask": {0: "texts", 1: "tokens"}, "vectors": {0: "texts"}}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the exporter's age; its successor wants onnxscript
        torch.onnx.export(
            *(Sentence(inner), (ids, torch.ones_like(ids)), str(path)), dynamo=False, opset_version=17,
            input_names=["ids", "mask"], output_names=["vectors"], dynamic_axes=axes,
        )  # fmt: skip


class Rewrite:
    """A graph whose large matrices become whole numbers, node by node.

    What flows between them is rounded by a scale for each token, not for each batch: that is closer to the reference,
    and a text's vector doesn't depend on its neighbours in the batch.
    """

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.matrices = {one.name: one for one in graph.initializer if len(one.dims) == 2}
        self.constants = {one.name: one for one in graph.initializer}
        self.nodes: list[onnx.NodeProto] = []
        self.rounded: set[str] = set()
        for name, value in (("per", 1 / ACTIVATION_TOP), ("least", 1e-12), ("one", 1)):
            self.keep(f"q.{name}", np.asarray(value, dtype=np.float32))
        self.keep("q.middle", np.asarray(128, dtype=np.uint8))
        for node in graph.node:
            self.take(node)

    def take(self, node: onnx.NodeProto) -> None:
        if node.op_type == "MatMul" and node.input[1] in self.matrices:
            self.multiply(*node.input, node.output[0])
        elif node.op_type == "Gather" and self.is_table(node.input[0]):
            self.look_up(*node.input, node.output[0])
        else:
            self.nodes.append(node)

    def is_table(self, name: str) -> bool:
        return name in self.matrices and int(self.matrices[name].dims[0]) >= TABLE_ROWS

    def keep(self, name: str, value: Array) -> None:
        self.constants[name] = numpy_helper.from_array(value, name)

    def add(self, kind: str, inputs: list[str], out: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))

    def store(self, name: str, axis: int, top: int) -> None:
        """The matrix in whole numbers up to `top`, with one scale for all that lies along `axis`."""
        values = numpy_helper.to_array(self.matrices[name])
        scale = np.maximum(np.abs(values).max(axis=axis, keepdims=True), 1e-12) / top
        self.keep(f"{name}.q", np.round(values / scale).astype(np.int8))
        self.keep(f"{name}.scale", (scale[0] if axis == 0 else scale).astype(np.float32))
        self.constants.pop(name, None)

    def round(self, flow: str) -> None:
        """Each token's numbers around the middle of a byte, and their scale; once for all that read the same."""
        if flow in self.rounded:
            return
        self.rounded.add(flow)
        self.add("Abs", [flow], f"{flow}.abs")
        self.add("ReduceMax", [f"{flow}.abs"], f"{flow}.max", axes=[-1], keepdims=1)
        self.add("Mul", [f"{flow}.max", "q.per"], f"{flow}.step")
        self.add("Max", [f"{flow}.step", "q.least"], f"{flow}.scale")
        self.add("Div", [flow, f"{flow}.scale"], f"{flow}.even")
        self.add("QuantizeLinear", [f"{flow}.even", "q.one", "q.middle"], f"{flow}.q")

    def multiply(self, flow: str, matrix: str, out: str) -> None:
        self.store(matrix, axis=0, top=WEIGHT_TOP)
        self.round(flow)
        whole = [f"{flow}.q", f"{matrix}.q", "q.one", f"{matrix}.scale", "q.middle"]
        self.add("MatMulIntegerToFloat", whole, f"{out}.even", domain=ONNXRUNTIME)
        self.add("Mul", [f"{out}.even", f"{flow}.scale"], out)

    def look_up(self, table: str, at: str, out: str) -> None:
        self.store(table, axis=1, top=TABLE_TOP)
        self.add("Gather", [f"{table}.q", at], f"{out}.q")
        self.add("Gather", [f"{table}.scale", at], f"{out}.scale")
        self.add("Cast", [f"{out}.q"], f"{out}.even", to=TensorProto.FLOAT)
        self.add("Mul", [f"{out}.even", f"{out}.scale"], out)


def eight_bits(source: Path, path: Path) -> None:
    """The graph at `source`, rewritten to `path`: a quarter of its size."""
    model = onnx.load(source)
    made, old = Rewrite(model.graph), model.graph
    graph = helper.make_graph(made.nodes, old.name, old.input, old.output, list(made.constants.values()))
    versions = [*model.opset_import, helper.make_opsetid(ONNXRUNTIME, 1)]
    onnx.save(helper.make_model(graph, opset_imports=versions, ir_version=model.ir_version), path)


def ranks(values: Vectors) -> Array:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def spearman(some: Vectors, others: Vectors) -> float:
    """How alike two sets of vectors rank the pairs of their texts by cosine."""
    pairs = np.triu_indices(len(some), 1)
    return float(np.corrcoef(ranks((some @ some.T)[pairs]), ranks((others @ others.T)[pairs]))[0, 1])


def sign(folder: Path, reference: Model, texts: list[str]) -> Made:
    """Look at the model in `folder` beside the reference and write what was found into it. Raises Unusable."""
    probes = [Probe(text, vector.tolist()) for text, vector in zip(PROBES, reference.encode([*PROBES]), strict=True)]
    hashes = {name: fast_model.sha256(folder / name) for name in (MODEL, TOKENIZER)}
    made = Made(fast_model.NAME, hashes, spearman=0.0, min_cosine=0.0, probes=probes)
    (folder / MADE).write_bytes(msgspec.json.encode(made))
    fast, right = FastModel(folder).encode(texts), reference.encode(texts)
    cosines = np.sum(fast * right, axis=1)
    made = msgspec.structs.replace(made, spearman=spearman(right, fast), min_cosine=float(cosines.min()))
    (folder / MADE).write_bytes(msgspec.json.encode(made))
    return made


def make(folder: Path, source: str) -> Made:
    """A new folder with the model of `source` in it, signed. Raises Unusable."""
    folder.mkdir()
    folder.chmod(0o755)
    export(source, folder / "fp32.onnx")
    eight_bits(folder / "fp32.onnx", folder / MODEL)
    (folder / "fp32.onnx").unlink()
    shutil.copyfile(Path(source) / TOKENIZER, folder / TOKENIZER)
    made = sign(folder, Model(source), lines())
    if not made.spearman >= LEAST_SPEARMAN:
        raise Unusable(f"its rank correlation with the reference is {made.spearman:.4f}, below {LEAST_SPEARMAN}")
    return made


def install(target: Path) -> Made:
    """Make it beside `target`, then put it there: half a model is never in its place. Raises Unusable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as half:
        made = make(Path(half) / "made", packaged_model())
        if target.exists():
            target.rename(Path(half) / "old")
        (Path(half) / "made").rename(target)
    return made


def main(arguments: list[str]) -> int:
    torch.set_num_threads(1)
    try:
        made = install(Path(arguments[0]) if arguments else fast_model.home())
    except Unusable as why:
        print(f"refused: {why}")
        return REFUSED
    print(f"rank correlation {made.spearman:.4f} with the reference, poorest cosine {made.min_cosine:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
