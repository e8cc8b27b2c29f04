"""Recovery codes that can be written down on paper, with a checksum against typing errors."""

from __future__ import annotations

import hashlib
import secrets

from desktop.errors import RecoveryCodeWrong
from desktop.text.phrases import phrase

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none that looks like another
_ALIKE = str.maketrans("OIL", "011")
_RANDOM, _CHECK, _GROUP = 26, 2, 4
"""Number of random characters (26 of 5 bits each are 130 bits, beyond any brute-force attack), of check characters, and
of characters per group."""


def make() -> str:
    """Return a new random code in groups of four."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
    return grouped(letters + _check(letters))


def grouped(letters: str) -> str:
    """Return characters in groups with hyphens."""
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def normal(typed: str) -> str:
    """Normalize a typed code, ignoring case, whitespace and similar-looking characters.

    Raises:
        RecoveryCodeWrong: If it is incomplete or mistyped.
    """
    letters = "".join(typed.upper().translate(_ALIKE).replace("-", " ").split())
    whole = len(letters) == _RANDOM + _CHECK and all(letter in _LETTERS for letter in letters)
    if not whole or letters[_RANDOM:] != _check(letters[:_RANDOM]):
        raise RecoveryCodeWrong(phrase("This recovery code is incomplete or contains a wrong character."))
    return grouped(letters)


def _check(letters: str) -> str:
    digest = hashlib.sha256(letters.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:_CHECK])
