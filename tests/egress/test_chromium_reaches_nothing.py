"""An SSRF corpus against real Chromium: a canary on loopback counts every connection that gets through."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from app.bots.apply.browser import BrowserGone, Chromium
from app.bots.apply.gate import Gate
from app.bots.apply.sites import Site
from app.platform.egress.guard import Guard

pytestmark = pytest.mark.browser


class Canary:
    """Counts TCP connections and UDP packets, on IPv4 and IPv6 loopback."""

    def __init__(self) -> None:
        self.touched: list[str] = []
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.touched.append("tcp")
        writer.write(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 6\r\n\r\nsecret")
        await writer.drain()
        writer.close()


class Packets(asyncio.DatagramProtocol):
    def __init__(self, canary: Canary) -> None:
        self.canary = canary

    def datagram_received(self, data: bytes, address: object) -> None:
        self.canary.touched.append("udp")


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    found = Canary()
    server = await asyncio.start_server(found.handle, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Packets(found), local_addr=("127.0.0.1", found.port))
    servers = [server]
    if socket.has_ipv6:
        servers.append(await asyncio.start_server(found.handle, "::1", found.port))
    yield found
    transport.close()
    for one in servers:
        one.close()


class Stage:
    """The one origin that is let through: serves whatever page a test puts on it."""

    def __init__(self) -> None:
        self.page = b""
        self.location = b""
        self.origin = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/away" in head.split(b"\r\n")[0]:
            writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + self.location + b"\r\n\r\n")
        else:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(self.page)}\r\n\r\n".encode()
            writer.write(head + self.page)
        await writer.drain()
        writer.close()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    found = Stage()
    server = await asyncio.start_server(found.handle, "127.0.0.1", 0)
    found.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield found


HOSTS = (
    "127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "foo.localhost",
    "127.0.0.1.nip.io",
)


async def _nothing(request: object) -> None:
    raise AssertionError("nothing is armed here")


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    browser = Chromium(None)
    yield browser
    await browser.close()


def _gate() -> Gate:
    return Gate(site=Site(), rehearsal=False, marks=())


async def test_going_there_is_refused_in_every_spelling(chromium: Chromium, canary: Canary, stage: Stage) -> None:
    async with chromium.session(Guard(stage.origin), _gate(), _nothing) as session:
        for host in HOSTS:
            for scheme in ("http", "https"):
                try:
                    status = await session.open(f"{scheme}://{host}:{canary.port}/")
                except BrowserGone:
                    status = None
                assert status in (None, 403), host
    assert canary.touched == []


async def test_a_redirect_there_is_refused(chromium: Chromium, canary: Canary, stage: Stage) -> None:
    async with chromium.session(Guard(stage.origin), _gate(), _nothing) as session:
        for host in HOSTS[:9]:
            stage.location = f"http://{host}:{canary.port}/".encode()
            assert await session.open(stage.origin + "/away") == 403
    assert canary.touched == []


PAGE = """<!doctype html><title>x</title><body><script>
const port = %d, out = [];
const hosts = %s;
for (const host of hosts) {
  const at = `${host}:${port}`;
  for (const tag of ['iframe', 'img', 'script', 'embed', 'video']) {
    const el = document.createElement(tag); el.src = `http://${at}/${tag}`; document.body.append(el);
  }
  const link = document.createElement('link'); link.rel = 'preconnect'; link.href = `http://${at}`;
  document.head.append(link);
  const dns = document.createElement('link'); dns.rel = 'prefetch'; dns.href = `http://${at}/p`;
  document.head.append(dns);
  fetch(`http://${at}/fetch`, {mode: 'no-cors'}).catch(() => 0);
  fetch(`https://${at}/fetch`, {mode: 'no-cors'}).catch(() => 0);
  try { new WebSocket(`ws://${at}/ws`); } catch (e) { out.push(String(e)); }
  try { new WebSocket(`wss://${at}/ws`); } catch (e) { out.push(String(e)); }
  try { new EventSource(`http://${at}/es`); } catch (e) { out.push(String(e)); }
  try { navigator.sendBeacon(`http://${at}/beacon`, 'x'); } catch (e) { out.push(String(e)); }
  const work = (script) => URL.createObjectURL(new Blob([script]));
  try { new Worker(work(`importScripts('http://${at}/w')`)); } catch (e) { out.push(String(e)); }
  try { new SharedWorker(work(`fetch('http://${at}/s', {mode: 'no-cors'})`)); } catch (e) { out.push(String(e)); }
  try { new WebTransport(`https://${at}/wt`).ready.catch(() => 0); } catch (e) { out.push(String(e)); }
  try {
    const peer = new RTCPeerConnection({iceServers: [{urls: `stun:${at}`},
      {urls: `turn:${at}?transport=tcp`, username: 'u', credential: 'c'}]});
    peer.createDataChannel('x'); peer.createOffer().then((o) => peer.setLocalDescription(o));
  } catch (e) { out.push(String(e)); }
}
const form = document.createElement('form'); form.method = 'post'; form.target = '_blank';
form.action = `http://127.0.0.1:${port}/form`; document.body.append(form); form.submit();
window.open(`http://localhost:${port}/popup`);
</script>"""


async def test_frames_scripts_sockets_and_packets_get_nowhere(chromium: Chromium, canary: Canary, stage: Stage) -> None:
    stage.page = (PAGE % (canary.port, list(HOSTS[:9]))).encode()
    async with chromium.session(Guard(stage.origin), _gate(), _nothing) as session:
        assert await session.open(stage.origin + "/") == 200
        await asyncio.sleep(4)
        assert session.proxy.counts["refused"] > 20
    assert canary.touched == []


async def test_the_canary_does_sing(chromium: Chromium, canary: Canary) -> None:
    """The same page on the canary's own origin is heard: the silence above means something."""
    async with chromium.session(Guard(f"http://127.0.0.1:{canary.port}"), _gate(), _nothing) as session:
        assert await session.open(f"http://127.0.0.1:{canary.port}/") == 200
    assert canary.touched
