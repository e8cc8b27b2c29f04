"""Long secrets in keyrings of short ones: pieces, a manifest that is written last, and torn ones noticed."""

from __future__ import annotations

import hashlib
import secrets

from desktop.credentials.backends import Backend
from desktop.errors import CredentialError, SecretTorn
from desktop.text.phrases import phrase

_MARK = "paragone-pieces:"
_MOST = 64
"""Pieces of one secret; a manifest that tells of more is none of ours."""


def read(backend: Backend, service: str, account: str) -> str | None:
    """A secret, put together where it was split. Raises SecretTorn where the pieces do not fit."""
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
    """Keep a secret, in pieces where it is longer than the keyring takes; the older one's pieces go last.

    Whenever this is broken off, the account holds the old secret or the new one, whole. Raises CredentialError for one
    that is too long to be read again; then nothing is changed.
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
    """Write a secret, and see that it is there: some keyrings take what they do not keep. Raises CredentialError."""
    write(backend, service, account, secret)
    if read(backend, service, account) != secret:
        raise CredentialError(phrase("The keyring accepted the key but did not return it."))


def erase(backend: Backend, service: str, account: str) -> None:
    """Forget a secret and all its pieces, as far as the manifest tells them; that goes first."""
    before = backend.read(service, account)
    if before is not None:
        backend.erase(service, account)
    _erase_pieces(backend, service, account, before)


def _erase_pieces(backend: Backend, service: str, account: str, manifest: str | None) -> None:
    if manifest is None or not manifest.startswith(_MARK):
        return
    try:
        generation, count, _ = _manifest(manifest)
    except SecretTorn:  # nobody knows any more which pieces there are
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
