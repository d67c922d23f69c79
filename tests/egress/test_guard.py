"""What the guard lets through and what not."""

import asyncio

import httpx
import pytest

from app.config import Settings
from app.platform.egress.guard import Guard, Refused, Unresolved, is_public
from app.platform.egress.http_client import BodyTooLarge, fetch, http_client

PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "2001:0:1::1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_inside_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_outside_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "::ffff:127.0.0.1", "0"],
)
async def test_spellings_of_loopback_are_refused(host: str) -> None:
    with pytest.raises((Refused, Unresolved)):
        await Guard().check(host, 80)


async def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    async def both(host: str, port: int) -> list[str]:
        return ["1.1.1.1", "10.0.0.1"]

    with pytest.raises(Refused):
        await Guard(resolver=both).check("example.org", 443)


async def test_a_public_name_is_pinned_to_its_addresses() -> None:
    async def one(host: str, port: int) -> list[str]:
        return ["1.1.1.1"]

    target = await Guard(resolver=one).check("Example.org", 443)
    assert (target.host, target.addresses) == ("example.org", ("1.1.1.1",))


@pytest.mark.parametrize("port", [22, 25, 5432, 6379, 8080])
async def test_other_ports_are_refused(port: int) -> None:
    with pytest.raises(Refused):
        await Guard().check("1.1.1.1", port)


async def test_only_the_practice_origin_as_written_is_let_through() -> None:
    guard = Guard("http://127.0.0.1:8099")
    assert (await guard.check("127.0.0.1", 8099)).addresses == ("127.0.0.1",)
    for host, port in [("localhost", 8099), ("127.0.0.1", 8098), ("127.1", 8099)]:
        with pytest.raises(Refused):
            await guard.check(host, port)


async def test_a_sealed_guard_knows_the_practice_origin_alone() -> None:
    guard = Guard("http://127.0.0.1:8099").sealed()
    assert (await guard.check("127.0.0.1", 8099)).addresses == ("127.0.0.1",)
    with pytest.raises(Refused):
        await guard.check("1.1.1.1", 443)
    with pytest.raises(Refused):
        await Guard().sealed().check("1.1.1.1", 443)


async def serve(answer: bytes) -> tuple[asyncio.Server, int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_a_redirect_inside_is_refused(settings: Settings) -> None:
    inside, inside_port = await serve(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret")
    location = f"http://localhost:{inside_port}/".encode()
    board, port = await serve(b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: " + location + b"\r\n\r\n")
    async with inside, board, http_client(_practice(settings, port)) as client:
        with pytest.raises(Refused):
            await fetch(client, f"http://127.0.0.1:{port}/")


async def test_a_body_past_the_limit_is_cut_off(settings: Settings) -> None:
    board, port = await serve(b"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n" + b"x" * 200_000)
    async with board, http_client(_practice(settings, port)) as client:
        with pytest.raises(BodyTooLarge):
            await fetch(client, f"http://127.0.0.1:{port}/", max_bytes=100_000)
        assert len((await fetch(client, f"http://127.0.0.1:{port}/")).body) == 200_000


async def test_a_name_without_address_is_an_ordinary_connect_error(settings: Settings) -> None:
    async with http_client(settings) as client:
        with pytest.raises(httpx.ConnectError):
            await fetch(client, "https://no-such-name.invalid/")


def _practice(settings: Settings, port: int) -> Settings:
    return Settings(home=settings.home, practice_origin=f"http://127.0.0.1:{port}")
