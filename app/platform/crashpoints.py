"""Named places where a test may kill the process, to prove what survives.

Does nothing unless CABRANK_CRASH_POINT names a place, or CABRANK_CRASH_FOLDER a folder where a file of a place's name
kills the first process that comes by there, once.
"""

import os
import signal

VARIABLE = "CABRANK_CRASH_POINT"
FOLDER = "CABRANK_CRASH_FOLDER"


def here(name: str) -> None:
    """Die at once, as by kill -9, if the environment names this point, or the folder holds it."""
    if os.environ.get(VARIABLE) == name or _taken(name):
        os.kill(os.getpid(), signal.SIGKILL)


def _taken(name: str) -> bool:
    """Whoever removes the file has it: one dies of it, not all."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return False
    try:
        os.unlink(os.path.join(folder, name))
    except FileNotFoundError:
        return False
    return True
