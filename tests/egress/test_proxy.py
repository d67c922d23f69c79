"""The forward proxy, spoken to by hand."""

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest

from app.platform.egress.guard import Guard
from app.platform.egress.proxy import Proxy


class Echo:
    """A host that keeps what came and answers with what it is told to."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.open = 0
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
        self.drop = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.seen.append(head)
            if self.drop:
                return
            writer.write(self.answer)
            await writer.drain()
            while b"Connection: close" not in head and await reader.read(100):
                pass
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.open -= 1
            writer.close()


class World:
    def __init__(self, host: Echo, port: int, proxy: Proxy) -> None:
        self.host, self.port, self.proxy = host, port, proxy

    async def dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", int(self.proxy.login.server.rsplit(":", 1)[1]))

    def sign_in(self) -> bytes:
        login = self.proxy.login
        word = base64.b64encode(f"{login.username}:{login.password}".encode())
        return b"Proxy-Authorization: Basic " + word + b"\r\n"

    async def ask(self, first: str, fields: bytes | None = None) -> bytes:
        reader, writer = await self.dial()
        writer.write(first.encode() + b"\r\n" + (self.sign_in() if fields is None else fields) + b"\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        return answer


@pytest.fixture
async def world() -> AsyncIterator[World]:
    host = Echo()
    server = await asyncio.start_server(host, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Proxy(Guard(f"http://127.0.0.1:{port}")) as proxy:
        yield World(host, port, proxy)


async def test_a_request_is_passed_on_alone_and_without_the_credential(world: World) -> None:
    answer = await world.ask(f"GET http://127.0.0.1:{world.port}/a?b=c HTTP/1.1")
    assert answer.endswith(b"ok")
    assert b"Connection: close" in answer
    assert b"keep-alive" not in answer
    assert world.host.seen == [b"GET /a?b=c HTTP/1.1\r\nConnection: close\r\n\r\n"]


async def test_without_the_credential_nothing_is_served(world: World) -> None:
    for fields in (b"", b"Proxy-Authorization: Basic YnJvd3Nlcjp3cm9uZw==\r\n"):
        assert b" 407 " in await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1", fields)
    assert world.host.seen == []


@pytest.mark.parametrize(
    "first",
    [
        "GET http://localhost/ HTTP/1.1",
        "GET http://169.254.169.254/latest/meta-data/ HTTP/1.1",
        "CONNECT 10.0.0.1:443 HTTP/1.1",
        "CONNECT [::1]:443 HTTP/1.1",
        "CONNECT 1.1.1.1:22 HTTP/1.1",
    ],
)
async def test_inside_addresses_get_403(world: World, first: str) -> None:
    assert b" 403 " in await world.ask(first)
    assert world.proxy.counts["refused"] == 1


@pytest.mark.parametrize(
    "first",
    [
        "GET / HTTP/1.1",
        "GET ftp://1.1.1.1/ HTTP/1.1",
        "GET http://u@1.1.1.1/ HTTP/1.1",
        "GET http://[::1/ HTTP/1.1",
        "X",
    ],
)
async def test_what_is_no_proxy_request_ends_the_connection(world: World, first: str) -> None:
    assert await world.ask(first) == b""
    assert world.proxy.counts["failed"] == 1


async def test_a_host_that_hangs_up_is_a_502_and_not_a_broken_connection(world: World) -> None:
    world.host.drop = True
    answer = await world.ask(f"POST http://127.0.0.1:{world.port}/ HTTP/1.1")
    assert b" 502 " in answer
    assert len(world.host.seen) == 1


async def test_close_all_ends_tunnels_on_both_sides_and_new_ones_work(world: World) -> None:
    tunnels = []
    for _ in range(3):
        reader, writer = await world.dial()
        writer.write(f"CONNECT 127.0.0.1:{world.port} HTTP/1.1\r\n".encode() + world.sign_in() + b"\r\n")
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await reader.readuntil(b"ok")).endswith(b"ok")
        tunnels.append((reader, writer))
    assert world.proxy.open_links == world.host.open == 3
    assert world.proxy.close_all() == 3
    for reader, writer in tunnels:
        assert await _rest(reader) == b""
        writer.close()
    await asyncio.sleep(0.05)
    assert world.proxy.open_links == world.host.open == 0
    assert (await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1")).endswith(b"ok")


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def test_a_browser_that_moves_too_much_is_cut_off() -> None:
    host = Echo()
    host.answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 500_000
    server = await asyncio.start_server(host, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Proxy(Guard(f"http://127.0.0.1:{port}"), max_bytes=200_000) as proxy:
        answer = await World(host, port, proxy).ask(f"GET http://127.0.0.1:{port}/ HTTP/1.1")
        assert len(answer) < 300_000
