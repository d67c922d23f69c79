"""Chromium sends a POST again by itself when a reused connection breaks. Over TLS the proxy sees only tunnels, so what
prevents it is that all of them are closed at arming. The first test shows the danger, the second that it is gone."""

import asyncio
import datetime
import hashlib
import ssl
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.bots.apply.browser import Chromium
from app.bots.apply.gate import Gate
from app.bots.apply.plan import Facts, Upload
from app.bots.apply.sites import Site
from app.bots.apply.walk import Confirmed, Unknown, Walk
from app.platform.egress.guard import Guard
from app.platform.egress.proxy import Proxy
from app.seekers.types import Profile

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
RESUME = b"%PDF-1.4\n" + bytes(range(256)) * 4096 + b"\n%%EOF"
FORM = b"""<!doctype html><title>Apply</title><form method=post action=/submit enctype=multipart/form-data>
<label>Full name<input name=name required></label><label>Email<input type=email name=email required></label>
<label>Resume<input type=file name=resume required></label><button>Submit application</button></form>"""
THANKS = b"<!doctype html><title>Done</title><p>Thank you for applying. Your application number is TLS-1001</p>"


class Employer:
    """Keeps connections alive; `break_reused` cuts a reused one after it has received the application."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.reused: list[bool] = []
        self.break_reused = False
        self.break_all = False
        self.origin = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = 0
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
                )
                body = await reader.readexactly(size)
                if head.startswith(b"POST"):
                    self.bodies.append(body)
                    self.reused.append(served > 0)
                    if self.break_all or (self.break_reused and served > 0):
                        writer.transport.abort()
                        return
                page = THANKS if head.startswith(b"POST") else FORM
                length = str(len(page)).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + length + b"\r\n\r\n" + page
                )
                await writer.drain()
                served += 1
        except (asyncio.IncompleteReadError, OSError):
            writer.close()


@pytest_asyncio.fixture(loop_scope="module")
async def employer(tmp_path: Path) -> AsyncIterator[Employer]:
    found = Employer()
    server = await asyncio.start_server(found.handle, "127.0.0.1", 0, ssl=_context(tmp_path))
    found.origin = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    server.close()


def _context(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "employer")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "pair.pem").write_bytes(pem + key.private_bytes(*form))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pair.pem")
    return context


async def _apply(chromium: Chromium, employer: Employer) -> Any:
    known = Profile(name="Ada Byron", email="ada@example.org")
    resume = Upload("Ada Byron.pdf", len(RESUME), hashlib.sha256(RESUME).hexdigest())
    facts = Facts(known=known, given={}, bank={}, resume=resume, employer="X", today=date(2026, 11, 23))

    async def nothing(*_: object) -> None:
        return None

    gate = Gate(site=Site(), rehearsal=False, marks=("ada@example.org",))
    async with chromium.session(Guard(employer.origin), gate, nothing, ignore_https_errors=True) as session:
        return await Walk(session, facts, RESUME, nothing).through(employer.origin + "/")


async def test_without_the_closing_it_arrives_twice(
    chromium: Chromium, employer: Employer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Proxy, "close_all", lambda self: 0)
    employer.break_reused = True
    await _apply(chromium, employer)
    assert employer.reused == [True, False]


async def test_with_it_the_whole_file_arrives_once_on_a_fresh_connection(
    chromium: Chromium, employer: Employer
) -> None:
    employer.break_reused = True
    outcome = await _apply(chromium, employer)
    assert isinstance(outcome, Confirmed)
    assert outcome.confirmation == "TLS-1001"
    assert employer.reused == [False]
    assert RESUME in employer.bodies[0]


async def test_a_fresh_connection_that_breaks_is_not_tried_again(chromium: Chromium, employer: Employer) -> None:
    employer.break_all = True
    outcome = await _apply(chromium, employer)
    assert isinstance(outcome, Unknown)
    assert employer.reused == [False]
