"""The `cabrank` command. Each command imports what it needs when it runs: a process pays for its own libraries only."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from app.commands.options import add_commands
from app.config import ConfigError
from app.errors import AppError

BAD_SETTING = 2


class Parser(argparse.ArgumentParser):
    """An unknown command or option gets the help, and then what was wrong with it."""

    def error(self, message: str) -> NoReturn:
        self.print_help(sys.stderr)
        self.exit(BAD_SETTING, f"\n{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Every command; each names the function that runs it as `module:function`."""
    top = Parser(prog="cabrank", description="Sends job postings to bots or to people.")
    add_commands(top.add_subparsers(title="commands", metavar="COMMAND", required=True))
    return top


@contextmanager
def ended_by_ctrl_c() -> Iterator[None]:
    """While libraries load there is nothing to put in order, and Python drops an interrupt that meets a destructor."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. 2: a wrong setting or command, 1: refused or failed, each with one line."""
    given = parser().parse_args(argv)
    module, function = given.run.split(":")
    with ended_by_ctrl_c():
        command = getattr(importlib.import_module(f"app.commands.{module}"), function)
    try:
        code: int = command(given, os.environ)
    except ConfigError as wrong:
        print(wrong, file=sys.stderr)
        return BAD_SETTING
    except AppError as refused:
        print("; ".join([refused.detail, *(error.message for error in refused.errors)]), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
