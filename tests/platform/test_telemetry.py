"""What a log line must never hold."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys
from app.platform import telemetry
telemetry.configure("test", form=sys.argv[1])
log = telemetry.get_logger("test")
def fails(resume):
    raise RuntimeError("it broke")
try:
    fails("a resume that is nobody's business")
except RuntimeError:
    log.exception("failed", password="hunter2", session_token="abc123")
"""


@pytest.mark.parametrize("form", ["json", "people"])
def test_a_traceback_tells_neither_locals_nor_secrets(form: str) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, form], capture_output=True, text=True, check=True)
    assert "it broke" in done.stderr
    assert "(hidden)" in done.stderr
    for secret in ("hunter2", "abc123"):
        assert secret not in done.stderr
    # the call's own source line may be quoted; the value of the local must not be
    assert "nobody's business" not in done.stderr
