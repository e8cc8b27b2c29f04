"""Key of an encrypted database (ChaCha20-Poly1305 per page), as passed to SQLite."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from desktop.errors import StoreError
from desktop.text.phrases import phrase

ID_BYTES = 16
"""Number of unencrypted bytes at the beginning of a file, which contain the id of its key."""

_SECRET_BYTES = 32
_CIPHER = "chacha20"
_LAYER = "multipleciphers-"  # how the file layers that encrypt are called


@dataclass(frozen=True, slots=True)
class Key:
    """A key of 256 random bits, used directly, so that opening needs no key derivation.

    Every file begins with the `id` of its key, a fingerprint that does not reveal the key.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def make(cls) -> Key:
        """Return a new random key."""
        return cls(secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def from_text(cls, text: str) -> Key | None:
        """Parse a key, or return None if the text is invalid."""
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            return None
        return cls(secret) if len(secret) == _SECRET_BYTES else None

    @property
    def text(self) -> str:
        """The key as stored in a keyring."""
        return self.secret.hex()

    @property
    def id(self) -> str:
        """Identifier of the key in hex."""
        return hashlib.sha256(self.secret).digest()[:ID_BYTES].hex()

    def apply(self, connection: apsw.Connection) -> None:
        """Set the key on a new connection.

        Raises:
            StoreError: If the connection would not encrypt its files.
        """
        if not (connection.vfsname("main") or "").startswith(_LAYER):
            raise StoreError(phrase("SQLite's VFS does not support encryption. Nothing was written."))
        for name, value in (("cipher", _CIPHER), ("key", self.raw)):
            if connection.pragma(name, value) is None:  # pyright: ignore[reportUnknownMemberType]
                raise StoreError(phrase("This build of SQLite does not support encryption. Nothing was written."))

    @property
    def raw(self) -> str:
        """The key and the unencrypted beginning of its files, in SQLite's format."""
        return f"raw:{self.text}{self.id}"


def uri(path: Path, key: Key | None) -> str:
    """Return the URI of a file for SQLite, with the key or without encryption."""
    return f"{path.absolute().as_uri()}?" + ("key=" if key is None else f"cipher={_CIPHER}&key={key.raw}")
