"""Build `static/dist`: every file under its content's hash, and `manifest.json` from plain name to hashed name.

Sources are `static/src/**` and the few files of npm packages named in VENDOR. Relative `url(…)` and `@import` in CSS
and relative imports in JavaScript are rewritten to the hashed names, so every file may be cached for ever. A name that
refers to nothing stops the build. Comments stay behind, a third of our JavaScript, and so does indentation; a text in
backticks that goes over lines, which would lose it, stops the build.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = {
    "vendor/htmx.js": "htmx.org/dist/htmx.min.js",
    "vendor/idiomorph.js": "idiomorph/dist/idiomorph-ext.min.js",
    "vendor/uplot.js": "uplot/dist/uPlot.iife.min.js",
    "vendor/uplot.css": "uplot/dist/uPlot.min.css",
}
REFERENCES = {
    ".css": re.compile(rb"""(url\(\s*["']?|@import\s+["'])(?!data:|https?:|/|#)([^"')\s]+)"""),
    # not `{import("./x.js").Type}`: that is a comment's type, and types may well refer to one another
    ".js": re.compile(rb"""((?:\bfrom|(?<!\{)\bimport)\s*\(?\s*["'])(\.{1,2}/[^"']+)"""),
}

COMMENTS = re.compile(rb"^[ \t]*(?:/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*|//.*)\n", re.MULTILINE)
# behind code, and without what might be the end of a text that only looks like one
BEHIND = re.compile(rb"(?<=[;{},)]) // [^\"'`\n]*$", re.MULTILINE)
INDENTATION = re.compile(rb"^[ \t]+", re.MULTILINE)


class Builder:
    """Names files by what they hold, the referred-to before the referring."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.files = files
        self.built: dict[str, tuple[str, bytes]] = {}
        self.open: list[str] = []

    def build(self, name: str) -> str:
        """The hashed name of `name`; its content is then in `built`."""
        if name not in self.built:
            if name in self.open:
                raise SystemExit(f"static: {' -> '.join([*self.open, name])} refer to one another in a circle")
            self.open.append(name)
            content = self.rewritten(name, self.files[name].read_bytes())
            self.open.pop()
            path = Path(name)
            mark = hashlib.sha256(content).hexdigest()[:12]
            self.built[name] = (str(path.with_name(f"{path.stem}.{mark}{path.suffix}")), content)
        return self.built[name][0]

    def rewritten(self, name: str, content: bytes) -> bytes:
        pattern = None if name.startswith("vendor/") else REFERENCES.get(Path(name).suffix)
        if pattern is None:
            return content
        if name.endswith(".js"):
            content = BEHIND.sub(b"", COMMENTS.sub(b"", content))
            if any(line.count(b"`") % 2 for line in content.splitlines()):
                raise SystemExit(f"static: {name} has a text in backticks that goes over lines")
            content = INDENTATION.sub(b"", content)
        return pattern.sub(lambda found: found[1] + self.referred(name, found[2].decode()).encode(), content)

    def referred(self, name: str, reference: str) -> str:
        plain, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", reference).groups()  # type: ignore[union-attr]  # always matches
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), plain))
        if target not in self.files:
            raise SystemExit(f"static: {name} refers to {reference}, and there is no {target}")
        path = posixpath.relpath(self.build(target), posixpath.dirname(name) or ".")
        return ("./" if reference.startswith("./") else "") + path + mark + rest


def sources(root: Path) -> dict[str, Path]:
    """Plain name to file. Missing npm packages stop the build with one line."""
    source = root / "static" / "src"
    files = {path.relative_to(source).as_posix(): path for path in sorted(source.rglob("*")) if path.is_file()}
    for name, package_file in VENDOR.items():
        path = root / "node_modules" / package_file
        if not path.exists():
            raise SystemExit(f"static: {package_file} is missing from node_modules; run `make setup`")
        files[name] = path
    return files


def build(root: Path) -> dict[str, str]:
    """Write `static/dist` beside the old one, then swap; returns the manifest."""
    builder = Builder(sources(root))
    manifest = {name: builder.build(name) for name in builder.files}
    fresh = root / "static" / "dist.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for hashed, content in builder.built.values():
        path = fresh / hashed
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    final = root / "static" / "dist"
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)
    return manifest


if __name__ == "__main__":
    build(ROOT)
    sys.exit(0)
