"""How Chromium is started: quiet, sealed, and tied to the life of its parent."""

import shutil
import stat
from pathlib import Path
from typing import Final

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
    "--disable-features=MediaRouter,OptimizationHints,AutofillServerCommunication,WebTransport",
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
