"""The little of HTTP/1.1 that a forward proxy has to understand. Pure."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

import msgspec

MAX_HEAD: Final = 128 * 1024
_HOP: Final = {
    b"connection",
    b"proxy-connection",
    b"proxy-authorization",
    b"proxy-authenticate",
    b"keep-alive",
}


class BadRequest(ValueError):
    """Not a request that a proxy can serve; the message says why."""


class Head(msgspec.Struct, frozen=True):
    """A first line in its three parts, and the header fields in order, names as they came."""

    first: tuple[bytes, bytes, bytes]
    fields: tuple[tuple[bytes, bytes], ...]

    def value(self, name: bytes) -> bytes | None:
        """The first field of this (lower-case) name."""
        return next((value for key, value in self.fields if key.lower() == name), None)


class Destination(msgspec.Struct, frozen=True):
    """Where a request wants to go, and what its first line says there."""

    host: str
    port: int
    path: bytes


def parse_head(raw: bytes) -> Head:
    """Read a head up to and with its empty line. Raises BadRequest."""
    lines = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
    parts = lines[0].split(b" ", 2)
    if len(parts) < 2:
        raise BadRequest("the first line is not HTTP")
    fields = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip() or b"\r" in value or b"\n" in value:
            raise BadRequest("a header field is not HTTP")
        fields.append((name, value.strip()))
    return Head((parts[0], parts[1], parts[2] if len(parts) > 2 else b""), tuple(fields))


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError as why:
        raise BadRequest("the address is no address") from why


def _host_port(netloc: str, default: int) -> tuple[str, int]:
    parts = _split(f"//{netloc}")
    try:
        port = parts.port
    except ValueError as why:
        raise BadRequest("the port is no port") from why
    if not parts.hostname or parts.username is not None:
        raise BadRequest("there is no host, or there is a user name")
    return parts.hostname, port or default


def destination(head: Head) -> Destination:
    """Where this request wants to go: CONNECT with host:port, anything else with a whole http:// address."""
    target = head.first[1].decode("latin-1")
    if head.first[0] == b"CONNECT":
        host, port = _host_port(target, 443)
        return Destination(host, port, b"")
    parts = _split(target)
    if parts.scheme != "http":
        raise BadRequest("only http:// and CONNECT are served")
    host, port = _host_port(parts.netloc, 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(host, port, path.encode("latin-1"))


def _written(first: bytes, fields: list[tuple[bytes, bytes]]) -> bytes:
    return b"\r\n".join([first, *(name + b": " + value for name, value in fields), b"", b""])


def once(head: Head, path: bytes) -> bytes:
    """The request as its host gets it: no word of the proxy, and the connection is for this request alone."""
    kept = [(name, value) for name, value in head.fields if name.lower() not in _HOP]
    return _written(b" ".join([head.first[0], path, b"HTTP/1.1"]), [*kept, (b"Connection", b"close")])


def closing(head: Head) -> bytes:
    """The answer as the browser gets it: it must not use this connection again."""
    kept = [(name, value) for name, value in head.fields if name.lower() not in _HOP]
    both = [(b"Connection", b"close"), (b"Proxy-Connection", b"close")]
    return _written(b" ".join(part for part in head.first if part), [*kept, *both])


def interim(head: Head) -> bool:
    """Whether this answer is a 1xx that another one follows."""
    return head.first[1].startswith(b"1") and head.first[1] != b"101"


def plain(status: int, reason: str, text: str, extra: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """A short answer of the proxy's own."""
    body = text.encode()
    fields = [
        (b"Content-Type", b"text/plain; charset=utf-8"),
        (b"Content-Length", str(len(body)).encode()),
        (b"Connection", b"close"),
        *extra,
    ]
    return _written(f"HTTP/1.1 {status} {reason}".encode(), fields) + body
