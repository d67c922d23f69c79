"""A small program that tells who it is and waits, for the supervisor's tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def main(folder: Path, how: str) -> None:
    (folder / str(os.getpid())).touch()
    if how == "crash":
        sys.exit(3)
    if how == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if how == "parent":
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        (folder / str(grandchild.pid)).touch()
    time.sleep(600)


main(Path(sys.argv[1]), sys.argv[2])
