from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from app.platform.chromium import find

ROOT = Path(__file__).parents[2]


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


set_up, build_static = tool("set_up"), tool("build_static")


def test_the_hash_changes_with_the_lock_and_with_nothing_else(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("x==1")
    first = set_up.digest(tmp_path, "a.lock")
    os.utime(lock, (1, 1))
    assert set_up.digest(tmp_path, "a.lock") == first
    lock.write_text("x==2")
    assert set_up.digest(tmp_path, "a.lock") != first


def test_an_old_python_is_told_in_one_line_and_touches_nothing(tmp_path: Path) -> None:
    """Run from a folder of its own: a set-up that went on would find nothing to work with there."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "set_up.py", tmp_path / "tools")
    script = "import sys; sys.version_info = (3, 9, 2); sys.argv = ['x'];"
    script += "from tools import set_up; sys.exit(set_up.main())"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert "3.11" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["tools"]


def test_a_stamp_is_fresh_until_its_value_differs(tmp_path: Path) -> None:
    path = tmp_path / "set-up.json"
    assert not set_up.Stamp(path).fresh("runtime", "1")
    set_up.Stamp(path).keep("runtime", "1")
    assert set_up.Stamp(path).fresh("runtime", "1")
    assert not set_up.Stamp(path).fresh("runtime", "2")
    assert not set_up.Stamp(path).fresh("dev", "1")


def test_a_torn_stamp_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "set-up.json"
    path.write_text('{"runtime": ')
    assert not set_up.Stamp(path).fresh("runtime", "1")


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Set-up on a project of two lock files, its commands noted instead of run."""
    (tmp_path / "requirements.lock").write_text("x==1")
    (tmp_path / "requirements-dev.lock").write_text("y==1")
    (tmp_path / "pyproject.toml").write_text("")
    noted: list[str] = []

    def environment(home: Path) -> Path:
        (home / "bin").mkdir(parents=True)
        (home / "bin" / "python").touch()
        (home / "set-up.json").unlink(missing_ok=True)
        noted.append("venv")
        return home / "bin" / "python"

    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    monkeypatch.setattr(set_up, "environment", environment)
    monkeypatch.setattr(set_up, "pip", lambda python, *arguments: noted.append(arguments[-1]))
    return noted


def test_packages_are_installed_once_per_lock(tmp_path: Path, steps: list[str]) -> None:
    home = tmp_path / ".venv"
    set_up.python_packages(home, dev=False)
    assert steps == ["venv", set_up.TORCH, "requirements.lock", "."]
    steps.clear()
    set_up.python_packages(home, dev=False)
    assert steps == []
    set_up.python_packages(home, dev=True)
    assert steps == ["requirements-dev.lock"]
    steps.clear()
    (tmp_path / "requirements-dev.lock").write_text("y==2")
    set_up.python_packages(home, dev=True)
    assert steps == ["requirements-dev.lock"]


def test_an_interrupted_install_is_begun_again(
    tmp_path: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(python: Path, *arguments: str) -> None:
        raise subprocess.CalledProcessError(1, ["pip"])

    with monkeypatch.context() as broken_pip:
        broken_pip.setattr(set_up, "pip", broken)
        with pytest.raises(subprocess.CalledProcessError):
            set_up.python_packages(tmp_path / ".venv", dev=False)
    assert not set_up.Stamp(tmp_path / ".venv" / "set-up.json").kept


@pytest.fixture
def exporting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Runs the set-up's step of the fast model with this as its tool; the lines that were said."""
    said: list[str] = []
    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    monkeypatch.setattr(set_up, "say", said.append)
    (tmp_path / "tools").mkdir()
    home = tmp_path / ".venv"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python").symlink_to(sys.executable)

    def run(script: str) -> list[str]:
        said.clear()
        (tmp_path / "tools" / "export_model.py").write_text(script)
        set_up.fast_model(home)
        return said.copy()

    return run


def test_the_fast_model_is_made_once(exporting: Callable[[str], list[str]]) -> None:
    assert exporting("print('made: 0.995')")[-1] == "the fast model: made: 0.995"
    assert exporting("print('made: 0.995')") == []
    assert len(exporting("print('made in another way')")) == 2


def test_a_refused_model_is_told_in_one_line_and_not_made_again(exporting: Callable[[str], list[str]]) -> None:
    refusal = "print('refused: 0.98'); raise SystemExit(3)"
    assert exporting(refusal)[1:] == ["no fast model, the slower one serves: refused: 0.98"]
    assert exporting(refusal) == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("import os; os.kill(os.getpid(), 9)", "exit code -9"),
        ("import time; time.sleep(60)", "more than"),
    ],
)
def test_a_broken_export_is_told_in_one_line_and_tried_again(
    exporting: Callable[[str], list[str]], script: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_up, "EXPORT_SECONDS", 2 if "sleep" in script else 60)
    for _ in range(2):
        (told,) = exporting(script)[1:]
        assert told.startswith("no fast model, the slower one serves: ")
        assert words in told


