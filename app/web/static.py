"""Static files: built ones under their hash and cached for ever, or the sources where nothing is built yet."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from app.web.guards import public
from app.web.roots import ROOT

DIST, SRC = ROOT / "static" / "dist", ROOT / "static" / "src"
_FOR_EVER = "public, max-age=31536000, immutable"
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


@lru_cache(maxsize=4)
def _manifest(_: int) -> dict[str, str]:
    return msgspec.json.decode((DIST / "manifest.json").read_bytes(), type=dict[str, str])


def manifest() -> dict[str, str]:
    """Plain name → hashed name; empty where nothing is built. Read again when it was built again."""
    try:
        changed = (DIST / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return _manifest(changed)


def url(name: str) -> str:
    """The address of a static file by its plain name."""
    return f"/static/{manifest().get(name, name)}"


def _find(name: str) -> tuple[Path, bool]:
    """The file and whether its name carries its hash. Raises NotFoundException."""
    try:
        for folder, hashed in ((DIST, True), (SRC, False)):
            path = (folder / name).resolve()
            if path.is_relative_to(folder.resolve()) and path.is_file():
                return path, hashed and name in manifest().values()
    except (OSError, ValueError):  # a name that no file can have
        raise NotFoundException from None
    raise NotFoundException


@get("/push-worker.js", guards=[public], opt={"anonymous": True}, include_in_schema=False, sync_to_thread=True)
def push_worker() -> Response[bytes]:
    """The worker that shows what is pushed. At the root, for it reaches no further than its own folder."""
    path, _ = _find(manifest().get("push-worker.js", "push-worker.js"))
    return Response(path.read_bytes(), media_type="text/javascript", headers={"cache-control": "no-cache"})


@get("/static/{name:path}", guards=[public], opt={"anonymous": True}, include_in_schema=False, sync_to_thread=True)
def static_file(request: Request[Any, Any, Any], name: FromPath[Path]) -> Response[bytes]:
    """One file, from the two folders alone."""
    path, hashed = _find(str(name).lstrip("/"))
    mark = f'"{path.stat().st_mtime_ns:x}"'
    headers = {"cache-control": _FOR_EVER if hashed else "no-cache", "etag": mark}
    if request.headers.get("if-none-match") == mark:
        return Response(b"", status_code=304, headers=headers)
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(path.read_bytes(), media_type=media_type, headers=headers)
