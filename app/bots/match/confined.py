"""Runs what reads strangers' files: a process of its own, which sets its own limits, with nothing of ours in reach."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]


async def ask(module: str, *args: str, data: bytes, seconds: float) -> tuple[bytes, int | None]:
    """What `python -m module args` says to `data`, and its exit code; killed after so long, it has said nothing."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *args),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(data), seconds)
    except TimeoutError:
        out = b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out, process.returncode