def test_locks_hold_no_torch_no_paths_and_no_hosts() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text().splitlines()
        pinned = [line for line in lines if "==" in line]
        assert not [line for line in pinned if line.startswith(("torch==", "nvidia", "triton"))]
        assert not [line for line in lines if "://" in line or "file:" in line or line.startswith("-")]
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all("resolved" not in package for package in packages.values())


def test_the_checks_are_locked_to_the_products_versions() -> None:
    def pins(name: str) -> dict[str, str]:
        lines = (ROOT / name).read_text().splitlines()
        return dict(line.rstrip(" \\").split("==") for line in lines if "==" in line and line[0].isalpha())

    product, checks = pins("requirements.lock"), pins("requirements-dev.lock")
    assert product
    assert {name: checks.get(name) for name in product} == product


def site(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / "static" / "src" / name.replace("__", "/").replace("_", ".", 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for package_file in build_static.VENDOR.values():
        path = root / "node_modules" / package_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("// library")
    return root


def test_names_change_with_contents_and_with_what_they_refer_to(tmp_path: Path) -> None:
    sources = {"app_css": 'a{background:url("sign.svg#x")}', "sign_svg": "<svg/>", "b_js": "export const b = 1;"}
    root = site(tmp_path, **sources, a_js='import { b } from "./b.js";')
    first = build_static.build(root)
    dist = root / "static" / "dist"
    assert first["sign.svg"] + "#x" in (dist / first["app.css"]).read_text()
    assert f'"./{first["b.js"]}"' in (dist / first["a.js"]).read_text()
    assert json.loads((dist / "manifest.json").read_text()) == first
    site(root, b_js="export const b = 2;")
    second = build_static.build(root)
    assert second["a.js"] != first["a.js"]
    assert second["app.css"] == first["app.css"]
    assert not (dist / first["a.js"]).exists()


def test_types_in_comments_may_refer_to_one_another(tmp_path: Path) -> None:
    comment = '/** @typedef {import("./%s.js").T} T */'
    build_static.build(site(tmp_path, a_js=comment % "b", b_js=comment % "a"))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a_js": 'import "./gone.js";'}, "there is no gone.js"),
        ({"a_css": "a{background:url(gone.png)}"}, "there is no gone.png"),
        ({"a_js": 'import "./b.js";', "b_js": 'import "./a.js";'}, "in a circle"),
    ],
)
def test_a_wrong_reference_stops_the_build_in_one_line(tmp_path: Path, files: dict[str, str], words: str) -> None:
    with pytest.raises(SystemExit, match=words):
        build_static.build(site(tmp_path, **files))


def test_a_configured_chromium_is_never_passed_over(tmp_path: Path) -> None:
    assert find(str(tmp_path / "gone")) is None
    own = tmp_path / "browser"
    own.write_text("#!/bin/sh\n")
    assert find(str(own)) is None
    own.chmod(0o755)
    assert find(str(own)) == own


def test_playwrights_own_chromium_is_found_where_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert find(None) is None
    newest = tmp_path / "chromium-1200" / "chrome-linux64" / "chrome"
    newest.parent.mkdir(parents=True)
    newest.touch(mode=0o755)
    assert find(None) == newest


def test_without_any_chromium_one_line_says_what_to_do(tmp_path: Path) -> None:
    """As an ordinary user: nothing is installed, the exit code is 1 and the line names three ways out."""
    script = (
        "import sys; sys.argv = ['x']; from tools import set_up as s;"
        " s.python_packages = s.browser_packages = lambda *a, **k: None; sys.exit(s.main())"
    )
    environ = {"PATH": str(tmp_path), "CABRANK_CHROMIUM": "/nonexistent", "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert "CABRANK_CHROMIUM" in done.stdout
