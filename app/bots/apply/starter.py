"""How Chromium is started: quiet, sealed, and tied to the life of its parent."""

import os
import shutil
import stat
from pathlib import Path
from typing import Any, Final

from app.platform.chromium import UNSEEN
from app.platform.egress.proxy import Login

# Nothing of Chromium's own may leave, and nothing of a page past the proxy: no DNS, no UDP.
QUIET: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-domain-reliability",
    f"--disable-features=MediaRouter,OptimizationHints,AutofillServerCommunication,WebTransport,{UNSEEN}",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--proxy-bypass-list=<-loopback>",
)


def tied(chromium: Path, folder: Path) -> Path:
    """A starter that ties Chromium's life to its parent's, where the system can; else Chromium itself."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return chromium
    starter = folder / "chromium"
    starter.write_text(f'#!/bin/sh\nexec "{setpriv}" --pdeathsig KILL "{chromium}" "$@"\n')
    starter.chmod(stat.S_IRWXU)
    return starter


def launch(chromium: Path, folder: Path) -> dict[str, Any]:
    """What Playwright's `launch` takes; `folder` is for the starter."""
    return {
        "executable_path": tied(chromium, folder),
        "chromium_sandbox": os.geteuid() != 0,  # Chromium's sandbox refuses to run as root
        "args": list(QUIET),
        # A context brings its own proxy; whatever belongs to none goes nowhere.
        "proxy": {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"},
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
    }


def context(login: Login) -> dict[str, Any]:
    """What Playwright's `new_context` takes: everything by way of this proxy, and nothing that stays."""
    proxy = {"server": login.server, "username": login.username, "password": login.password, "bypass": "<-loopback>"}
    return {
        "proxy": proxy,
        "service_workers": "block",
        "accept_downloads": False,
        "locale": "en-US",
        "viewport": {"width": 1280, "height": 1024},
        "permissions": [],
    }
