from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli
from app.bots.match.scale import packaged
from app.commands import places
from app.config import ConfigError, Settings
from app.errors import Unavailable


@pytest.fixture
def environ(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line on this test's own database."""
    for name in [name for name in os.environ if name.startswith("CABRANK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("REDIS_URL", str(settings.redis_url))
    monkeypatch.setenv("CABRANK_HOME", str(settings.home))


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("CABRANK_BIND", "8000", "host:port"),
        ("CABRANK_SLA_SECONDS", "soon", "whole number"),
        ("CABRANK_LIVE_SUBMISSION", "perhaps", "on or off"),
        ("DATABASE_URL", "mysql://x/y", "postgresql://"),
        ("CABRANK_REVIEW_FLOOR", "95", "at most CABRANK_AUTO_APPLY_SCORE"),
    ],
)
@pytest.mark.parametrize("command", ["up", "web", "doctor"])
def test_a_wrong_setting_stops_every_start_with_one_line(
    name: str, value: str, takes: str, command: str, tmp_path: Path
) -> None:
    environ = {"PATH": os.environ["PATH"], "CABRANK_HOME": str(tmp_path), name: value}
    argv = [sys.executable, "-m", "app.cli", command]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"{name}: got ")
    assert takes in done.stderr
    assert name != "DATABASE_URL" or value not in done.stderr  # it may hold a password


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("CABRANK_SLA_SECONDS", "--5", "whole number"),
        ("CABRANK_SECRET_KEYS", "not-a-key", "Fernet"),
        ("CABRANK_PRESENCE_TTL_SECONDS", "34", "at least 35"),
        ("CABRANK_PUBLIC_URL", "http://[::1", "a URL"),
        ("CABRANK_PRACTICE_BIND", "0.0.0.0:8099", "loopback"),
        ("CABRANK_PRACTICE_ORIGIN", "http://10.0.0.5:80", "loopback"),
    ],
)
def test_other_wrong_settings_are_told_in_one_line_too(
    name: str,
    value: str,
    takes: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CABRANK_HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    for command in ("up", "web", "doctor"):
        assert cli.main([command]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.count("\n") == 1
        assert told.err.startswith(f"{name}: got ")
        assert takes in told.err
        assert not name.endswith(("_URL", "_KEYS")) or value not in told.err  # it may hold a password


def test_an_unknown_command_gets_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["fly"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "everything: engines" in told
    assert "'fly'" in told


@pytest.mark.parametrize("arguments", [["--help"], ["users", "add", "--help"], ["sources", "--help"]])
def test_help_is_told_to_who_asks(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 0
    assert "usage: cabrank" in capsys.readouterr().out


@pytest.mark.usefixtures("environ")
def test_staff_are_added_listed_and_given_new_passwords(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["users", "add", "Kim@example.org", "--role", "operator", "--name", "Kim Park"]) == 0
    assert "password, shown this once: " in capsys.readouterr().out
    assert cli.main(["users", "add", "kim@example.org", "--role", "employee"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long enough password\n"))
    assert cli.main(["users", "set-password", "kim@example.org", "--password-stdin"]) == 0
    assert "password" in (told := capsys.readouterr().out)
    assert "a long enough password" not in told
    assert cli.main(["users", "list"]) == 0
    assert "operator    kim@example.org  Kim Park" in capsys.readouterr().out


@pytest.mark.usefixtures("environ")
def test_scales_are_listed_used_and_learned(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scale", "list"]) == 0
    told = capsys.readouterr().out
    assert f"{packaged().version:<14}active" in told
    assert "0 labels to learn from: 0 good, 0 bad" in told
    assert cli.main(["scale", "use", "2020-01-01.1"]) == 1
    assert capsys.readouterr().err == "There is no such scale.\n"
    assert cli.main(["scale", "use", packaged().version]) == 0
    assert cli.main(["scale", "refit"]) == 0
    assert "cabrank scale list" in capsys.readouterr().out


@pytest.mark.usefixtures("environ")
def test_a_short_password_and_a_bad_address_are_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert cli.main(["users", "add", "lee@example.org", "--role", "employee", "--password-stdin"]) == 1
    assert "characters" in capsys.readouterr().err
    assert cli.main(["users", "add", "lee", "--role", "employee"]) == 1
    assert "mail address" in capsys.readouterr().err


def test_without_a_running_database_one_line_says_so(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "CABRANK_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "app.cli", "users", "list"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "`cabrank up` must be running" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_home_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    environ = {"PATH": os.environ["PATH"], "CABRANK_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "up"], env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"CABRANK_HOME: got '{home}', takes")


def test_one_home_holds_one_up(tmp_path: Path) -> None:
    with places.only_one(tmp_path), pytest.raises(Unavailable, match=str(os.getpid())), places.only_one(tmp_path):
        pass
    with places.only_one(tmp_path):  # free again
        pass


def test_a_busy_address_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError, match=f"CABRANK_BIND: got '{address}', takes an address that is free"):
            places.check_free("CABRANK_BIND", address)
    places.check_free("CABRANK_BIND", address)


@pytest.mark.parametrize(
    ("address", "is_it"),
    [("127.0.0.1:1", True), ("[::1]:1", True), ("localhost:1", True), ("0.0.0.0:1", False), ("example.org:1", False)],
)
def test_loopback_is_known(address: str, is_it: bool) -> None:
    assert places.is_loopback(address) is is_it


# A finder that meets the first library of `up`: what it drops takes the interrupt, as a module's lock may.
INTERRUPTED = """
import signal, sys
from app.cli import main

class Dropped:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "app.commands.up":
            Dropped()

sys.meta_path.insert(0, Finder())
main(["up", "--no-demo"])
"""


def test_ctrl_c_ends_a_start_whose_libraries_are_still_loading(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "CABRANK_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


def test_what_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with cli.ended_by_ctrl_c():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
