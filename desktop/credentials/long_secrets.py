"""Stores long secrets in keyrings with short items: in chunks with a manifest, to detect incomplete writes."""

from __future__ import annotations

import hashlib
import secrets

from desktop.credentials.backends import Backend
from desktop.errors import CredentialError, SecretTorn
from desktop.text.phrases import phrase

_MARK = "paragone-pieces:"
_MOST = 64
"""Maximum number of chunks of one secret. Paragone writes no manifest with more."""


def read(backend: Backend, service: str, account: str) -> str | None:
    """Return a secret, or None. Chunks are joined if it was split.

    Raises:
        SecretTorn: If the chunks do not match the manifest.
    """
    kept = backend.read(service, account)
    if kept is None or not kept.startswith(_MARK):
        return kept
    generation, count, digest = _manifest(kept)
    pieces = [backend.read(service, _piece(account, generation, index)) for index in range(count)]
    whole = "".join(piece or "" for piece in pieces)
    if None in pieces or hashlib.sha256(whole.encode()).hexdigest() != digest:
        raise SecretTorn(phrase("The keyring contains only part of this key."))
    return whole


def write(backend: Backend, service: str, account: str, secret: str) -> None:
    """Store a secret, splitting it if it exceeds the keyring's limit. The old secret's chunks are deleted last.

    If interrupted at any point, the account has either the complete old secret or the complete new one.

    Raises:
        CredentialError: If the secret is too long to be read again. Nothing is changed then.
    """
    before = backend.read(service, account)
    if not secret.startswith(_MARK) and (backend.limit is None or len(secret) <= backend.limit):
        backend.write(service, account, secret)
    else:
        size = backend.limit or len(secret)
        pieces = [secret[start : start + size] for start in range(0, len(secret), size)]
        if len(pieces) > _MOST:
            raise CredentialError(phrase("The value is too long for the keyring."))
        generation = secrets.token_hex(4)
        for index, piece in enumerate(pieces):
            backend.write(service, _piece(account, generation, index), piece)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        backend.write(service, account, f"{_MARK}{generation}:{len(pieces)}:{digest}")
    _erase_pieces(backend, service, account, before)


def keep(backend: Backend, service: str, account: str, secret: str) -> None:
    """Write a secret and read it back, because some keyrings accept secrets that they do not store.

    Raises:
        CredentialError: If the secret cannot be read back.
    """
    write(backend, service, account, secret)
    if read(backend, service, account) != secret:
        raise CredentialError(phrase("The keyring accepted the key but did not return it."))


def erase(backend: Backend, service: str, account: str) -> None:
    """Delete a secret: first its manifest, then the chunks that the manifest lists."""
    before = backend.read(service, account)
    if before is not None:
        backend.erase(service, account)
    _erase_pieces(backend, service, account, before)


def _erase_pieces(backend: Backend, service: str, account: str, manifest: str | None) -> None:
    if manifest is None or not manifest.startswith(_MARK):
        return
    try:
        generation, count, _ = _manifest(manifest)
    except SecretTorn:  # the list of chunks is lost
        return
    for index in range(count):
        backend.erase(service, _piece(account, generation, index))


def _manifest(text: str) -> tuple[str, int, str]:
    generation, _, rest = text.removeprefix(_MARK).partition(":")
    count, _, digest = rest.partition(":")
    if not count.isdecimal() or not 0 < int(count) <= _MOST:
        raise SecretTorn(phrase("The keyring contains only part of this key."))
    return generation, int(count), digest


def _piece(account: str, generation: str, index: int) -> str:
    return f"{account} [{generation}.{index}]"
