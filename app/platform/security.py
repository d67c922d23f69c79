"""Passwords, tokens, and what is encrypted at rest."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

_passwords = PasswordHash((Argon2Hasher(),))


def hash_password(password: str) -> str:
    """argon2id with the library's current costs (about 30 ms)."""
    return _passwords.hash(password)


def verify_password(password: str, hashed: str) -> bool:
    try:
        return _passwords.verify(password, hashed)
    except UnknownHashError:
        return False


def new_token() -> str:
    """256 bits for a session, a ticket or a link, URL-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token: a stolen table opens nothing."""
    return hashlib.sha256(token.encode()).digest()


class Vault:
    """Encrypts with the first key, decrypts with any, so that keys can be rotated."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def decrypt(self, data: bytes) -> str | None:
        """None when no key fits."""
        try:
            return self._fernet.decrypt(data).decode()
        except InvalidToken:
            return None


def keys_of(configured: Sequence[str], home: Path) -> list[str]:
    """The configured keys, or one made once and kept under `home` with mode 0600."""
    if configured:
        return list(configured)
    kept = home / "secret.key"
    if not kept.exists():
        _make_key(kept)
    return [kept.read_text().strip()]


def _make_key(kept: Path) -> None:
    """Written beside and linked into place: of two processes that start at once, one key wins whole."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(Fernet.generate_key().decode())
    with contextlib.suppress(FileExistsError):
        os.link(draft, kept)
    draft.unlink()
