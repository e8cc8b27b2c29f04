"""The key of an encrypted database, and how SQLite is told it: ChaCha20 with Poly1305, page by page."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from desktop.errors import StoreError
from desktop.text.phrases import phrase

ID_BYTES = 16
"""How many bytes at an encrypted file's beginning are no cipher text: they name its key."""

_SECRET_BYTES = 32
_CIPHER = "chacha20"
_LAYER = "multipleciphers-"  # how the file layers that encrypt are called


@dataclass(frozen=True, slots=True)
class Key:
    """256 random bits. They are given to SQLite as they are: nothing is derived, so opening costs nothing.

    Every file begins with the `id` of its key, a fingerprint that tells nothing of the key itself.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def make(cls) -> Key:
        """A new random key."""
        return cls(secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def from_text(cls, text: str) -> Key | None:
        """A key from its text; None where it is none."""
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            return None
        return cls(secret) if len(secret) == _SECRET_BYTES else None

    @property
    def text(self) -> str:
        """The key as a keyring holds it."""
        return self.secret.hex()

    @property
    def id(self) -> str:
        """The key's name, in hexadecimal digits."""
        return hashlib.sha256(self.secret).digest()[:ID_BYTES].hex()

    def apply(self, connection: apsw.Connection) -> None:
        """Give the key to a connection just opened. Raises StoreError where its files would not be encrypted."""
        if not (connection.vfsname("main") or "").startswith(_LAYER):
            raise StoreError(phrase("This disk driver cannot encrypt. Nothing was written."))
        for name, value in (("cipher", _CIPHER), ("key", self.raw)):
            if connection.pragma(name, value) is None:  # pyright: ignore[reportUnknownMemberType]
                raise StoreError(phrase("This build of SQLite cannot encrypt. Nothing was written."))

    @property
    def raw(self) -> str:
        """The key and what its files begin with, as SQLite takes them."""
        return f"raw:{self.text}{self.id}"


def uri(path: Path, key: Key | None) -> str:
    """A file name for SQLite that says by which key the file is encrypted, or that it is not."""
    return f"{path.absolute().as_uri()}?" + ("key=" if key is None else f"cipher={_CIPHER}&key={key.raw}")
