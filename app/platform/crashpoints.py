"""Named places where a test may kill the process, to prove what survives.

Does nothing unless CABRANK_CRASH_POINT is set.
"""

import os
import signal

VARIABLE = "CABRANK_CRASH_POINT"


def here(name: str) -> None:
    """Die at once, as by kill -9, if the environment names this point."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
