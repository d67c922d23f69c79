"""The body and the token, against the RFCs: their own numbers, and a reader that knows nothing of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from app.push import message, vapid
from tests.push.browser import CURVE, Browser, bytes64, signer, text64

# RFC 8291, section 5 and appendix A
TEXT = b"When I grow up, I want to be a watermelon"
OURS = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
THEIRS = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(bytes64(text), "big"), CURVE)


def test_the_rfcs_own_message() -> None:
    made = message.encrypted(TEXT, message.read(P256DH), message.read(AUTH), salt=bytes64(SALT), own=private(OURS))
    assert text64(made) == BODY
    browser = Browser(private(THEIRS), bytes64(AUTH))
    assert text64(browser.public) == P256DH
    assert browser.read(bytes64(BODY)) == TEXT


def test_only_its_browser_reads_it_and_nothing_is_used_twice() -> None:
    browser = Browser()
    one, other = (message.encrypted(TEXT, browser.public, browser.auth) for _ in range(2))
    assert browser.read(one) == browser.read(other) == TEXT
    assert one[:16] != other[:16]
    assert one[21:86] != other[21:86]
    for stranger in (Browser(), Browser(browser.private)):  # the point alone is not enough
        with pytest.raises(InvalidTag):
            stranger.read(one)
    with pytest.raises(InvalidTag):
        browser.read(one[:-1] + bytes([one[-1] ^ 1]))


def test_what_is_too_long_is_refused_and_what_just_fits_is_not() -> None:
    browser = Browser()
    full = message.encrypted(b"x" * message.MOST_BYTES, browser.public, browser.auth)
    assert len(full) == message.RECORD
    assert len(browser.read(full)) == message.MOST_BYTES
    with pytest.raises(ValueError, match="at most"):
        message.encrypted(b"x" * (message.MOST_BYTES + 1), browser.public, browser.auth)


@pytest.mark.parametrize("text", ["a+b/", "ab c", "é", "a", "ab\n", "a=b"])
def test_no_url_safe_base64(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - there are several ways to be wrong
        message.read(text)


def test_the_token_names_the_service_and_is_signed() -> None:
    key, now = vapid.private_key(vapid.new_key()), datetime(2026, 11, 26, tzinfo=UTC)
    header = vapid.authorization(key, "https://push.example.net:444/wpush/v2/secret", "https://cabrank.test", now)
    assert "secret" not in header
    assert signer(header, "https://push.example.net:444", now=now.timestamp()) == vapid.public_text(key)
    token, _, rest = header.partition(",")
    with pytest.raises(InvalidSignature):
        signer(f"{token},{rest.replace(vapid.public_text(key), text64(Browser().public))}", "", now=now.timestamp())
    with pytest.raises(AssertionError):
        signer(header, "https://elsewhere.example.net", now=now.timestamp())
    with pytest.raises(AssertionError):
        signer(header, "https://push.example.net:444", now=(now + timedelta(hours=13)).timestamp())


def test_a_key_is_kept_whole() -> None:
    kept = vapid.new_key()
    assert len(kept) == 64
    assert vapid.public_text(vapid.private_key(kept)) == vapid.public_text(vapid.private_key(kept))
    short = vapid.private_key(f"{7:064x}")  # leading zeros are part of it
    assert short.private_numbers().private_value == 7


def test_whom_to_ask() -> None:
    assert vapid.contact("https://cabrank.example.org") == "https://cabrank.example.org"
    assert vapid.contact("http://desk.example.org:8000") == "mailto:postmaster@desk.example.org"
