"""What the browser is given: no comments, and little of it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.running.test_set_up import build_static

ROOT = Path(__file__).parents[2]
BUDGET = 25_000  # bytes of our own JavaScript, compressed


def test_comments_stay_behind_and_nothing_else_does() -> None:
    code = b"""/**
 * What it is: a * b, and /x/.
 */
import { a } from "./a.js"; // why
  // a line
const url = "https://example.test/**/x"; /** @type {number} */
  /** @param {string} text */
let b = 1; // one
const text = "if (a) { // b }";
"""
    kept = b"""import { a } from "./a.js";
const url = "https://example.test/**/x"; /** @type {number} */
let b = 1;
const text = "if (a) { // b }";
"""
    assert build_static.BEHIND.sub(b"", build_static.COMMENTS.sub(b"", code)) == kept


def test_indentation_stays_behind_and_a_text_that_would_lose_it_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("if (a) {\n  b(`${c}`);\n}\n")
    (tmp_path / "b.js").write_text("b(`one\n  two`);\n")
    builder = build_static.Builder({name: tmp_path / name for name in ("a.js", "b.js")})
    builder.build("a.js")
    assert builder.built["a.js"][1] == b"if (a) {\nb(`${c}`);\n}\n"
    with pytest.raises(SystemExit, match=r"b\.js has a text in backticks"):
        builder.build("b.js")


def test_our_javascript_stays_within_its_budget() -> None:
    builder = build_static.Builder(build_static.sources(ROOT))
    for name in builder.files:
        builder.build(name)
    ours = {n: c for n, (_, c) in builder.built.items() if n.endswith(".js") and not n.startswith("vendor/")}
    sizes = {name: len(gzip.compress(content, 9)) for name, content in ours.items()}
    assert sum(sizes.values()) <= BUDGET, sizes
