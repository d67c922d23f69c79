"""The one decision on where bots and fetchers may connect: a name is resolved once, checked, and pinned.

Refused: every address that isn't public (loopback, private, link-local, metadata, shared, reserved, multicast, and IPv4
addresses of that kind wrapped in IPv6), and every port but 80 and 443. The one exception is the practice origin, which
must be written exactly as the setting writes it.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec

from app.errors import AppError
from app.words import gettext as _
from app.words import later

PORTS: Final = frozenset({80, 443})
RESOLVE_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 15.0
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]

# Public by the registries, and yet a cloud's inside (Azure's host agent), or a tunnel that ends at any IPv4 address.
_INSIDE: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("168.63.129.16/32", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "::/96", "fec0::/10")
)


class Refused(AppError):
    """This address is not for bots and fetchers."""

    kind = "address-refused"
    title = later("This address can't be reached from here")


class Unresolved(OSError):
    """The name has no address just now."""


class Target(msgspec.Struct, frozen=True):
    """A permitted destination: the name that was asked for, and the addresses it is pinned to, in order."""

    host: str
    port: int
    addresses: tuple[str, ...]


def is_public(text: str) -> bool:
    """Whether this literal address belongs to the open internet."""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address.version == net.version and address in net for net in _INSIDE):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def origin_of(url: str | None) -> tuple[str, int] | None:
    """(host, port) of a URL, the host in lower case; None without one."""
    if not url:
        return None
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    except ValueError:
        return None
    return (parts.hostname.lower(), port) if parts.hostname else None


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, by the system's resolver, in its order. Raises Unresolved."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as why:
        raise Unresolved(f"{host} has no address: {why or 'no answer'}") from why
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard:
    """Says where a connection may go. Holds no state, so one serves all."""

    def __init__(
        self, practice_origin: str | None = None, *, resolver: Resolver = resolve, outside: bool = True
    ) -> None:
        self._origin = practice_origin
        self._practice = origin_of(practice_origin)
        self._resolve = resolver
        self._outside = outside

    def sealed(self) -> "Guard":
        """The same without the outside: nothing but the practice origin can be reached."""
        return Guard(self._origin, resolver=self._resolve, outside=False)

    def is_practice(self, url: str) -> bool:
        """Whether this URL is on the practice board."""
        return self._practice is not None and origin_of(url) == self._practice

    async def check(self, host: str, port: int) -> Target:
        """Where `host:port` may be reached. Raises Refused (with host and port in `extra`) or Unresolved.

        A name with several addresses is refused if any of them is: otherwise the next look-up picks the bad one.
        """
        name = host.strip("[]").lower()
        if (name, port) == self._practice:
            return Target(name, port, tuple(await self._resolve(name, port)))
        if not self._outside:
            raise Refused(f"From the practice board nothing leads on to {name}.", host=name, port=port)
        if port not in PORTS:
            raise Refused(f"Port {port} is not used by job sites.", host=name, port=port)
        addresses = await self._resolve(name, port)
        if not addresses or not all(is_public(address) for address in addresses):
            raise Refused(f"{name} is not on the open internet.", host=name, port=port)
        return Target(name, port, tuple(addresses))

    async def objection(self, url: str) -> str | None:
        """Why nothing is sent to an address that somebody gave us, in words; None where nothing speaks against it.

        A name without an address just now passes: names come and go, and each connection asks again.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError:
            return _("This is not an address.")
        if self.is_practice(url):
            return None
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            return _("Takes an https address without a name or password in it.")
        try:
            await self.check(parts.hostname, port)
        except Refused as why:
            return why.detail
        except Unresolved:
            return None
        return None

    async def open(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Check and connect to the pinned address. Raises Refused, Unresolved or OSError."""
        target = await self.check(host, port)
        failure: OSError = Unresolved(f"{host} has no address")
        for address in target.addresses[:4]:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(address, port)
            except OSError as why:  # TimeoutError is one
                failure = why
        raise failure
